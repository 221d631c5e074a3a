"""`make bench`: replay and backfill of a synthetic gzip archive, in records per CPU-second.

Runs the real command in a process of its own and adds up the CPU time of all its children (the JVM
and the Python workers); start-up is measured by a backfill of one small file and shown apart.
"""

import argparse
import contextlib
import ctypes
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from jobs.sample.archive import write_sample

PR_SET_CHILD_SUBREAPER = 36
DELIVERIES_PER_CONTACT = 1.149


class Usage:
    """CPU seconds, wall seconds and the largest Python worker of one command."""

    def __init__(self, command: list[str]) -> None:
        before, begun = os.times(), time.perf_counter()
        self.worker_mib = 0.0
        process = psutil.Popen(command, stdout=sys.stderr)
        watcher = threading.Thread(target=self._watch, args=(process,))
        watcher.start()
        self.code = process.wait()
        watcher.join()
        self.wall = time.perf_counter() - begun
        # Children count once they have been waited for; orphans are handed to this process.
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        after = os.times()
        self.cpu = after.children_user + after.children_system - before.children_user - before.children_system
        if self.code:
            raise SystemExit(f"{command[0]} ended with {self.code}")

    def _watch(self, process: psutil.Process) -> None:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            try:
                for child in process.children(recursive=True):
                    if "pyflink.fn_execution" in " ".join(child.cmdline()):
                        self.worker_mib = max(self.worker_mib, child.memory_info().rss / 2**20)
            except psutil.Error:
                pass
            time.sleep(0.1)


def main() -> None:
    """Prints one line per archive size."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, nargs="+", default=[300_000, 1_200_000])
    parser.add_argument("--folder", type=Path, help="keep archives here; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="contact-billing-bench-") as scratch:
        folder = arguments.folder or Path(scratch)
        small = archive(folder, 200)
        start = typical(lambda: Usage(command(small, folder / "out", "replay")))
        print(f"start-up (replay of 200 contacts): wall {start.wall:.1f} s, CPU {start.cpu:.1f} s")
        for records in arguments.records:
            root = archive(folder, round(records / DELIVERIES_PER_CONTACT))
            measure(root, folder / "out", start)


def archive(folder: Path, contacts: int) -> Path:
    """A gzip archive of so many contacts in files of 40,000 records, made once."""
    root = folder / f"archive-{contacts}"
    if not (root / "agents.csv").exists():
        write_sample(root, contacts=contacts, records_per_object=40_000)
    return root


def command(root: Path, out: Path, step: str = "backfill") -> list[str]:
    """The command that is measured, into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    tool = Path(sys.executable).with_name("contact-billing")
    return [str(tool), step, "--archive", f"{root}/archive", "--agents", f"{root}/agents.csv", "--out", str(out)]


def typical(run: Callable[[], Usage]) -> Usage:
    """The run of three whose CPU time is the median: others on the machine disturb some of them."""
    return sorted((run() for _ in range(3)), key=lambda usage: usage.cpu)[1]


def measure(root: Path, out: Path, start: Usage) -> None:
    """Replays and backfills of an archive."""
    replay = typical(lambda: Usage(command(root, out, "replay")))
    read = sum(sum(json.loads(mark.read_bytes())["rows"].values()) for mark in (out / "ledger" / "inputs").iterdir())
    backfill = typical(lambda: Usage(command(root, out)))
    size = sum(f.stat().st_size for f in (root / "archive").rglob("*") if f.is_file())
    print(
        f"{read:,} records, {size / 2**20:.0f} MiB gzip\n"
        f"  replay   wall {replay.wall:6.1f} s  CPU {replay.cpu:6.1f} s  "
        f"{read / (replay.cpu - start.cpu):9,.0f} records per CPU-second after start-up  "
        f"{read / (replay.wall - start.wall):9,.0f} records/s  worker peak {replay.worker_mib:4.0f} MiB\n"
        f"  backfill wall {backfill.wall:6.1f} s  CPU {backfill.cpu:6.1f} s  "
        f"{read / backfill.cpu:9,.0f} records per CPU-second in all  "
        f"{read / backfill.wall:9,.0f} records/s  worker peak {backfill.worker_mib:4.0f} MiB"
    )


if __name__ == "__main__":
    main()
