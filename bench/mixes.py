"""Measures state mixes: what a token takes in a step and in prefills of 256 to 65,536 tokens (neither should grow), and
how much of the FMA peak that `limits.c` measures beside is reached, in each form.

    python3 bench/mixes.py [KIND...] [--widths=64,128] [--heads=8] [--forms=auto,recurrent,chunkwise] [--threads=2]
                           [--times=256,1024,4096,16384,65536] [--target-cpu=host] [--limits=../shared/peers/limits.c]

KIND: retention, gla, gla-strong, gated_delta, kda, kda-strong, rwkv6, rwkv7, rwkv7-strong, linear (a normaliser), mlstm (an input
gate and a normaliser). A time of 1 is a step with a state. FLOPs are counted as 8 K V a token and head, 4 K V for updates outer.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np

import contestant
from contestant import tensor
from scans import median

ROOT = contestant.ROOT
KINDS = {  # decay, update, range of g
    "retention": ("static", "outer", (-0.03, -0.0001)),
    "gla": ("channel", "outer", (-0.2, 0)),
    "gla-strong": ("channel", "outer", (-20, 0)),
    "gated_delta": ("head", "delta", (-0.2, 0)),
    "kda": ("channel", "delta", (-0.2, 0)),
    "kda-strong": ("channel", "delta", (-20, 0)),
    "rwkv6": ("channel", "outer", (-1, 0)),
    "rwkv7": ("channel", "dplr", (-0.6, 0)),
    "rwkv7-strong": ("channel", "dplr", (-20, 0)),
    "linear": ("none", "outer", None),
    "mlstm": ("head", "outer", (-0.2, 0)),
}


def write(kind, time, heads, width, form):
    """The text of a module and its arguments."""
    decay, update, bounds = KINDS[kind]
    random = np.random.default_rng(0)
    normal = lambda *shape: random.standard_normal(shape, np.float32)
    keys, values = (1, time, heads, width), tensor("?", "?", heads, width)
    unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)
    x, types = {"q": np.abs(normal(*keys)), "k": unit(np.abs(normal(*keys))), "v": normal(*keys)}, dict.fromkeys("qkv", values)
    clauses, tail = "", ""

    def add(name, array):
        nonlocal clauses
        x[name] = array
        types[name] = tensor("?", "?", *array.shape[2:]) if array.shape[:2] == (1, time) else tensor(*array.shape)
        clauses += f" {name}(%{name} : {types[name]})"

    if bounds:
        shape = {"static": (heads,), "head": (1, time, heads), "channel": keys}[decay]
        add("g", random.uniform(*bounds, shape).astype(np.float32))
    if update == "dplr":
        a = unit(normal(*keys))
        add("a", -a)
        add("b", a * random.uniform(0, 1, keys).astype(np.float32))
    if update == "delta":
        add("beta", random.uniform(0, 1, (1, time, heads)).astype(np.float32))
    read = "pre" if kind == "rwkv6" else "post"
    if kind == "rwkv6":
        add("u", normal(heads, width))
    if kind == "mlstm":
        add("i", normal(1, time, heads))
    if kind in ("linear", "mlstm"):
        tail = f" normaliser {'ratio' if kind == 'linear' else 'max'}"
    if time == 1:
        clauses, types, results = with_states(kind, heads, width, clauses, types)
    else:
        results = [values]
    names = ["%y", *(f"%r{i}" for i in range(len(results) - 1))]
    body = (f"    {', '.join(names)} = seq.state_mix %q, %k, %v{clauses} decay {decay} update {update} read {read}{tail}"
            f"{f' form {form}' if form != 'auto' else ''} : {values}, {values}, {values}\n    return {', '.join(names)} : {', '.join(results)}")
    parameters = ", ".join(f"%{n}: {t}" for n, t in types.items())
    text = (f'module {{\n  seqm.export "forward" = @forward kind "other" arguments [{", ".join(json.dumps(n) for n in x)}] results ["y"]\n'
            f"  func.func @forward({parameters}) -> ({', '.join(results)}) {{\n{body}\n  }}\n}}\n")
    return text, list(x.values())


def with_states(kind, heads, width, clauses, types):
    states = [f"!seq.state<{heads}x{width}x{width}xf32>"]
    if kind in ("linear", "mlstm"):
        states.append(f"!seq.state<{heads}x{width}xf32>")
    if kind == "mlstm":
        states.append(f"!seq.state<{heads}xf32, init = -1.0e38>")
    names = [f"s{i}" for i in range(len(states))]
    clauses += f" states({', '.join('%' + n for n in names)} : {', '.join(states)})"
    return clauses, types | dict(zip(names, states)), [types["q"], *states]


def make(kind, time, heads, width, form, threads, cpu):
    text, arrays = write(kind, time, heads, width, form)
    with tempfile.TemporaryDirectory() as scratch:
        source, module = pathlib.Path(scratch) / "op.mlir", pathlib.Path(scratch) / "op.seqm"
        source.write_text(text)
        subprocess.run([contestant.BIN / "seqc", source, "-o", module, f"--target-cpu={cpu}"], check=True)
        return contestant.Call(module, arrays, arrays[2].shape, threads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = lambda text: [int(n) for n in text.split(",")]
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--widths", type=numbers, default=[64, 128])
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--times", type=numbers, default=[1, 256, 1024, 4096, 16384, 65536])
    parser.add_argument("--forms", type=lambda text: text.split(","), default=["auto"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--target-cpu", default="host")
    parser.add_argument("--limits", type=pathlib.Path, default=ROOT.parent / "shared/peers/limits.c")
    options = parser.parse_args()
    unknown = set(options.kinds) - set(KINDS)
    if unknown:
        parser.error(f"unknown kind '{unknown.pop()}'; there are {', '.join(KINDS)}")
    with tempfile.TemporaryDirectory() as scratch:
        program = pathlib.Path(scratch) / "limits"
        subprocess.run(["gcc", "-O3", "-march=native", "-pthread", options.limits, "-o", program], check=True)
        peak = json.loads(subprocess.run([program, str(options.threads), "20"], check=True, capture_output=True).stdout)["f32"]
    print(f"FMA peak: {peak:.0f} GFLOP/s")
    for kind in options.kinds or KINDS:
        for width in options.widths:
            # Interleaved, so that a slow moment of the machine meets all forms.
            for time in options.times:
                calls = [make(kind, time, options.heads, width, f, options.threads, options.target_cpu) for f in options.forms]
                rounds = [[median(c, 3 if time > 1 else 50) for c in calls]
                          for _ in range(max(1, min(options.repeat, 3 * options.repeat * 1024 // max(time, 1024)) // 3))]
                flops = (4 if KINDS[kind][1] == "outer" else 8) * width * width * options.heads * time
                for form, seconds in zip(options.forms, np.median(rounds, axis=0)):
                    print(f"{kind} {width} {form}: T {time}: {seconds / time * 1e6:.3f} us a token, "
                          f"{flops / seconds * 1e-9 / peak:.0%} of the peak", flush=True)


if __name__ == "__main__":
    main()
