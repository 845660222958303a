"""Writes 0, 1, … 11 as f32, then as f64, f16 and i16, and 1.5, -2 as bf16: at bytes 0, 48, 144, 168 and 192."""
import pathlib
import struct
import sys

numbers = range(12)
pathlib.Path(sys.argv[1]).write_bytes(
    struct.pack("<12f", *numbers) + struct.pack("<12d", *numbers) + struct.pack("<12e", *numbers) +
    struct.pack("<12h", *numbers) + struct.pack("<HH", 0x3FC0, 0xC000))
