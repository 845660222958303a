"""Compiles a reference model and compares it with the results that its own library computed.

    check_model.py SEQC SEQ_RUN MODEL_FOLDER WORK_FOLDER [--tolerance 1e-4]

Checked: logits of forward (relative to the largest magnitude, at least 1), the greedy continuation where its margin is
above the noise, and that prefill and steps over several splits give the logits of the whole.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32}


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, info in header.items():
        begin, end = (8 + size + offset for offset in info["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], TYPES[info["dtype"]]).reshape(info["shape"])
    return tensors


class Model:
    def __init__(self, options):
        self.options, self.work = options, options.work
        self.work.mkdir(parents=True, exist_ok=True)
        self.module = self.work / "model.seqm"
        self.run(options.seqc, options.model, "-o", self.module)

    @staticmethod
    def run(*command):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def call(self, ids, *arguments):
        np.save(self.work / "ids.npy", ids.astype(np.int32))
        out = self.work / "out.npy"
        self.run(self.options.seq_run, self.module, f"--input={self.work / 'ids.npy'}", f"--output={out}", *arguments)
        return np.load(out)

    def forward(self, ids):
        return self.call(ids, "--function=forward")

    def split(self, ids, lengths):
        """[pieces, B, V]"""
        return self.call(ids, "--split=" + ",".join(map(str, lengths)))

    def greedy(self, ids, count):
        text = self.run(self.options.seq_run, self.module, "--prompt-ids=" + ",".join(map(str, ids)),
                        f"--max-tokens={count}", "--ignore-eos", "--json")
        return json.loads(text)["ids"]


def relative_error(actual, expected):
    return np.abs(actual.astype(np.float64) - expected).max() / max(1.0, np.abs(expected).max())


def check(what, error, tolerance, failures):
    print(f"{what}: {error:.2e}")
    if not error <= tolerance:
        failures.append(f"{what}: {error:.2e} is above {tolerance:.0e}")


def check_splits(model, ids, logits, tolerance, failures):
    time = ids.shape[1]
    for lengths in ([1] * time, [time], [3, 1, 5, time - 9], [time - 1, 1]):
        ends = np.cumsum(lengths) - 1
        pieces = model.split(ids, lengths)
        check(f"split {lengths[:4]}", relative_error(pieces, logits[:, ends].swapaxes(0, 1)), tolerance, failures)


def check_greedy(model, expected, noise, failures):
    ids = expected["prompt_ids"][0].tolist()
    want, margins = expected["greedy_ids"].reshape(-1).tolist(), expected["greedy_margin"].reshape(-1)
    got = model.greedy(ids, len(want))
    for step, (a, b) in enumerate(zip(got, want)):
        if a != b:
            if margins[step] > noise:
                failures.append(f"greedy token {step} is {a}, expected {b} (margin {margins[step]:.1e})")
            return  # what follows depends on it


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("seqc")
    arguments.add_argument("seq_run")
    arguments.add_argument("model", type=pathlib.Path)
    arguments.add_argument("work", type=pathlib.Path)
    arguments.add_argument("--logits", default="logits", help="which of a model's expected tensors")
    arguments.add_argument("--tolerance", type=float, default=1e-4)
    options = arguments.parse_args()
    expected = read_safetensors(options.model / "expected.safetensors")
    model, failures = Model(options), []
    ids, logits = expected["input_ids"], expected[options.logits].astype(np.float64)
    check("forward", relative_error(model.forward(ids), logits), options.tolerance, failures)
    check_splits(model, ids, logits, options.tolerance, failures)
    check_greedy(model, expected, 10 * options.tolerance, failures)
    sys.exit("\n".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
