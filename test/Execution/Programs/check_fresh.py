"""Compiles a .mlir file and compares all its exports, which make states of their own, with the f64 oracle on random inputs.

    check_fresh.py SEQC SEQ_OPT PROGRAM WORK_FOLDER BATCH TIME TOLERANCE [SEQC_OPTIONS...]

Arguments are f32 [B,T,...]. A first call gets inputs of NaN, so that nothing it leaves in memory is of any use to
the second and the third, which are compared. The tolerance is relative to the largest magnitude of a result (at least 1).
"""
import pathlib
import re
import subprocess
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).parent.parent / "Mixers"))
import runtime


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def inputs_of(text, function, batch, time, rng):
    """Random numbers for the arguments of a function."""
    arguments = re.search(rf"func.func @{function}\((.*?)\)", text, re.DOTALL).group(1)
    shapes = [[batch, time, *map(int, dims.split("x")[:-1])] for dims in re.findall(r"tensor<\?x\?x(.*?)f32>", arguments)]
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def main():
    seqc, seq_opt, program, work, batch, time, tolerance, *options = sys.argv[1:]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    module = work / "module.seqm"
    run(seqc, program, "-o", module, *options)
    library = pathlib.Path(seqc).parent.parent / "lib" / "libseqrt.so.0"
    text = pathlib.Path(program).read_text()
    wrong = False
    for function, results in re.findall(r'seqm.export "\w+" = @(\w+) .* results \[(.*)\]', text):
        inputs = inputs_of(text, function, int(batch), int(time), np.random.default_rng(0))
        files = [work / f"input{i}.npy" for i in range(len(inputs))]
        for file, array in zip(files, inputs):
            np.save(file, array)
        outputs = [work / f"expected{i}.npy" for i in range(len(results.split(",")))]
        run(seq_opt, program, "--seq-interpret=function={} inputs={} outputs={}".format(
            function, ",".join(map(str, files)), ",".join(map(str, outputs))), "-o", work / "ignored.mlir")
        expected = [np.load(file) for file in outputs]
        shapes = [array.shape for array in expected]
        for threads in (1, 2):
            context = runtime.Context(library, module, "", int(batch), threads)
            context.call(function, [np.full_like(array, np.nan) for array in inputs], shapes)
            for call in (1, 2):
                for number, found in enumerate(context.call(function, inputs, shapes)):
                    oracle = expected[number]
                    error = np.abs(found - oracle).max() / max(1, np.abs(oracle).max())
                    if not error <= float(tolerance):
                        print(f"{function} result {number}, call {call}, {threads} threads: relative error {error:.2e}")
                        wrong = True
            context.close()
    sys.exit(wrong)


if __name__ == "__main__":
    main()
