"""`make bench-release`: one date of 1,000,000 contacts in 1,300,000 deliveries, released twice; wall time by step.

The ledger is written directly, in parts of 50,000 rows. The release runs in a process of its own: the
first version, then, after a late delivery for one contact in a hundred, the second with its amendments.
"""

import argparse
import functools
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.releases.gate import Gate
from jobs.releases.publisher import Publisher
from jobs.settings.settings import Settings
from jobs.sql.compared_lines import ComparedLines
from jobs.sql.date_tables import DateTables
from schemas.outcome import LEDGER_COLUMNS
from schemas.render import arrow_schema
from sinks.ledger import InputMark, Ledger
from sinks.release import ReleaseFolder
from sinks.store import LocalStore
from transforms.records.extension import AgentHistory, Assignment

DATE = "2026-03-01"
MIDNIGHT = 1_772_323_200_000_000
CONTACTS, DELIVERIES, PART = 1_000_000, 1_300_000, 50_000
AGENTS = 500
STEPS: list[tuple[type, str]] = [
    (DateTables, "_load"),
    (DateTables, "compared"),
    (DateTables, "control"),
    (ComparedLines, "frame"),
    (Gate, "validate"),
    (DateTables, "also_in"),
    (DateTables, "chains"),
    (ComparedLines, "files"),
    (DateTables, "ledger_digest"),
    (ReleaseFolder, "publish"),
]


def main() -> None:
    """Prints the steps of both versions, and what the process needed in all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=CONTACTS)
    parser.add_argument("--deliveries", type=int, default=DELIVERIES)
    parser.add_argument("--release", type=Path, help="only release the ledger below this folder, once")
    arguments = parser.parse_args()
    if arguments.release:
        release(arguments.release)
        return
    with tempfile.TemporaryDirectory(prefix="contact-billing-bench-") as scratch:
        folder = Path(scratch)
        ledger = Ledger(LocalStore(folder / "ledger"), "UTC")
        ledger.open()
        contacts = np.arange(arguments.deliveries) % arguments.contacts
        write(ledger, "01-0", contacts, np.arange(arguments.deliveries) // arguments.contacts)
        print(f"{arguments.contacts:,} contacts, {arguments.deliveries:,} deliveries")
        measured(folder)
        late = np.arange(1, arguments.contacts, 100)
        write(ledger, "02-0", late, np.full(len(late), 9))
        measured(folder)


def write(ledger: Ledger, name: str, contacts: np.ndarray, delivery: np.ndarray) -> None:
    """Deliveries of these contacts; four of five are billable, a later delivery talks longer."""
    for number, start in enumerate(range(0, len(contacts), PART)):
        ledger.write_rows(
            DATE, name, number, rows(contacts[start : start + PART], delivery[start : start + PART], name)
        )
    ledger.finish(name, InputMark(name, "bench", {}, {}))


def rows(contact: np.ndarray, delivery: np.ndarray, source: str) -> pa.Table:
    """Ledger rows, one per element."""
    billable = contact % 5 != 0
    begun = MIDNIGHT + (contact * 7919 % 86_400) * 1_000_000
    talk = 30 + contact % 600 + delivery
    columns: dict[str, Any] = {
        "outcome": np.where(billable, "billable", "excluded"),
        "reason": np.where(billable, None, "abandoned"),
        "contact_id": [f"{n * 2654435761 % 2**64:016x}-{n:019d}" for n in contact],
        "call_type": np.where(contact % 3 == 0, "outbound", "inbound"),
        "initiated_at": begun,
        "connected_at": begun + 20_000_000,
        "disconnected_at": begun + (30 + talk + 20) * 1_000_000,
        "updated_at": begun + (3600 + delivery) * 1_000_000,
        "talk_seconds": talk,
        "hold_seconds": contact % 40,
        "patient_phone": [f"+1{2_000_000_000 + n % 7_000_000}" for n in contact],
        "agent_id": [f"agent-{n % AGENTS:030d}" for n in contact],
        "attribute_extension": [f"{n % 10_000:04d}" if n % 2 else None for n in contact],
        "extension_conflict": np.zeros(len(contact), bool),
        "source": [source] * len(contact),
        "position": [str(n) for n in contact],
        "length": np.full(len(contact), 2000),
    }
    schema = arrow_schema(LEDGER_COLUMNS)
    arrays = [pa.array(columns.get(f.name, [None] * len(contact)), f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def measured(folder: Path) -> None:
    """Runs one release in a process of its own."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.release", "--release", str(folder)]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = time.perf_counter() - begun
    print(f"  in all  wall {wall:.1f} s  CPU {cpu:.1f} s  peak memory {after.ru_maxrss / 2**20:.2f} GiB", flush=True)


def release(folder: Path) -> None:
    """Releases the date, and prints what each step took."""
    wall: Counter[str] = Counter()
    for owner, name in STEPS:
        setattr(owner, name, timed(getattr(owner, name), name, wall))
    agents = AgentHistory([Assignment(f"agent-{n:030d}", f"{n:04d}") for n in range(AGENTS)])
    stores = [LocalStore(folder / name) for name in ("ledger", "release", "audit")]
    made = Publisher(Ledger(stores[0], "UTC"), stores[1], stores[2], Settings(), agents)
    released = made.release_date(DATE, datetime.now(tz=UTC))
    assert released.new, released.failures
    print(f"v{released.version:04d}: {released.control.billed:,} lines, amendments {released.amendments}")
    # The gate runs beside other steps: what a step takes of the CPU cannot be told, and wall times add up to more.
    for _, name in STEPS:
        print(f"  {name:14} wall {wall[name]:5.1f} s", flush=True)


def timed(step: Callable[..., Any], name: str, wall: Counter[str]) -> Callable[..., Any]:
    """The step, which adds up what it takes."""

    @functools.wraps(step)
    def run(*arguments: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return step(*arguments, **named)
        finally:
            wall[name] += time.perf_counter() - begun

    return run


if __name__ == "__main__":
    main()
