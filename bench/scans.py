"""Measures selective scans (row 7 of the peers' harness), short convolutions and diagonal scans.

    python3 bench/scans.py [--threads=2] [--limits=../shared/peers/limits.c] [--repeat=15]

A selective scan is compared with its bound, one exponential for each token, channel and state, at the rate that
`limits.c` measures just before. Then the time for a token from 256 to 65,536 tokens: it should not grow.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np

import contestant
from contestant import tensor

ROOT = contestant.ROOT


def compile_call(name, types, arrays, result, body, shape, threads):
    with tempfile.TemporaryDirectory() as scratch:
        source, module = pathlib.Path(scratch) / "op.mlir", pathlib.Path(scratch) / "op.seqm"
        source.write_text(contestant.write_module(name, types, result, body))
        subprocess.run([contestant.BIN / "seqc", source, "-o", module], check=True)
        return contestant.Call(module, list(arrays.values()), shape, threads)


def selective_scan(time, threads, d=1536, n=16, extras=False):
    random = np.random.default_rng(0)
    normal = lambda *shape: random.standard_normal(shape, np.float32)
    x = {"u": normal(1, time, d), "dt": np.log1p(np.exp(normal(1, time, d) - 3)),
         "A": -np.tile(np.arange(1, n + 1, dtype=np.float32), (d, 1)), "B": normal(1, time, 1, n),
         "C": normal(1, time, 1, n), "D": normal(d)}
    sequence, group = tensor("?", "?", d), tensor("?", "?", 1, n)
    types = {"u": sequence, "dt": sequence, "A": tensor(d, n), "B": group, "C": group, "D": tensor(d)}
    clauses, attributes = f"skip(%D : {types['D']})", ""
    if extras:
        x |= {"z": normal(1, time, d), "bias": normal(d)}
        types |= {"z": sequence, "bias": tensor(d)}
        clauses += f" z(%z : {sequence}) dt_bias(%bias : {types['bias']})"
        attributes = " {dt_softplus}"
    body = (f"    %y = seq.selective_scan %u, %dt, %A, %B, %C {clauses}{attributes} : {sequence}, {sequence}, "
            f"{types['A']}, {group}, {group}")
    return compile_call("selective scan", types, x, sequence, body, (1, time, d), threads)


def conv(time, threads, d=1536, taps=4):
    random = np.random.default_rng(0)
    x = {"x": random.standard_normal((1, time, d), np.float32), "w": random.standard_normal((d, taps), np.float32),
         "bias": random.standard_normal(d, np.float32)}
    sequence = tensor("?", "?", d)
    types = {"x": sequence, "w": tensor(d, taps), "bias": tensor(d)}
    body = (f"    %y = seq.conv %x, %w bias(%bias : {types['bias']}) activation silu : {sequence}, {types['w']}")
    return compile_call("conv", types, x, sequence, body, (1, time, d), threads)


def scan(time, threads, d=1536):
    random = np.random.default_rng(0)
    x = {"x": random.standard_normal((1, time, d), np.float32),
         "g": -np.abs(random.standard_normal((1, time, d), np.float32))}
    sequence = tensor("?", "?", d)
    body = f"    %y = seq.scan %x, %g : {sequence}, {sequence}"
    return compile_call("scan", {"x": sequence, "g": sequence}, x, sequence, body, (1, time, d), threads)


def median(call, repeat):
    return float(np.median(contestant.run(call, repeat)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--limits", type=pathlib.Path, default=ROOT.parent / "shared/peers/limits.c")
    options = parser.parse_args()
    threads, repeat = options.threads, options.repeat
    with tempfile.TemporaryDirectory() as scratch:
        program = pathlib.Path(scratch) / "limits"
        subprocess.run(["gcc", "-O3", "-march=native", "-pthread", options.limits, "-o", program], check=True)

        def limits():
            return json.loads(subprocess.run([program, str(threads), "100"], check=True, capture_output=True).stdout)

        for extras in (False, True):
            call = selective_scan(2048, threads, extras=extras)
            before, seconds, after = limits(), median(call, repeat), limits()
            bound = 2048 * 1536 * 16 / max(before["exp"], after["exp"]) * 1e-9
            print(f"selective scan 2048x1536x16{' with softplus, bias and gate' if extras else ''}: {seconds * 1e3:.2f} ms, "
                  f"{bound / seconds:.0%} of the exp bound ({bound * 1e3:.2f} ms)")
        for name, make in (("selective scan", selective_scan), ("conv 1536x4", conv), ("scan 1536", scan)):
            step = median(make(1, threads), 20 * repeat)
            print(f"{name}: step {step * 1e6:.1f} us; a token of a prefill:", end="")
            for time in (256, 1024, 4096, 16384, 65536):
                seconds = median(make(time, threads), max(3, repeat * 1024 // time))
                print(f" T {time}: {seconds / time * 1e6:.2f} us", end="", flush=True)
            print()
        call = scan(1 << 20, threads, d=4)
        one = scan(1 << 20, 1, d=4)
        print(f"scan of 4 elements and 1,048,576 tokens: {median(one, 5) * 1e3:.1f} ms on one thread, "
              f"{median(call, 5) * 1e3:.1f} ms on {threads}")


if __name__ == "__main__":
    main()
