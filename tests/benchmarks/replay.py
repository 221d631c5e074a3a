"""`make bench`: replay and backfill of a synthetic gzip archive, in records per CPU-second; memory on large files.

Runs the real command in a process of its own and adds up the CPU time of all its children (the JVM
and the Python workers); start-up is measured by a backfill of one small file and shown apart.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from jobs.sample.archive import write_sample
from tests.benchmarks.large_files import print_peaks
from tests.benchmarks.peers.commands import ours
from tests.benchmarks.steps import profile
from tests.benchmarks.usage import Usage

DELIVERIES_PER_CONTACT = 1.149
LARGE_BYTES = 2_000_000_000


def main() -> None:
    """Prints one line per archive size."""
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
        profile(root, folder / "steps")
        print_peaks(folder, LARGE_BYTES)


def archive(folder: Path, contacts: int) -> Path:
    """A gzip archive of so many contacts in files of 40,000 records, made once."""
    root = folder / f"archive-{contacts}"
    if not (root / "agents.csv").exists():
        write_sample(root, contacts=contacts, records_per_object=40_000)
    return root


def command(root: Path, out: Path, step: str = "backfill") -> list[str]:
    """The command that is measured, into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    return ours(step, root, out)


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
