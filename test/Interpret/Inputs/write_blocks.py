"""Writes one block of each block-quantised format: Q4_0 at byte 0, Q4_1 at 18, Q8_0 at 38 (72 bytes in all).

Quant i of the 4-bit blocks is i for the first 16 elements and 15 - (i - 16) for the others; quant i of the
8-bit block is 4 i - 64. The scales are 0.5, 0.25 and 2; the minimum of Q4_1 is -1.
"""
import pathlib
import struct
import sys

nibbles = bytes(i | (15 - i) << 4 for i in range(16))
blocks = (struct.pack("<e", 0.5) + nibbles + struct.pack("<ee", 0.25, -1.0) + nibbles + struct.pack("<e", 2.0) +
          struct.pack("32b", *(4 * i - 64 for i in range(32))))
pathlib.Path(sys.argv[1]).write_bytes(blocks)
