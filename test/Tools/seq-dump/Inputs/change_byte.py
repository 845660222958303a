"""Copies a module and changes the byte in its middle.    change_byte.py FROM TO"""
import pathlib
import sys

data = bytearray(pathlib.Path(sys.argv[1]).read_bytes())
data[len(data) // 2] ^= 1
pathlib.Path(sys.argv[2]).write_bytes(data)
