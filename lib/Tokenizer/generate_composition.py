"""Writes CompositionTables.inc from the Unicode data of the Python that runs it:

    python3 generate_composition.py > CompositionTables.inc

Two tables, both sorted: the canonical decompositions {character, first, second or 0, whether the pair composes}, and the
combining classes {first, last, class} of ranges of characters that have one.
"""
import sys
import unicodedata


def decompositions():
    for code in range(0x110000):
        text = unicodedata.decomposition(chr(code))
        if not text or text.startswith("<"):
            continue
        parts = [int(part, 16) for part in text.split()]
        pair = "".join(map(chr, parts))
        composes = len(parts) == 2 and unicodedata.normalize("NFC", pair) == chr(code)
        yield f"{{0x{code:X}, 0x{parts[0]:X}, 0x{parts[1] if len(parts) == 2 else 0:X}, {int(composes)}}}"


def classes():
    start, current = 0, 0
    for code in range(0x110001):
        combining = unicodedata.combining(chr(code)) if code < 0x110000 else 0
        if combining != current:
            if current:
                yield f"{{0x{start:X}, 0x{code - 1:X}, {current}}}"
            start, current = code, combining


def table(kind, name, rows):
    print(f"\nstatic constexpr {kind} {name}[] = {{")
    line = "   "
    for row in rows:
        if len(line) + len(row) > 117:
            print(line)
            line = "   "
        line += f" {row},"
    print(line)
    print("};")


def main():
    print(f"// Written by generate_composition.py: Unicode {unicodedata.unidata_version}.")
    table("Decomposition", "decompositions", decompositions())
    table("CombiningRange", "combiningRanges", classes())


if __name__ == "__main__":
    sys.exit(main())
