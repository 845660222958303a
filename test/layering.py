"""Checks who includes whom. Each folder may include itself and the folders named for it;
anything else is an error with the file and line. Usage: layering.py SOURCE_FOLDER"""
import pathlib
import re
import sys

# folder → what it may include besides itself
ALLOWED = {
    "Support": [],
    "dialects": ["Support"],
    "Module": ["Support", "ABI", "seqrt"],
    "Tokenizer": ["Support"],
    "Runtime": ["Module", "seqrt"],
    "Reference": ["Support", "dialects"],
    "Analysis": ["Support", "dialects"],
    "Import": ["Support", "dialects", "Tokenizer"],
    "Transforms": ["Support", "dialects", "Analysis"],
    "Conversion": ["Support", "dialects", "Analysis"],
    "Codegen": ["Support", "dialects", "Analysis", "Conversion", "ABI"],
    "Pipelines": ["Support", "dialects", "Analysis", "Import", "Reference", "Transforms", "Conversion", "Codegen",
                  "Module", "Tokenizer", "ABI"],
}
INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"')


def layer_of_include(path):
    """The layer that an include belongs to; None for headers beside the file and of libraries."""
    parts = path.split("/")
    if path == "seq/Runtime/ABI.h":
        return "ABI"
    if parts[0] == "seq" and len(parts) > 2:
        return parts[1]
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1]
    return parts[0] if parts[0] in ("dialects", "seqrt") else None


def sources(root):
    """(layer, file) of everything that belongs to a layer."""
    for base in (root / "lib", root / "include/seq"):
        for file in base.rglob("*"):
            if file.suffix in (".h", ".cpp", ".c"):
                yield file.relative_to(base).parts[0], file
    for file in (root / "dialects").rglob("*"):
        if file.suffix in (".h", ".cpp"):
            yield "dialects", file


def main():
    root = pathlib.Path(sys.argv[1])
    errors = []
    for layer, file in sources(root):
        allowed = {layer, *ALLOWED.get(layer, [])}
        if layer == "Runtime":
            allowed.add("ABI")
        for number, line in enumerate(file.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            target = layer_of_include(found.group(1)) if found else None
            where = f"{file.relative_to(root)}:{number}"
            if target and target not in allowed:
                errors.append(f"{where}: {layer} may not include {target} ({found.group(1)})")
            if found and layer in ("Runtime", "Module", "Tokenizer") and found.group(1).split("/")[0] in ("mlir", "llvm", "lld"):
                errors.append(f"{where}: {layer} knows nothing of LLVM ({found.group(1)})")
    print("\n".join(errors) or "the layers hold")
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
