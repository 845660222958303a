"""Compiles a .mlir file and compares one of its exports with the f64 oracle on random inputs.

    check_function.py SEQC SEQ_RUN SEQ_OPT PROGRAM WORK_FOLDER FUNCTION SHAPES TOLERANCE [SEQC_OPTIONS...]

SHAPES are those of the inputs, separated by commas: 2x9x64xf32, or 2x9xi64<40 for integers below 40. The tolerance is
relative to the largest magnitude of a result (at least 1).
"""
import pathlib
import subprocess
import sys

import numpy as np


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def random_input(rng, shape):
    shape, _, limit = shape.partition("<")
    *extents, element = shape.split("x")
    extents = list(map(int, extents))
    if element == "i64":
        return rng.integers(0, int(limit), extents)
    return rng.standard_normal(extents).astype({"f32": np.float32, "f64": np.float64}[element])


def main():
    seqc, seq_run, seq_opt, program, work, function, shapes, tolerance, *options = sys.argv[1:]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    inputs = []
    for number, shape in enumerate(shapes.split(",")):
        inputs.append(work / f"input{number}.npy")
        np.save(inputs[-1], random_input(rng, shape))
    module = work / "module.seqm"
    run(seqc, program, "-o", module, *options)
    listing = subprocess.run([seq_run, module, f"--function={function}", *(f"--input={file}" for file in inputs)],
                             capture_output=True, text=True)
    if listing.returncode != 0:
        sys.exit(listing.stderr)
    count = len([line for line in listing.stdout.splitlines() if "x" in line])
    expected = [work / f"expected{i}.npy" for i in range(count)]
    found = [work / f"found{i}.npy" for i in range(count)]
    run(seq_opt, program, "--seq-interpret=function={} inputs={} outputs={}".format(
        function, ",".join(map(str, inputs)), ",".join(map(str, expected))), "-o", work / "ignored.mlir")
    run(seq_run, module, f"--function={function}", *(f"--input={file}" for file in inputs),
        *(f"--output={file}" for file in found))
    wrong = not count
    for number in range(count):
        oracle = np.load(expected[number])
        error = np.abs(np.load(found[number]) - oracle).max() / max(1, np.abs(oracle).max())
        print(f"{function} result {number}: relative error {error:.2e}")
        wrong |= not error <= float(tolerance)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
