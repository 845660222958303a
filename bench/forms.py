"""Measures state mixes in the forms recurrent and chunkwise and compares them with the cost model of docs/Forms.md.

    python3 bench/forms.py [--targets=x86-64-v3,x86-64-v4] [--tokens=2048] [--threads=2] [--repeat=9] [--only=KIND] [--shapes=64x64] [--fit]

For every case: the time of a token and head in each form (the least of interleaved calls, in times of a vector FMA at
the best peak rate that seq-bench measures on the way), the form that seqc chooses, and what the choice loses. --fit solves for
the constants of lib/Analysis/Forms.cpp by least squares of the relative errors.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

from contestant import BIN, Call, tensor, write_module

HEADS = 8
KINDS = {  # name: decay, update
    "retention": ("static", "outer"), "gla": ("channel", "outer"), "linear": ("none", "outer"),
    "gated_delta": ("head", "delta"), "kda": ("channel", "delta"), "rwkv7": ("channel", "dplr"),
}
SHAPES = [(16, 16), (64, 16), (64, 64), (128, 64), (128, 128), (192, 192), (256, 256)]


def program(kind, keys, values):
    decay, update = KINDS[kind]
    wide, out, narrow = tensor("?", "?", HEADS, keys), tensor("?", "?", HEADS, values), tensor("?", "?", HEADS)
    types = {"q": wide, "k": wide, "v": out}
    if decay != "none":
        types["g"] = {"static": tensor(HEADS), "head": narrow, "channel": wide}[decay]
    if update == "delta":
        types["beta"] = narrow
    if update == "dplr":
        types |= {"a": wide, "b": wide}
    clauses = " ".join(f"{n}(%{n} : {types[n]})" for n in ("g", "a", "b", "beta") if n in types)
    body = (f"    %y = seq.state_mix %q, %k, %v {clauses} decay {decay} update {update} read post : {wide}, {wide}, {out}")
    return write_module(kind, types, out, body)


def inputs(kind, keys, values, tokens):
    decay, update = KINDS[kind]
    rng = np.random.default_rng(0)
    unit = lambda *shape: (x := rng.standard_normal(shape).astype(np.float32)) / np.linalg.norm(x, axis=-1, keepdims=True)
    wide = (1, tokens, HEADS, keys)
    arrays = {"q": unit(*wide), "k": unit(*wide), "v": unit(1, tokens, HEADS, values)}
    if decay != "none":
        shape = {"static": (HEADS,), "head": wide[:3], "channel": wide}[decay]
        arrays["g"] = -0.1 * rng.random(shape, dtype=np.float32)
    if update == "delta":
        arrays["beta"] = rng.random(wide[:3], dtype=np.float32)
    if update == "dplr":
        arrays["a"] = unit(*wide)
        arrays["b"] = -arrays["a"] * rng.random((1, tokens, HEADS, 1), dtype=np.float32)
    return arrays


def operations(kind, keys, values, lanes, form):
    """Operations on vectors of a token and head, as lib/Analysis/Forms.cpp counts them."""
    update = KINDS[kind][1]
    columns = -(-values // lanes)
    products = {"outer": 2, "delta": 3, "dplr": 4}[update]
    if form == "recurrent":
        return keys * columns * (products + 1)
    scores, sums = {"outer": (1, 1), "delta": (2, 1.5), "dplr": (4, 3.5)}[update]
    return keys * columns * products + 16 * (scores * keys / lanes + sums * columns)


def compile_forms(folder, kind, keys, values, target):
    """The modules of both forms, made unless they exist."""
    name = f"{kind}-{keys}-{values}"
    source = folder / f"{name}.mlir"
    source.write_text(program(kind, keys, values))
    modules = {form: folder / f"{name}-{target}-{form}.seqm" for form in ("recurrent", "chunkwise")}
    for form, module in modules.items():
        if not module.exists():
            subprocess.run([BIN / "seqc", source, f"--form={form}", f"--target-cpu={target}", "-o", module], check=True)
    return source, modules


def chosen_form(source, target):
    text = subprocess.run([BIN / "seqc", source, f"--target-cpu={target}", "--until=forms"], capture_output=True, text=True,
                          check=True).stdout
    return re.search(r"seq.state_mix .* form (\w+)", text).group(1)


def peak(module, threads):
    """The machine's FMA peak on all threads, in FLOP/s."""
    text = subprocess.run([BIN / "seq-bench", module, "--function=forward", "--time=16", "--repeat=1",
                           f"--threads={threads}"], capture_output=True, text=True, check=True).stdout
    return 1e9 * float(re.search(r"FMA peak \(([\d.]+)\)", text).group(1))


def interleaved(calls, repeat):
    seconds = {form: [] for form in calls}
    for call in calls.values():
        call()
    for _ in range(repeat):
        for form, call in calls.items():
            start = time.perf_counter()
            call()
            seconds[form].append(time.perf_counter() - start)
    return {form: min(times) for form, times in seconds.items()}


def fit(rows):
    """perOperation, perChannel and perToken of a form."""
    features = np.array([[ops, keys, 1] for ops, keys, _ in rows])
    times = np.array([measured for *_, measured in rows])
    return np.linalg.lstsq(features / times[:, None], np.ones(len(rows)), rcond=None)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default="x86-64-v3,x86-64-v4")
    parser.add_argument("--tokens", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--only", default="")
    parser.add_argument("--shapes", default=",".join(f"{k}x{v}" for k, v in SHAPES), help="K x V of states")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--folder", help="where modules are kept for a second run")
    parser.add_argument("--compile", action="store_true", help="only make the modules")
    options = parser.parse_args()
    scratch = tempfile.TemporaryDirectory()
    folder = pathlib.Path(options.folder or scratch.name)
    folder.mkdir(exist_ok=True)
    shapes = [tuple(map(int, shape.split("x"))) for shape in options.shapes.split(",")]
    for target in options.targets.split(","):
        lanes = 16 if target == "x86-64-v4" else 8
        cases, best = [], 0
        for kind in options.only.split(",") if options.only else KINDS:
            for keys, values in shapes:
                source, modules = compile_forms(folder, kind, keys, values, target)
                if options.compile:
                    continue
                arrays = list(inputs(kind, keys, values, options.tokens).values())
                shape = (1, options.tokens, HEADS, values)
                calls = {form: Call(module, arrays, shape, options.threads) for form, module in modules.items()}
                cases.append((kind, keys, values, chosen_form(source, target), interleaved(calls, options.repeat)))
                best = max(best, peak(modules["recurrent"], options.threads))
        rows = {"recurrent": [], "chunkwise": []}
        for kind, keys, values, chosen, seconds in cases:
            fmas = best / (2 * 16)  # vectors of 16 lanes a second, on all threads
            units = {form: fmas * taken / (options.tokens * HEADS) for form, taken in seconds.items()}
            for form in rows:
                rows[form].append((operations(kind, keys, values, lanes, form), keys, units[form]))
            loss = units[chosen] / min(units.values()) - 1
            print(f"{target} {kind:12} {keys:3}x{values:<3} recurrent {units['recurrent']:7.0f} chunkwise "
                  f"{units['chunkwise']:7.0f}  chosen {chosen:10} {f'loses {100 * loss:.0f}%' if loss > 0 else ''}")
        if options.fit and not options.compile:
            for form, measured in rows.items():
                a, b, c = fit(measured)
                worst = max(abs((a * o + b * k + c) / m - 1) for o, k, m in measured)
                print(f"{target} {form}: perOperation {a:.2f}, perChannel {b:.2f}, perToken {c:.1f}; off by at most {100 * worst:.0f}%")


if __name__ == "__main__":
    sys.exit(main())
