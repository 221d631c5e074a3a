"""`make claims`: takes the protections of SECURITY.md away, one at a time, and runs the tests that have to fail then.

    python -m tests.claims conf/flink.yaml sinks

It takes about ten minutes, works on a copy of the sources, and ends with exit code 1 if a test passes all the same.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.claims.removals import REMOVALS, Removal
from tests.services.process import ROOT


def main() -> None:
    """Tries the removals from these files and folders, or all."""
    wanted = tuple(sys.argv[1:])
    chosen = [one for one in REMOVALS if not wanted or one.file.startswith(wanted)]
    with tempfile.TemporaryDirectory(prefix="contact-billing-claims-") as scratch:
        copy = copied(Path(scratch))
        everything = sorted({one.test for one in chosen})
        if outcome(copy, everything) != pytest.ExitCode.OK:
            sys.exit("contact-billing: a test fails although nothing was removed; run make test")
        passed = sum(passes_without(copy, one) for one in chosen)
    print(f"{len(chosen)} protections removed, {passed} of them unnoticed")
    sys.exit(1 if passed else 0)


def copied(folder: Path) -> Path:
    """The sources as git knows them, with what was set up beside them."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in names.strip("\0").split("\0"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    for name in (".venv", "build"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def passes_without(copy: Path, removed: Removal) -> bool:
    """Whether the test of a protection passes when it is removed."""
    file = copy / removed.file
    before = file.read_text()
    file.write_text(before.replace(removed.text, removed.becomes))
    try:
        passes = outcome(copy, [removed.test]) != pytest.ExitCode.TESTS_FAILED
    finally:
        file.write_text(before)
    print(f"{'NOT NOTICED' if passes else 'noticed'}  {removed.file}  {removed.test}", flush=True)
    return passes


def outcome(copy: Path, tests: list[str]) -> int:
    """The exit code of these tests, run in the copy."""
    # The commands' own processes take the copy, too.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        str(copy / ".venv/bin/python"),
        "-m",
        "pytest",
        "-x",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile=claims",
    ]
    named = [f"tests/{test}" for test in tests]
    return subprocess.run([*command, *named], cwd=copy, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    main()
