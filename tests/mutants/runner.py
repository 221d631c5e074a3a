"""Tests of a mutant: in a fork of a process that has imported what is heavy, in a copy of the tree of its own."""

import multiprocessing
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.claims.__main__ import copied
from tests.mutants.changes import Mutant

_FORK = multiprocessing.get_context("fork")
# A mutant hangs if its tests compute so many times as long as without it, and a little more; or nothing for so long.
_TIMES, _MORE_SECONDS = 2, 5
_IDLE_SECONDS = 60
_BYTES = 8 << 30
_PASSED, _NOT_OURS = pytest.ExitCode.OK, pytest.ExitCode.USAGE_ERROR


def preload() -> None:
    """Import what takes seconds, and none of the sources."""
    # The library reports its use to its makers unless this is set before it is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in (
        *(
            "altair",
            "boto3",
            "duckdb",
            "fastavro",
            "great_expectations",
            "great_expectations.expectations",
            "hypothesis",
        ),
        *("jinja2", "moto.server", "numpy", "pandas", "prometheus_client", "pyarrow.parquet", "xdist", "zstandard"),
    ):
        __import__(name)


class Tree:
    """A copy of the sources, in which one mutant after another is tried."""

    def __init__(self, folder: Path) -> None:
        self.root = copied(folder / "tree")
        self._scratch = folder / "tmp"

    def seconds(self, test: str) -> float | None:
        """How long the tests of a file compute as the sources are; None: one of them fails."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        if self._outcome((test,), None) != _PASSED:
            return None
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def notices(self, mutant: Mutant, tests: tuple[str, ...], seconds: float) -> bool:
        """Whether one of these tests fails, or hangs, with the mutant in the place of its source; see `seconds`."""
        path = self.root / mutant.file
        before, stat = path.read_text(), path.stat()
        path.write_text(before[: mutant.start] + mutant.text + before[mutant.end :])
        # What is compiled already is told by size and second from what is not.
        os.utime(path, (stat.st_atime, stat.st_mtime + 7))
        try:
            outcome = self._outcome(tests, seconds)
        finally:
            path.write_text(before)
            os.utime(path, (stat.st_atime, stat.st_mtime))
        return outcome != _PASSED

    def _outcome(self, tests: tuple[str, ...], seconds: float | None) -> int | None:
        """The exit code of the tests; negative where they were ended."""
        child = _FORK.Process(target=_run, args=(self.root, self._scratch, tests, seconds))
        child.start()
        assert child.pid is not None
        computed = -1.0
        while child.is_alive():
            child.join(_IDLE_SECONDS)
            before, computed = computed, _computed(child.pid)
            if computed == before:
                os.killpg(child.pid, signal.SIGKILL)
        return child.exitcode


def _computed(pid: int) -> float:
    """The processor's seconds of a process and those that it has started."""
    seconds = 0.0
    with suppress(psutil.NoSuchProcess):
        for process in (one := psutil.Process(pid), *one.children(recursive=True)):
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _run(root: Path, scratch: Path, tests: tuple[str, ...], seconds: float | None) -> None:
    """In a process of its own: import the copy instead of the tree that this was started from."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_DATA, (_BYTES, _BYTES))
    if seconds is not None:
        most = int(_TIMES * seconds) + _MORE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + _MORE_SECONDS))
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    started = {str(Path.cwd()), ""}
    sys.path = [str(root), *(entry for entry in sys.path if entry not in started)]
    os.chdir(root)
    os.environ["PYTHONPATH"] = str(root)
    # What is compiled of the sources as they are stays; of a mutant nothing does.
    sys.dont_write_bytecode = seconds is not None
    options = ["-x", "-p", "no:cacheprovider", "--hypothesis-profile=claims", f"--basetemp={scratch}"]
    code = pytest.main([*options, *(f"tests/{test}" for test in tests)])
    import transforms

    where = transforms.__file__
    os._exit(int(code) if where is None or Path(where).is_relative_to(root) else int(_NOT_OURS))


_OURS = ("conf", "jobs", "schemas", "sinks", "tests", "transforms")
