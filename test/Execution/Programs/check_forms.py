"""Compiles a program whose one recurrence is chunkwise in prefill and recurrent in step, and compares both with the f64
oracle at the end of 4096 tokens, as well as the forms that --form asks for.

    check_forms.py SEQC SEQ_RUN SEQ_OPT PROGRAM WORK_FOLDER [SEQC_OPTIONS...]
"""
import json
import pathlib
import subprocess
import sys

import numpy as np

TOKENS, WIDTH = 4096, 160


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def main():
    seqc, seq_run, seq_opt, program, work, *options = sys.argv[1:]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    x, oracle = work / "x.npy", work / "oracle.npy"
    np.save(x, np.random.default_rng(0).standard_normal((1, TOKENS, 1, WIDTH)).astype(np.float32))
    run(seq_opt, program, f"--seq-interpret=function=forward inputs={x} outputs={oracle}", "-o", work / "ignored.mlir")
    expected = np.load(oracle)[0, -1]

    def compile(name, *more):
        report = work / f"{name}.json"
        run(seqc, program, "-o", work / f"{name}.seqm", f"--explain={report}", *options, *more)
        exports = json.loads(report.read_text())["targets"][0]["exports"]
        return {export: next(op for op in said["ops"] if op["op"] == "seq.retention") for export, said in exports.items()}

    def error(name, split):
        result = work / f"{name}.npy"
        run(seq_run, work / f"{name}.seqm", f"--input={x}", f"--split={split}", f"--output={result}")
        return np.abs(np.load(result)[-1].reshape(expected.shape) - expected).max() / np.abs(expected).max()

    chosen = compile("auto")
    forms = {export: op["form"] for export, op in chosen.items()}
    if forms != {"forward": "chunkwise", "prefill": "chunkwise", "step": "recurrent"}:
        sys.exit(f"the forms are {forms}")
    if chosen["prefill"]["chunk"] != 32 or "chunk" in chosen["step"]:
        sys.exit("the chunks are wrong")
    asked = {"recurrent": ["--form=recurrent"], "parallel": ["--form=parallel"],
             "long": ["--form=chunkwise", "--chunk=256"]}
    for name, more in asked.items():
        found = compile(name, *more)["step"]["form"]
        if not more[0].endswith(found):
            sys.exit(f"{more} gave {found}")
    errors = {f"{name} {split}": error(name, split) for name in ["auto", *asked]
              for split in (f"{TOKENS}", f"{TOKENS - 1},1", "17,4078,1")}
    print(errors)
    sys.exit(any(not e <= 1e-5 for e in errors.values()))


if __name__ == "__main__":
    main()
