"""Runs a command that may write files of at most LIMIT bytes each: it has to fail with one clear line and exit code 1, and
to leave nothing of what it was writing.

    check_full_disk.py LIMIT FOLDER COMMAND...     FOLDER is where the command writes; what is there already stays
"""
import os
import pathlib
import re
import resource
import subprocess
import sys


def main():
    limit, folder, command = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    before = set(folder.iterdir())
    environment = os.environ | {"TMPDIR": str(folder)}
    limited = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    run = subprocess.run(command, preexec_fn=limited, env=environment, capture_output=True, text=True)
    tool = pathlib.Path(command[0]).name
    errors = [line for line in run.stderr.splitlines() if not line.startswith("load ")]
    assert run.returncode == 1, f"exit code {run.returncode}: {run.stderr}"
    assert len(errors) == 1, run.stderr
    assert re.match(rf"{tool}: error: cannot write .*File too large", errors[0]), errors[0]
    left = set(folder.iterdir()) - before
    assert not left, f"left behind: {left}"


main()
