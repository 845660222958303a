"""Compares the numbered rules of docs/Spec.md, of the verifiers and of the tests that break them.

    spec.py SOURCE_FOLDER

Each rule of the document is broken by a test and each rule that a test breaks stands in the document, once. Verifiers
make some labels from the name of the op, so theirs are only looked for in the document.
"""
import collections
import pathlib
import re
import sys

LABEL = re.compile(r"\b[a-z][a-z0-9_]*_c\d+\b")


def labels(folder, pattern):
    return {label for file in folder.rglob(pattern) for label in LABEL.findall(file.read_text())}


def main():
    source = pathlib.Path(sys.argv[1])
    document = collections.Counter(re.findall(r"^- ([a-z0-9_]+_c\d+): ", (source / "docs/Spec.md").read_text(), re.M))
    tests = labels(source / "test/Dialect", "*-errors.mlir")
    verifiers = labels(source / "dialects", "*.cpp")
    problems = [f"docs/Spec.md has {label} {count} times" for label, count in document.items() if count > 1]
    for what, missing in (("no test breaks", document.keys() - tests), ("docs/Spec.md misses", tests - document.keys()),
                          ("docs/Spec.md misses", verifiers - document.keys())):
        problems += [f"{what} {label}" for label in sorted(missing)]
    print("\n".join(problems) or f"{len(document)} rules agree")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
