"""Does what docs/Tutorial.md says: writes its program, then runs its commands in order.

    tutorial.py TUTORIAL.md PYTHON WORK_FOLDER
"""
import pathlib
import re
import subprocess
import sys

INDENT = "    "


def blocks(text):
    """The indented blocks, without their indentation."""
    for block in re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, re.MULTILINE):
        yield "".join(line.removeprefix(INDENT) for line in block.splitlines(keepends=True))


def main():
    tutorial, python, work = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    work.mkdir(parents=True, exist_ok=True)
    program, *commands = blocks(tutorial.read_text())
    (work / "mymixer.mlir").write_text(program)
    if not commands:
        sys.exit("the tutorial has no commands")
    for command in "".join(commands).splitlines():
        done = subprocess.run(re.sub(r"^python3 ", python + " ", command), shell=True, cwd=work, text=True)
        if done.returncode:
            sys.exit(f"failed: {command}")


if __name__ == "__main__":
    main()
