"""The .test file of a mixer: how its program (examples/mixers/NAME.mlir) meets the published tensors.

Lines that are not understood belong to lit. Values are Python expressions of NumPy over the file's tensors.

    program NAME               the program, if it is not called as the test
    input NAME = VALUE         an argument of the functions
    parameter NAME = VALUE     the values of a seqm.parameter
    forms none                 no op of the program has forms
    refuse FORM = LABEL        a form that the verifier refuses, and the rule
    bound OP; NAME = VALUE ... a row of "Accuracy" in docs/Spec.md and its variables: K, the largest `decay` (without it
                               there is none), and T where it is not the length of the case
    case EXPORT                what follows belongs to a call of this forward function
      input NAME = VALUE       another value than that of all cases
      state N = VALUE          its state number N at the beginning (otherwise states are fresh)
      result = VALUE           its next result
      result oracle            the same, but nobody has published it
      final EXPRESSION = VALUE an expression over `states`, those after the last token
"""
import json
import pathlib
import re

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "U8": np.uint8}


def read_tensors(path):
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, info in header.items():
        begin, end = (8 + size + offset for offset in info["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], TYPES[info["dtype"]]).reshape(info["shape"])
    return tensors


class Case:
    def __init__(self, function, inputs):
        self.function, self.inputs = function, dict(inputs)
        self.states, self.results, self.finals = {}, [], []


class Description:
    def __init__(self, path, tensors):
        self.program = pathlib.Path(path).stem
        self.tensors = tensors
        self.inputs, self.parameters, self.refused, self.cases = {}, {}, {}, []
        self.has_forms, self.bound = True, None
        for line in pathlib.Path(path).read_text().splitlines():
            self.parse(line.strip())

    def value(self, text, **names):
        return eval(text, {**vars(np), "np": np, **self.tensors, **names})

    def parse(self, line):
        word, _, rest = line.partition(" ")
        name, _, value = (part.strip() for part in rest.partition(" = "))
        if word == "program":
            self.program = rest
        elif word == "input":
            inputs = self.cases[-1].inputs if self.cases else self.inputs
            inputs[name] = np.ascontiguousarray(self.value(value))
        elif word == "parameter":
            self.parameters[name] = np.ascontiguousarray(self.value(value), np.float32)
        elif line == "forms none":
            self.has_forms = False
        elif word == "refuse":
            self.refused[name] = value
        elif word == "bound":
            row, *variables = rest.split(";")
            pairs = (variable.partition("=")[::2] for variable in variables)
            self.bound = row.strip(), {name.strip(): float(self.value(text.strip())) for name, text in pairs}
        elif word == "case":
            self.cases.append(Case(rest, self.inputs))
        elif word == "state":
            self.cases[-1].states[int(name)] = self.value(value)
        elif line == "result oracle":
            self.cases[-1].results.append(None)
        elif line.startswith("result = "):
            self.cases[-1].results.append(self.value(line.removeprefix("result = ")))
        elif word == "final":
            self.cases[-1].finals.append((name, self.value(value)))


def with_parameters(text, parameters, work):
    """The program with these values of its parameters, in files in the folder `work`."""
    for name, values in parameters.items():
        file = work / f"parameter.{name}.bin"
        file.write_bytes(values.tobytes())
        pattern = rf"(seqm\.parameter @{name} : [^=]*= ).*"
        text, count = re.subn(pattern, lambda found: f'{found.group(1)}#seqm.file<"{file}", offset = 0>', text)
        if count != 1:
            raise SystemExit(f"the program has no parameter @{name}")
    return text
