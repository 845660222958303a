"""seqc as a contestant of a peer harness that speaks in lines: it writes the op of a row as .mlir, compiles it with seqc
and times calls through the C API.

    python3 bench/contestant.py ROW THREADS [--form=FORM] [--chunk=N]

On standard input: `case FOLDER` (case.json and the inputs as .npy; the result goes to FOLDER/seqc.npy) and `run N`; one
JSON object an answer. Rows: r07_scan (selective scan), r08_models (Mamba, RWKV-4 and GPT-2 of published sizes with the
random weights of a seed, made by transformers), r09_linear (retention, GLA, gated delta rule, RWKV-7).
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


OPS = {"r07_scan": scan, "r09_linear": linear}

# Of row 8: a class of transformers and its configuration.
MODELS = {
    "mamba-130m": ("Mamba", {"vocab_size": 50280, "hidden_size": 768, "num_hidden_layers": 24}),
    "rwkv4-169m": ("Rwkv", {"vocab_size": 50277, "hidden_size": 768, "num_hidden_layers": 12, "context_length": 1024,
                            "tie_word_embeddings": False}),
    "gpt2-124m": ("GPT2", {}),
}


def save_model(name, folder):
    """Writes a Hugging Face folder with weights of the seed 0; returns the size of the vocabulary."""
    import torch
    import transformers
    torch.manual_seed(0)
    family, options = MODELS[name]
    head = "LMHeadModel" if family == "GPT2" else "ForCausalLM"
    config = getattr(transformers, family + "Config")(**options)
    getattr(transformers, family + head)(config).eval().save_pretrained(folder)
    return config.vocab_size


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char * 508)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device", ctypes.c_int32 * 2), ("ndim", ctypes.c_int32),
                ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.c_void_p), ("byte_offset", ctypes.c_uint64)]


class ContextOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("threads", ctypes.c_int32), ("batch", ctypes.c_int64),
                ("capacity", ctypes.c_int64), ("pool", ctypes.c_void_p)]


def aligned(shape, dtype=np.float32):
    """Zeros of four bytes each on a cache line of their own."""
    count = int(np.prod(shape))
    raw = np.zeros(count + 16, dtype)
    start = (-raw.ctypes.data % 64) // 4
    return raw[start:start + count].reshape(shape)


class Call:
    """An export of a module bound to its buffers: f32 arrays, or ids in i32."""

    def __init__(self, module, arrays, shape, threads, export="forward", fresh=False):
        self.export, self.fresh = export.encode(), fresh
        self.library = ctypes.CDLL(str(next((ROOT / "build/release").rglob("libseqrt.so"))))
        for name in ("module_open", "context_create", "context_call", "context_reset"):
            getattr(self.library, "seqrt_" + name).restype = Status
        handle, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        self.check(self.library.seqrt_module_open(str(module).encode(), None, ctypes.byref(handle)))
        options = ContextOptions(ctypes.sizeof(ContextOptions), threads, 1, 0, None)
        self.check(self.library.seqrt_context_create(handle, ctypes.byref(options), ctypes.byref(self.context)))
        self.arrays = []
        for array in arrays:
            self.arrays.append(aligned(array.shape, np.int32 if array.dtype.kind == "i" else np.float32))
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
        return Tensor(array.ctypes.data, (1, 0), array.ndim, 0 if array.dtype.kind == "i" else 2, 32, 1, shape, None, 0)

    def prepare(self):
        """Before each call, untimed."""
        if self.fresh:
            self.check(self.library.seqrt_context_reset(self.context))

    def __call__(self):
        self.check(self.library.seqrt_context_call(self.context, self.export, self.arguments,
                                                   ctypes.c_size_t(len(self.arguments)), self.results, ctypes.c_size_t(1)))


def compile_module(source, module):
    compiled = subprocess.run([BIN / "seqc", source, "-o", module], capture_output=True, text=True)
    if compiled.returncode:
        raise RuntimeError(compiled.stderr.strip().splitlines()[0])


def prepare_op(row, case, x, scratch, threads, options):
    """Returns the call and what brings its result into the reference's layout."""
    text, arrays, bring = OPS[row](case, x, options)
    source, module = scratch / "op.mlir", scratch / "op.seqm"
    source.write_text(text)
    compile_module(source, module)
    values = list(arrays.values())
    shape = values[0].shape if row == "r07_scan" else arrays["v"].shape
    return Call(module, values, shape, threads), bring


def prepare_model(case, x, scratch, threads):
    vocabulary = save_model(case["model"], scratch / "model")
    compile_module(scratch / "model", scratch / "model.seqm")
    ids, shape = x["ids"], (1, vocabulary)
    prompt = Call(scratch / "model.seqm", [ids[:, :-1]], shape, threads, export="prefill", fresh=True)
    if case["what"] == "prompt":
        return prompt, lambda y: y[0]
    prompt()
    step = Call(scratch / "model.seqm", [ids[:, -1:]], shape, threads, export="step")
    step.context = prompt.context
    return step, lambda y: y[0]


def prepare(row, folder, threads, options):
    case = json.loads((folder / "case.json").read_text())
    x = {f.stem: np.load(f) for f in folder.glob("*.npy")}
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        call, bring = (prepare_model(case, x, scratch, threads) if row == "r08_models" else
                       prepare_op(row, case, x, scratch, threads, options))
    call.prepare()
    call()
    np.save(folder / "seqc.npy", np.ascontiguousarray(bring(call.result)))
    return call


def run(call, count):
    call.prepare()
    call()
    seconds = []
    for _ in range(count):
        call.prepare()
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=[*OPS, "r08_models"])
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
