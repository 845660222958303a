"""Declares the tensors of a safetensors file as parameters that a test loads.

    golden.py FILE.safetensors TEST.mlir > OUT.mlir

Copies the test and writes a seqm.parameter behind each of its lines of one of these forms:

    // golden: @name = tensor                          the tensor as it is
    // golden: @name = tensor [0, 2, 1]                with its axes in this order
    // golden: @name : tensor<2x3xf32> = tensor        of another shape
    // golden: @name : tensor<2x3xf32> = tensor shape = [2, 3] strides = [1, 2]
                                                       an explicit view, as #seqm.file has it
"""
import json
import pathlib
import re
import sys

LINE = re.compile(r"// golden: @(\w+)(?: : (tensor<\S+>))? = (\w+)(?: (\[.*\]))?( shape = .*)?$")
TYPES = {"F32": "f32", "F64": "f64", "I64": "i64", "I32": "i32", "U8": "i8"}


def read_header(path):
    """The tensors by name, and the offset of their data in the file."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(size)), 8 + size


def view(shape, axes):
    """The shape, and the text of the view, of a dense tensor with permuted axes."""
    strides = [1] * len(shape)
    for d in reversed(range(len(shape) - 1)):
        strides[d] = strides[d + 1] * shape[d + 1]
    shape, strides = [shape[a] for a in axes], [strides[a] for a in axes]
    return shape, f" shape = {shape} strides = {strides}"


def declare(match, header, start, path):
    name, given_type, tensor, axes, layout = match.groups()
    info = header[tensor]
    shape = info["shape"]
    if axes:
        shape, layout = view(shape, json.loads(axes))
    tensor_type = given_type or "tensor<" + "".join(f"{d}x" for d in shape) + TYPES[info["dtype"]] + ">"
    offset = start + info["data_offsets"][0]
    return f'seqm.parameter @{name} : {tensor_type} = #seqm.file<"{path}", offset = {offset}{layout or ""}>'


def main():
    path = pathlib.Path(sys.argv[1])
    header, start = read_header(path)
    for line in pathlib.Path(sys.argv[2]).read_text().splitlines():
        print(line)
        match = LINE.match(line)
        if match:
            print(declare(match, header, start, path))


if __name__ == "__main__":
    main()
