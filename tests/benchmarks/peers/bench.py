"""What all sections share. In: a folder, and how often a command is run. Out: archives, and medians of runs."""

import shutil
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.benchmarks.peers.archive import archive_of
from tests.benchmarks.peers.commands import ours
from tests.benchmarks.usage import Usage

# A replay of so few takes as long as one of nothing, and has work for two workers.
START_UP_RECORDS = 200


@dataclass(frozen=True)
class Used:
    """Medians over some runs; the memory is the most of all."""

    wall: float
    cpu: float
    largest_mib: float
    worker_mib: float
    seen: float


class Bench:
    """A folder for archives and what is made of them."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.folder, self.runs = folder, runs
        self.out = folder / "out"

    def archive(self, records: int) -> Path:
        """The archive of so many records, which is made once."""
        root = archive_of(self.folder, records)
        size = sum(file.stat().st_size for file in (root / "archive").rglob("*.gz"))
        print(f"  archive of {records:,} records, {size / 2**20:,.0f} MiB gzip", flush=True)
        return root

    def use(self, command: list[str], *made: Path) -> Usage:
        """Runs a command once, after what an earlier run has made is gone."""
        for path in made or (self.out,):
            shutil.rmtree(path, ignore_errors=True)
        return Usage(command, self.folder / "out.log", self._first_object)

    def typical(self, command: list[str], *made: Path) -> Used:
        """What a command uses."""
        return typical([self.use(command, *made) for _ in range(self.runs)])

    @cache  # noqa: B019  there is one bench
    def start_up(self, workers: int = 0) -> Used:
        """What a replay of next to nothing uses."""
        return self.typical(ours("replay", archive_of(self.folder, START_UP_RECORDS), self.out, *self.config(workers)))

    def config(self, workers: int) -> tuple[object, ...]:
        """The options that set how many workers a replay has; 0 for what it has by default."""
        if not workers:
            return ()
        path = self.folder / f"workers-{workers}.toml"
        path.write_text(f"[replay]\nworkers = {workers}\n")
        return ("--config", path)

    def _first_object(self) -> bool:
        return any((self.out / "ledger" / "outcomes").glob("*/*.parquet"))


def typical(usages: list[Usage]) -> Used:
    """The medians of some runs."""
    return Used(
        statistics.median(usage.wall for usage in usages),
        statistics.median(usage.cpu for usage in usages),
        max(usage.largest_mib for usage in usages),
        max(usage.worker_mib for usage in usages),
        statistics.median(usage.seen or usage.wall for usage in usages),
    )


def judged(reached: bool) -> str:
    """A goal, in a word."""
    return "reached" if reached else "missed"
