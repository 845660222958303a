"""Compiles a .mlir file for several processors and compares its forward, and prefill and steps over splits, with the
f64 oracle.

    check_example.py SEQC SEQ_RUN SEQ_OPT EXAMPLE WORK_FOLDER CHANNELS [SEQC_OPTIONS...]
"""
import pathlib
import subprocess
import sys

import numpy as np

TOLERANCE = 2e-5


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def split(seq_run, module, work, values, lengths):
    """The results after each piece, [pieces, B, V]; the states travel through a file."""
    pieces, start, state = [], 0, work / "state.bin"
    for number, length in enumerate(lengths):
        np.save(work / "piece.npy", values[:, start:start + length])
        function = "step" if length == 1 else "prefill"
        load = [f"--load-state={state}"] if number else []
        run(seq_run, module, f"--function={function}", f"--input={work / 'piece.npy'}", f"--output={work / 'out.npy'}",
            f"--save-state={state}", *load)
        pieces.append(np.load(work / "out.npy"))
        start += length
    return np.stack(pieces)


def main():
    seqc, seq_run, seq_opt, example, work, channels, *options = sys.argv[1:]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    x, oracle, module, out = (work / name for name in ("x.npy", "oracle.npy", "m.seqm", "out.npy"))
    values = np.random.default_rng(0).standard_normal((3, 13, int(channels))).astype(np.float32)
    np.save(x, values)
    run(seq_opt, example, f"--seq-interpret=function=forward inputs={x} outputs={oracle}", "-o", work / "ignored.mlir")
    expected = np.load(oracle)
    run(seqc, example, "-o", module, *options)
    run(seq_run, module, "--function=forward", f"--input={x}", f"--output={out}")
    errors = {"forward": np.abs(np.load(out) - expected).max()}
    for lengths in ([13], [1] * 13, [5, 1, 7], [12, 1]):
        ends = np.cumsum(lengths) - 1
        pieces = split(seq_run, module, work, values, lengths)
        errors[f"split {lengths}"] = np.abs(pieces - expected[:, ends].swapaxes(0, 1)).max()
    print(errors)
    scale = max(1, np.abs(expected).max())
    sys.exit(any(not error <= TOLERANCE * scale for error in errors.values()))


if __name__ == "__main__":
    main()
