"""Runs the unit tests (CTest) and the lit tests of a build folder and adds up their counts.

    run-suites.py BUILD_FOLDER [UNIT_TEST_PROGRAM...]    with programs named, only those run
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile


def ctest(build, programs):
    """(passed, failed) of the GoogleTest programs; passing tests are not listed, skipped ones are neither."""
    only = ["-R", "^(" + "|".join(programs) + ")\\."] if programs else []
    run = subprocess.run(["ctest", "--test-dir", build, "--output-on-failure", "-j2", *only], stdout=subprocess.PIPE, text=True)
    print("\n".join(line for line in run.stdout.splitlines() if "Passed" not in line and " Start " not in line), flush=True)
    found = re.search(r"(\d+) tests failed out of (\d+)", run.stdout)
    if not found:
        return 0, 1
    failed, total = map(int, found.groups())
    skipped = run.stdout.count("***Skipped")
    if skipped:
        print(f"{skipped} unit tests are skipped here")
    return total - failed - skipped, failed


def lit(build):
    """(passed, failed) of the lit tests; unsupported ones are neither."""
    lit_program = "/usr/lib/llvm-22/bin/lit"
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        subprocess.run([lit_program, "-sv", "-j2", "-o", report.name, str(pathlib.Path(build) / "test")], check=False)
        text = pathlib.Path(report.name).read_text()
    if not text:
        return 0, 1
    codes = [test["code"] for test in json.loads(text)["tests"]]
    left_out = codes.count("UNSUPPORTED")
    if left_out:
        print(f"{left_out} lit tests are unsupported here")
    passed = sum(code in ("PASS", "XFAIL") for code in codes)
    return passed, len(codes) - passed - left_out


def main():
    build, *programs = sys.argv[1:]
    results = [ctest(build, programs)] + ([] if programs else [lit(build)])
    passed, failed = (sum(column) for column in zip(*results))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
