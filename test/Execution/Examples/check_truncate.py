"""Compiles a module whose states are caches, lets its context forget tokens, and repeats the next step.

    check_truncate.py SEQC MODULE.mlir WORK_FOLDER CHANNELS

The step behind 37 tokens must give the same numbers before 13 more tokens and after these were forgotten.
"""
import ctypes
import pathlib
import subprocess
import sys

import numpy as np


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char * 508)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8),
                ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.c_void_p),
                ("byte_offset", ctypes.c_uint64)]


def check(status):
    if status.code:
        sys.exit(status.message.decode())


class Context:
    def __init__(self, library, path):
        self.library = library
        module, self.handle = ctypes.c_void_p(), ctypes.c_void_p()
        for name in ("module_open", "context_create", "context_call", "context_truncate"):
            getattr(library, "seqrt_" + name).restype = Status
        check(library.seqrt_module_open(str(path).encode(), None, ctypes.byref(module)))
        check(library.seqrt_context_create(module, None, ctypes.byref(self.handle)))

    def feed(self, x):
        x = np.ascontiguousarray(x, np.float32)
        y = np.zeros((1, x.shape[2]), np.float32)
        argument, result = (Tensor(array.ctypes.data, 1, 0, array.ndim, 2, 32, 1,
                                   (ctypes.c_int64 * array.ndim)(*array.shape), None, 0) for array in (x, y))
        check(self.library.seqrt_context_call(self.handle, b"step" if x.shape[1] == 1 else b"prefill",
                                              ctypes.byref(argument), ctypes.c_size_t(1), ctypes.byref(result),
                                              ctypes.c_size_t(1)))
        return y

    def truncate(self, tokens):
        check(self.library.seqrt_context_truncate(self.handle, ctypes.c_int64(tokens)))


def main():
    seqc, program, work, channels = sys.argv[1:]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    subprocess.run([seqc, program, "-o", work / "module.seqm"], check=True)
    library = ctypes.CDLL(str(pathlib.Path(seqc).parent.parent / "lib" / "libseqrt.so.0"))
    context = Context(library, work / "module.seqm")
    x = np.random.default_rng(0).standard_normal((1, 50, int(channels)))
    context.feed(x[:, :37])
    first = context.feed(x[:, 37:38])
    context.feed(x[:, 38:])
    context.truncate(37)
    again = context.feed(x[:, 37:38])
    if not first.any() or (first != again).any():
        sys.exit(f"the step differs by {np.abs(first - again).max()} after tokens were forgotten")


if __name__ == "__main__":
    main()
