"""seqc as a contestant of a peer harness that speaks in lines: it writes the op of a row as .mlir, compiles it with seqc
and times calls through the C API.

    python3 bench/contestant.py ROW THREADS [--form=FORM] [--chunk=N]

On standard input: `case FOLDER` (case.json and the inputs as .npy; the result goes to FOLDER/seqc.npy) and `run N`; one
JSON object an answer. Rows: r07_scan (selective scan), r09_linear (retention, GLA, gated delta rule, RWKV-7).
"""
import argparse
import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build/release/bin"

FUNCTION = """module attributes {{seqm.name = "{name}"}} {{
  seqm.export "forward" = @forward kind "other" arguments [{names}] results ["y"]
  func.func @forward({parameters}) -> {result} {{
{body}
    return %y : {result}
  }}
}}
"""


def tensor(*shape):
    return "tensor<" + "x".join(map(str, shape)) + "xf32>"


def write_module(name, inputs, result, body):
    """`inputs`: name → tensor type, in the order of the arguments."""
    return FUNCTION.format(name=name, names=", ".join(f'"{n}"' for n in inputs), result=result, body=body,
                           parameters=", ".join(f"%{n}: {t}" for n, t in inputs.items()))


def form_attributes(options):
    attributes = [f"form = {options.form}"] if options.form else []
    return attributes + ([f"chunk = {options.chunk} : i64"] if options.chunk else [])


def braces(attributes):
    return " {" + ", ".join(attributes) + "}" if attributes else ""


def scan(case, x, options):
    """Row 7: u, dt [T,D], A [D,N], B, C [T,N], D [D]."""
    d, n = case["d"], case["n"]
    sequence, group = tensor("?", "?", d), tensor("?", "?", 1, n)
    types = {"u": sequence, "dt": sequence, "A": tensor(d, n), "B": group, "C": group, "D": tensor(d)}
    body = (f"    %y = seq.selective_scan %u, %dt, %A, %B, %C skip(%D : {types['D']}){braces(form_attributes(options))} : "
            f"{sequence}, {sequence}, {types['A']}, {group}, {group}")
    arrays = {k: x[k][None] for k in ("u", "dt")} | {"A": x["A"]} | {k: x[k][None, :, None] for k in ("B", "C")} | {"D": x["D"]}
    return write_module("selective scan", types, sequence, body), arrays, lambda y: y[0]


def linear(case, x, options):
    """Row 9: q, k, v, a, b [H,T,d]; g [H,T,d] or [H,T,1]; beta [H,T,1]."""
    kind, d = case["kind"], case["d"]
    heads = x["q"].shape[0]
    wide, narrow = tensor("?", "?", heads, d), tensor("?", "?", heads)
    arrays = {k: x[k].transpose(1, 0, 2)[None] for k in ("q", "k", "v", "g", "a", "b", "beta") if k in x}
    types = {k: wide for k in arrays}
    if kind == "retention":
        arrays["g"], types["g"], decay = x["g"][:, 0, 0], tensor(heads), "static"
    elif kind == "gated_delta":
        decay = "head"
        for name in ("g", "beta"):
            arrays[name], types[name] = arrays[name][..., 0], narrow
    else:
        decay = "channel"
    update = {"gated_delta": "delta", "rwkv7": "dplr"}.get(kind, "outer")
    clauses = " ".join(f"{n}(%{n} : {types[n]})" for n in ("g", "a", "b", "beta") if n in types)
    body = (f"    %y = seq.state_mix %q, %k, %v {clauses} decay {decay} update {update} read post"
            f"{braces(form_attributes(options))} : {wide}, {wide}, {wide}")
    return write_module(kind, types, wide, body), arrays, lambda y: y[0].transpose(1, 0, 2)


ROWS = {"r07_scan": scan, "r09_linear": linear}


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char * 508)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device", ctypes.c_int32 * 2), ("ndim", ctypes.c_int32),
                ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.c_void_p), ("byte_offset", ctypes.c_uint64)]


class ContextOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("threads", ctypes.c_int32), ("batch", ctypes.c_int64),
                ("capacity", ctypes.c_int64), ("pool", ctypes.c_void_p)]


def aligned(shape):
    """Zeroed f32 on a cache line of its own."""
    count = int(np.prod(shape))
    raw = np.zeros(count + 16, np.float32)
    start = (-raw.ctypes.data % 64) // 4
    return raw[start:start + count].reshape(shape)


class Call:
    """A module's `forward` bound to its buffers."""

    def __init__(self, module, arrays, shape, threads):
        self.library = ctypes.CDLL(str(next((ROOT / "build/release").rglob("libseqrt.so"))))
        for name in ("open", "context_create", "call"):
            function = getattr(self.library, {"open": "seqrt_module_open", "context_create": "seqrt_context_create",
                                              "call": "seqrt_context_call"}[name])
            function.restype = Status
        handle, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        self.check(self.library.seqrt_module_open(str(module).encode(), None, ctypes.byref(handle)))
        options = ContextOptions(ctypes.sizeof(ContextOptions), threads, 1, 0, None)
        self.check(self.library.seqrt_context_create(handle, ctypes.byref(options), ctypes.byref(self.context)))
        self.arrays = []
        for array in arrays:
            self.arrays.append(aligned(array.shape))
            self.arrays[-1][...] = array
        self.result = aligned(shape)
        self.arguments = (Tensor * len(arrays))(*map(self.describe, self.arrays))
        self.results = (Tensor * 1)(self.describe(self.result))

    @staticmethod
    def check(status):
        if status.code:
            raise RuntimeError(status.message.decode())

    @staticmethod
    def describe(array):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        return Tensor(array.ctypes.data, (1, 0), array.ndim, 2, 32, 1, shape, None, 0)

    def __call__(self):
        self.check(self.library.seqrt_context_call(self.context, b"forward", self.arguments,
                                                   ctypes.c_size_t(len(self.arguments)), self.results, ctypes.c_size_t(1)))


def prepare(row, folder, threads, options):
    case = json.loads((folder / "case.json").read_text())
    x = {f.stem: np.load(f) for f in folder.glob("*.npy")}
    text, arrays, bring = ROWS[row](case, x, options)
    with tempfile.TemporaryDirectory() as scratch:
        source, module = pathlib.Path(scratch) / "op.mlir", pathlib.Path(scratch) / "op.seqm"
        source.write_text(text)
        compiled = subprocess.run([BIN / "seqc", source, "-o", module], capture_output=True, text=True)
        if compiled.returncode:
            raise RuntimeError(compiled.stderr.strip().splitlines()[0])
        values = list(arrays.values())
        shape = values[0].shape if row == "r07_scan" else arrays["v"].shape
        call = Call(module, values, shape, threads)
    call()
    np.save(folder / "seqc.npy", np.ascontiguousarray(bring(call.result)))
    return call


def run(call, count):
    call()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=ROWS)
    parser.add_argument("threads", type=int)
    parser.add_argument("--form")
    parser.add_argument("--chunk", type=int, default=0)
    # The harness puts row and threads behind the command's own options.
    options = parser.parse_args()
    call = None
    for line in sys.stdin:
        command, *rest = line.split()
        try:
            if command == "case":
                call = prepare(options.row, pathlib.Path(rest[0]), options.threads, options)
                answer = {"info": {k: v for k, v in {"form": options.form, "chunk": options.chunk}.items() if v}}
            else:
                answer = {"seconds": run(call, int(rest[0]))}
        except Exception as error:  # the harness goes on with the other contestants
            traceback.print_exc()
            answer = {"error": str(error)[:200]}
        print("\n" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
