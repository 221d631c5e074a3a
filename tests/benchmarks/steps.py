"""Where a replayed record's time goes: one process, one core, CPU microseconds of each step.

Every step is measured with all steps before it, by the real code, and what it adds is printed; the best of some runs.
"""

import gc
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from jobs.agents.table import load_agents
from jobs.ingest.archive.compression.nesting import decompress
from jobs.ingest.archive.files import ArchiveFile, archive_files
from jobs.ingest.archive.reader import read_payloads
from jobs.ingest.file_task import FileTask
from jobs.settings.date_range import DateRange
from schemas.billing_rules import Rules
from sinks.ledger import Ledger
from sinks.store import LocalStore
from transforms.records.decode import Decoder, Unreadable
from transforms.records.outcome import classify_payload

FILES = 4
RUNS = 3


class _NoDecoder(Decoder):
    """Takes payloads for objects without looking."""

    def one(self, payload: bytes) -> Unreadable:
        return None  # type: ignore[return-value]

    def many(self, payloads: list[bytes]) -> list[Unreadable]:  # type: ignore[override]
        return [None] * len(payloads)  # type: ignore[list-item]


def profile(root: Path, scratch: Path) -> None:
    """Prints the steps of some files of an archive."""
    files = archive_files(root / "archive", DateRange())[:FILES]
    agents, rules = load_agents(root / "agents.csv"), Rules()
    # As a worker does.
    gc.set_threshold(1_000_000, 10, 10)

    def each(step: Callable[[ArchiveFile], Iterable[object]]) -> None:
        for file in files:
            deque(step(file), maxlen=0)

    def inflate(file: ArchiveFile) -> Iterable[object]:
        with Path(file.path).open("rb") as content:
            yield from decompress(content, [])

    def read(file: ArchiveFile, decoder: Decoder) -> Iterable[object]:
        with Path(file.path).open("rb") as content:
            yield from (payload.decoded for _, payload in read_payloads(content, decoder, []))

    def whole() -> None:
        shutil.rmtree(scratch, ignore_errors=True)
        ledger = Ledger(LocalStore(scratch), rules.time_zone)
        ledger.open()
        task = FileTask(ledger, rules, agents, "profile")
        for file in files:
            result = task.run(file, lambda _: None)
            assert result.mark, result

    steps: dict[str, Callable[[], None]] = {
        "read and inflate": lambda: each(inflate),
        "split": lambda: each(lambda file: read(file, _NoDecoder())),
        "decode": lambda: each(lambda file: read(file, Decoder())),
        "classify, join": lambda: each(
            lambda file: (classify_payload(d, agents, rules) for d in read(file, Decoder()))
        ),  # type: ignore[arg-type]
        "digest, columns, Parquet": whole,
    }
    records = sum(1 for file in files for _ in read(file, Decoder()))
    print(f"a replayed record, CPU µs, one process, {records:,} records:")
    before = 0.0
    for name, step in steps.items():
        micros = min(_seconds(step) for _ in range(RUNS)) / records * 1e6
        print(f"  {name:26} {micros - before:5.1f}")
        before = micros
    print(f"  {'in all':26} {before:5.1f}", flush=True)
    shutil.rmtree(scratch)


def _seconds(step: Callable[[], None]) -> float:
    begun = time.process_time()
    step()
    return time.process_time() - begun
