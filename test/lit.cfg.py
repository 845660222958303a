"""What all lit tests share: where the tools are, and which optional parts of the environment exist.

Features that a test can REQUIRE:
  data     the published models and results (CMake's SEQ_DATA_DIR); %data is their folder
  smollm2  the GGUF of SmolLM2 (SEQ_SMOLLM2_DIR); %smollm2 is the file
  numpy    %python can import numpy
  clang-format  clang-format-22 is installed
A test that loads the runtime into Python is UNSUPPORTED with the feature `sanitizer`.
"""
import os
import shutil
import subprocess
import sys

import lit.formats

config.name = "seqc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.seqc_binary_dir, "test")


def has_numpy(python):
    return subprocess.run([python, "-c", "import numpy"], capture_output=True).returncode == 0


# The Python that CMake found and the one that runs lit may be different installations.
pythons = [python for python in (config.python, sys.executable) if has_numpy(python)]
python = pythons[0] if pythons else config.python
smollm2 = os.path.join(config.smollm2_dir, "SmolLM2-135M-Instruct.Q4_1.gguf")
for feature, exists in (("data", os.path.isdir(config.data_dir)), ("smollm2", os.path.isfile(smollm2)),
                        ("numpy", bool(pythons)), ("clang-format", shutil.which("clang-format-22"))):
    if exists:
        config.available_features.add(feature)

tools = os.path.join(config.seqc_binary_dir, "bin")
config.environment["PATH"] = os.pathsep.join((tools, config.llvm_tools_dir, config.environment.get("PATH", "")))
if config.sanitizer:
    config.available_features.add("sanitizer")
if config.sanitizer == "address":
    # The packaged LLVM libraries are not instrumented: their pool allocators do not
    # undo what inlined, instrumented code poisons, and they leak at exit.
    config.environment["ASAN_OPTIONS"] = "allow_user_poisoning=0:detect_leaks=0"

config.substitutions += [("%python", python), ("%source", config.seqc_source_dir), ("%data", config.data_dir),
                         ("%smollm2", smollm2)]
for tool in ("seq-bench", "seq-dump", "seq-fuzz", "seq-opt", "seq-run", "seqc"):
    config.substitutions.append(("%" + tool, os.path.join(tools, tool)))
