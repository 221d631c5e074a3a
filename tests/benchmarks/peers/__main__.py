"""`make bench-peers`: the backfill against the peers in paired runs, and the goals that need no peer.

    python -m tests.benchmarks.peers --only peers --records 100000 --runs 1

It takes about half an hour. Every command runs in a process of its own; all processes that it starts are counted.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

import psutil

from tests.benchmarks.peers.bench import Bench
from tests.benchmarks.peers.commands import CONNECTORS, PEERS
from tests.benchmarks.peers.goals import scale, start_up, workers
from tests.benchmarks.peers.paired import compare
from tests.benchmarks.peers.releases import releases
from tests.services.process import installed, java

SECTIONS = ("peers", "start-up", "workers", "scale", "release")


def main() -> None:
    """Runs the sections that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="sections; default: all")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS), help="default: all")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--records", type=int, default=1_200_000, help="of the peers and the workers")
    parser.add_argument("--scale", type=int, nargs=2, default=[300_000, 3_000_000], help="records, small and large")
    parser.add_argument("--contacts", type=int, default=150_000, help="of the date that is released")
    parser.add_argument("--folder", type=Path, help="keep archives here; default: a temporary folder")
    arguments = parser.parse_args()
    installed(CONNECTORS, "jars")
    with tempfile.TemporaryDirectory(prefix="contact-billing-bench-") as scratch:
        # Temporary files of all lie on one file system, and are gone in the end.
        os.environ.update(TMPDIR=scratch, JAVA_HOME=str(java().resolve().parents[1]))
        folder = (arguments.folder or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        run(Bench(folder, arguments.runs), arguments)


def run(bench: Bench, arguments: argparse.Namespace) -> None:
    """Runs sections."""
    memory = psutil.virtual_memory().total / 2**30
    print(f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}", flush=True)
    only = arguments.only
    if "peers" in only:
        compare(bench, arguments.records, arguments.peers)
    if "start-up" in only:
        start_up(bench)
    if "workers" in only:
        workers(bench, arguments.records)
    if "scale" in only:
        scale(bench, arguments.scale)
    if "release" in only:
        releases(bench, arguments.contacts)


if __name__ == "__main__":
    main()
