"""What a command uses. In: a command. Out: its wall time, the CPU time of all its processes, and their peak memory."""

import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36
# Looking costs the machine what the command could use.
LOOK_SECONDS = 0.2
WORKER = "pyflink.fn_execution"


class Usage:
    """Seconds of one command, and the most memory that its processes had: all, the largest, the largest Python worker.

    `seen` is when `sight` was first true: seconds from the start, None where it never was.
    """

    def __init__(self, command: list[str], output: Path | None = None, sight: Callable[[], bool] | None = None) -> None:
        """Runs the command to its end; what it prints goes into a file, or to stderr. SystemExit: it failed."""
        self.tree_mib = self.largest_mib = self.worker_mib = 0.0
        self.seen: float | None = None
        self._sight, self._over = sight, threading.Event()
        self._is_worker: dict[int, bool] = {}
        _adopt_orphans()
        with output.open("wb") if output else nullcontext(sys.stderr) as told:
            before, self._begun = os.times(), time.perf_counter()
            process = psutil.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT)
            watcher = threading.Thread(target=self._watch, args=(process,))
            watcher.start()
            code = process.wait()
            self.wall = time.perf_counter() - self._begun
        self._over.set()
        watcher.join()
        # A process counts once it has been waited for, by its parent or, where that has ended, by this process.
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        after = os.times()
        self.cpu = after.children_user + after.children_system - before.children_user - before.children_system
        if code:
            raise SystemExit(f"{' '.join(command)} ended with {code}" + (f"; see {output}" if output else ""))

    def _watch(self, process: psutil.Process) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if self.seen is None and self._sight and self._sight():
                self.seen = time.perf_counter() - self._begun
            tree = 0.0
            with suppress(psutil.Error):
                for member in (process, *process.children(recursive=True)):
                    tree += self._look(member)
            self.tree_mib = max(self.tree_mib, tree)

    def _look(self, process: psutil.Process) -> float:
        """Notes a process's memory. Out: it, in MiB."""
        with suppress(psutil.Error):
            mib = process.memory_info().rss / 2**20
            self.largest_mib = max(self.largest_mib, mib)
            # What a process runs does not change once it is known to be a worker.
            if not self._is_worker.get(process.pid):
                self._is_worker[process.pid] = WORKER in " ".join(process.cmdline())
            if self._is_worker[process.pid]:
                self.worker_mib = max(self.worker_mib, mib)
            return mib
        return 0.0


def _adopt_orphans() -> None:
    """Makes processes whose parent has ended children of this one."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
