"""Runs modules through the runtime's C API (include/seqrt/seqrt.h) on NumPy arrays of f32, bool and i64."""
import ctypes

import numpy as np

POINTER, SIZE = ctypes.c_void_p, ctypes.c_size_t


class Status(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int32), ("message", ctypes.c_char * 508)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", POINTER), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8),
                ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", POINTER),
                ("byte_offset", ctypes.c_uint64)]


class OpenOptions(ctypes.Structure):
    _fields_ = [("struct_size", SIZE), ("target", ctypes.c_char_p), ("weights_folder", ctypes.c_char_p),
                ("verify_weights", ctypes.c_int32)]


class ContextOptions(ctypes.Structure):
    _fields_ = [("struct_size", SIZE), ("threads", ctypes.c_int32), ("batch", ctypes.c_int64),
                ("capacity", ctypes.c_int64), ("pool", POINTER)]


class ExportInfo(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("kind", ctypes.c_char_p), ("argument_count", SIZE), ("arguments", POINTER),
                ("result_count", SIZE), ("results", POINTER), ("dim_count", SIZE), ("dims", POINTER),
                ("state_count", SIZE), ("states", ctypes.POINTER(SIZE))]


TYPES = {np.dtype(np.float32): (2, 32), np.dtype(np.int64): (0, 64), np.dtype(bool): (6, 8)}


def check(status):
    if status.code:
        raise RuntimeError(status.message.decode())


def tensor_of(array):
    code, bits = TYPES[array.dtype]
    return Tensor(array.ctypes.data, 1, 0, array.ndim, code, bits, 1, (ctypes.c_int64 * array.ndim)(*array.shape), None, 0)


class Context:
    """The states of `batch` sequences of one export's module; `target` "" takes the best code."""

    def __init__(self, library, path, target, batch, threads=0):
        self.library = ctypes.CDLL(str(library))
        for name in ("module_open", "context_create", "context_call", "context_reset", "context_state"):
            getattr(self.library, "seqrt_" + name).restype = Status
        self.library.seqrt_module_find_export.restype = ctypes.c_int64
        self.library.seqrt_module_export.restype = ctypes.POINTER(ExportInfo)
        self.module, self.handle = POINTER(), POINTER()
        options = OpenOptions(ctypes.sizeof(OpenOptions), target.encode() or None, None, -1)
        check(self.library.seqrt_module_open(str(path).encode(), ctypes.byref(options), ctypes.byref(self.module)))
        options = ContextOptions(ctypes.sizeof(ContextOptions), threads, batch, 0, None)
        check(self.library.seqrt_context_create(self.module, ctypes.byref(options), ctypes.byref(self.handle)))

    def close(self):
        self.library.seqrt_context_release(self.handle)
        self.library.seqrt_module_release(self.module)

    def call(self, function, arguments, shapes):
        """The results, f32 of these shapes."""
        arguments = [np.ascontiguousarray(array) for array in arguments]
        results = [np.full(shape, np.nan, np.float32) for shape in shapes]
        given = (Tensor * len(arguments))(*map(tensor_of, arguments))
        wanted = (Tensor * len(results))(*map(tensor_of, results))
        check(self.library.seqrt_context_call(self.handle, function.encode(), given, SIZE(len(arguments)), wanted,
                                              SIZE(len(results))))
        return results

    def states(self, function):
        """Views of the states of an export, in the order of its arguments; of a KV state its keys as they are stored."""
        index = self.library.seqrt_module_find_export(self.module, function.encode())
        info = self.library.seqrt_module_export(self.module, SIZE(index)).contents
        return [self.state(info.states[i]) for i in range(info.state_count)]

    def state(self, number):
        tensor = Tensor()
        check(self.library.seqrt_context_state(self.handle, SIZE(number), SIZE(0), ctypes.byref(tensor)))
        shape = tensor.shape[:tensor.ndim]
        number = {32: ctypes.c_float, 64: ctypes.c_double}[tensor.bits]
        memory = (number * int(np.prod(shape))).from_address(tensor.data + tensor.byte_offset)
        return np.ctypeslib.as_array(memory).reshape(shape)

    def start(self, function, states):
        """Fresh states, or these ones."""
        check(self.library.seqrt_context_reset(self.handle))
        for view, values in zip(self.states(function), states):
            view[...] = values
