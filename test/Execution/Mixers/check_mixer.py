"""Compares the program of a mixer with published results: the oracle within 1e-6, then compiled code in every form.

    check_mixer.py TEST SOURCE_FOLDER DATA_FOLDER SEQC SEQ_OPT WORK_FOLDER
    check_mixer.py FOLDER_OF_TESTS ...                  the oracle alone, of all of them

TEST says how the program meets the published tensors (description.py). Compiled code is compared with the oracle within
the bound that docs/Spec.md states: at all positions of one call, and fed in pieces, from the given states, with the
states after the last token, for the host and for x86-64-v3, on one thread and on two. Errors are relative to the
largest magnitude of a result, at least 1.
"""
import pathlib
import re
import subprocess
import sys

import numpy as np

import accuracy
import runtime
from description import Description, read_tensors, with_parameters

ORACLE_TOLERANCE = 1e-6
FORMS = [("recurrent", 0), ("chunkwise", 16), ("chunkwise", 32), ("chunkwise", 64), ("chunkwise", 37), ("parallel", 0)]
TARGETS = ["host", "x86-64-v3"]


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def succeed(*command):
    done = run(*command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def error_of(found, expected):
    if found.shape != expected.shape:
        sys.exit(f"a result has the shape {found.shape}, expected {expected.shape}")
    error = np.abs(found - expected).max() / max(1, np.abs(expected).max())
    return np.inf if np.isnan(error) else error


def pieces_of(length):
    """Ways to cut a sequence."""
    return [[length], [1] * length, [5, 1, length - 6], [length - 1, 1], [3] * (length // 3) + [1] * (length % 3),
            [length // 2, length - length // 2]]


class Mixer:
    def __init__(self, test, source, data, seqc, seq_opt, work):
        self.seqc, self.seq_opt, self.work = seqc, seq_opt, pathlib.Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        name = pathlib.Path(test).stem
        self.about = Description(test, read_tensors(f"{data}/reference/ops/{name}.safetensors"))
        text = (pathlib.Path(source) / f"examples/mixers/{self.about.program}.mlir").read_text()
        self.program = self.work / "program.mlir"
        self.program.write_text(with_parameters(text, self.about.parameters, self.work))
        self.library = pathlib.Path(seqc).parent.parent / "lib" / "libseqrt.so.0"
        self.spec = pathlib.Path(source) / "docs/Spec.md"
        self.failed = False

    def report(self, what, error, bound):
        good = error <= bound
        self.failed |= not good
        print(f"{'ok   ' if good else 'WRONG'} {what}: {error:.1e} of {bound:.1e}")

    def arguments(self, case):
        names = re.search(rf'seqm.export "{case.function}" .*? arguments \[(.*?)\]', self.program.read_text()).group(1)
        return [case.inputs[name.strip(' "')] for name in names.split(",")]

    #--- The oracle

    def extended(self, case, what="extend"):
        return what if case.function == "forward" else f"{case.function}_{what}"

    def ask_oracle(self, case):
        """Results at all positions and states behind the last one, in f64; None for a KV state."""
        inputs = [self.work / f"input{i}.npy" for i in range(len(self.arguments(case)))]
        outputs = [self.work / f"oracle{i}.npy" for i in range(len(case.results))]
        for file, values in zip(inputs, self.arguments(case)):
            np.save(file, values)
        for file in self.work.glob("*.state*.npy"):
            file.unlink()
        for number, values in case.states.items():
            np.save(self.work / f"start.state{number}.npy", values)
        options = [f"function={self.extended(case)}", "inputs=" + ",".join(map(str, inputs)),
                   "outputs=" + ",".join(map(str, outputs)), f"save-states={self.work}/end.state"]
        if case.states:
            options.append(f"load-states={self.work}/start.state")
        succeed(self.seq_opt, self.program, "--seq-derive-steps=extend=true", "--seq-interpret=" + " ".join(options),
                "-o", "/dev/null")
        numbers = sorted({int(re.search(r"state(\d+)", file.name).group(1)) for file in self.work.glob("end.state*.npy")})
        files = [self.work / f"end.state{number}.npy" for number in numbers]
        return [np.load(file) for file in outputs], [np.load(file) if file.exists() else None for file in files]

    def check_oracle(self, case, results, states):
        for number, (found, published) in enumerate(zip(results, case.results)):
            if published is None:
                continue
            self.report(f"oracle {case.function} result {number}", error_of(found, published), ORACLE_TOLERANCE)
        for expression, published in case.finals:
            self.report(f"oracle {case.function} {expression}",
                        error_of(self.about.value(expression, states=states), published), ORACLE_TOLERANCE)

    #--- Compiled code

    def check_refused(self, form, label):
        """An op that says so itself is an error."""
        text = succeed(self.seq_opt, self.program, "--mlir-print-op-generic")
        file = self.work / "refused.mlir"
        file.write_text(text.replace("form = #seq<form auto>", f"form = #seq<form {form}>"))
        done = run(self.seqc, file, "-o", self.work / "refused.seqm")
        good = done.returncode != 0 and f"{label}:" in done.stderr
        self.failed |= not good
        print(f"{'ok   ' if good else 'WRONG'} {form} is refused: {done.stderr.strip()}")

    def feed(self, case, context, function, oracle, pieces):
        """The largest error of all results and final states. Functions that end in extend return all positions."""
        expected, states = oracle
        # An error is relative to the whole result, so that a small piece is no stricter.
        scales = [max(1, np.abs(e).max()) for e in expected]
        context.start(function(2), [case.states[i] for i in sorted(case.states)])
        error, start = 0.0, 0
        for length in pieces:
            rows, name = slice(start, start + length), function(length)
            wanted = [e[:, rows] if name.endswith("extend") else e[:, start + length - 1] for e in expected]
            found = context.call(name, [a[:, rows] for a in self.arguments(case)], [w.shape for w in wanted])
            error = max(error, *(np.abs(f - w).max() / scale if np.isfinite(f).all() else np.inf
                                 for f, w, scale in zip(found, wanted, scales)))
            start += length
        ends = context.states(function(2))
        finals = [e for e, _ in case.finals] or [f"states[{i}]" for i, s in enumerate(states) if s is not None]
        return max(error, *(error_of(self.about.value(e, states=ends), self.about.value(e, states=states))
                            for e in finals), 0.0)

    def check_case(self, module, target, case, oracle):
        """The largest error over threads and splits."""
        batch, length = self.arguments(case)[0].shape[:2]
        extend = lambda length: self.extended(case)
        step_or_prefill = lambda length: self.extended(case, "step" if length == 1 else "prefill")
        error = 0.0
        for threads in (1, 2):
            context = runtime.Context(self.library, module, target, batch, threads)
            for pieces in pieces_of(length):
                error = max(error, self.feed(case, context, extend, oracle, pieces))
                error = max(error, self.feed(case, context, step_or_prefill, oracle, pieces))
            context.close()
        return error

    def check_module(self, form, module, oracles):
        op, variables = self.about.bound
        for target in TARGETS:
            for case, oracle in zip(self.about.cases, oracles):
                tokens = self.arguments(case)[0].shape[1]
                bound = accuracy.bound(self.spec, op, {"T": tokens, **variables}, form)
                self.report(f"{form} {target} {case.function}", self.check_case(module, target, case, oracle), bound)

    def check_oracles(self):
        oracles = []
        for case in self.about.cases:
            oracles.append(self.ask_oracle(case))
            self.check_oracle(case, *oracles[-1])
        return oracles

    def forms(self):
        """The options of seqc for each form that the program may have, by the form's name."""
        forms = {"auto": []}
        for form, chunk in FORMS if self.about.has_forms else []:
            if form not in self.about.refused:
                forms[f"{form}{chunk or ''}"] = [f"--form={form}"] + ([f"--chunk={chunk}"] if chunk else [])
        return forms

    def check(self):
        oracles = self.check_oracles()
        for form, label in self.about.refused.items():
            self.check_refused(form, label)
        modules = {}
        for form, options in self.forms().items():
            code = self.code_of(options)
            if code not in modules:
                modules[code] = self.work / f"{form}.seqm"
                succeed(self.seqc, self.program, "-o", modules[code], "--extend", f"--target-cpu={','.join(TARGETS)}",
                        *options)
            self.check_module(form, modules[code], oracles)
        return self.failed

    def code_of(self, options):
        """What the program becomes before machine code, which takes most of the time: forms often share it."""
        functions = []
        for target in TARGETS:
            text = succeed(self.seqc, self.program, "--extend", "--emit=scheduled", f"--target-cpu={target}", "-o", "-",
                           *options)
            numbers = {}  # for the names of kernels, which stand in an order of their own
            text = re.sub(r"@kernel\.[\w.]+", lambda name: numbers.setdefault(name.group(), f"@{len(numbers)}"), text)
            functions.append(tuple(sorted(part.rstrip("}\n ") for part in text.split("\n  func.func "))))
        return tuple(functions)


def main():
    test, *rest = sys.argv[1:]
    if not pathlib.Path(test).is_dir():
        return Mixer(test, *rest).check()
    failed = False
    for file in sorted(pathlib.Path(test).glob("*.test")):
        print(file.stem)
        mixer = Mixer(file, *rest)
        mixer.check_oracles()
        failed |= mixer.failed
    return failed


if __name__ == "__main__":
    sys.exit(main())
