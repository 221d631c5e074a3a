"""`make bench-report`: a month of 10,000 contacts a day, in 13,000 deliveries, released; the page of every role.

The ledger is written directly. Each page is made by the command in a process of its own.
"""

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.releases.publisher import Publisher
from jobs.settings.settings import Settings
from schemas.report_roles import ROLES
from sinks.ledger import InputMark, Ledger
from sinks.store import LocalStore
from tests.benchmarks.release import AGENTS, rows
from tests.benchmarks.usage import Usage
from transforms.records.extension import AgentHistory, Assignment

FIRST = datetime.date(2026, 3, 1)
DAYS, CONTACTS, DELIVERIES = 30, 10_000, 13_000
INSTANTS = ("initiated_at", "connected_at", "disconnected_at", "updated_at")
COMMAND = Path(sys.executable).with_name("contact-billing")


def main() -> None:
    """Prints what every page needed, and its size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=DAYS)
    days: int = parser.parse_args().days
    with tempfile.TemporaryDirectory(prefix="contact-billing-bench-") as scratch:
        folder = Path(scratch)
        write(folder, days)
        print(f"{days} dates, {days * CONTACTS:,} contacts, {days * DELIVERIES:,} deliveries", flush=True)
        for role in ROLES:
            page = folder / f"{role}.html"
            used = Usage([str(COMMAND), "report", "--data", str(folder), "--role", role, "--out", str(page)])
            print(
                f"  {role:10}  wall {used.wall:4.1f} s  CPU {used.cpu:4.1f} s"
                f"  peak memory {used.tree_mib / 1024:.2f} GiB  page {page.stat().st_size / 1e6:.2f} MB",
                flush=True,
            )


def write(folder: Path, days: int) -> None:
    """A ledger of so many dates, released."""
    stores = [LocalStore(folder / name) for name in ("ledger", "release", "audit")]
    ledger = Ledger(stores[0], "UTC")
    ledger.open()
    agents = AgentHistory([Assignment(f"agent-{n:030d}", f"{n:04d}") for n in range(AGENTS)])
    publisher = Publisher(ledger, stores[1], stores[2], Settings(), agents)
    for day in range(days):
        date, name = (FIRST + datetime.timedelta(days=day)).isoformat(), f"{day:02x}-0"
        contacts = day * CONTACTS + np.arange(DELIVERIES) % CONTACTS
        ledger.write_rows(date, name, 0, later(rows(contacts, np.arange(DELIVERIES) // CONTACTS, name), day))
        ledger.finish(name, InputMark(name, "bench", {}, {}))
        assert publisher.release_date(date, datetime.datetime.now(tz=datetime.UTC)).new


def later(table: pa.Table, days: int) -> pa.Table:
    """The rows so many days later, with something to say of queues."""
    shift = pa.scalar(days * 86_400_000_000, pa.duration("us"))
    for name in INSTANTS:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), pc.add(table.column(name), shift))
    numbers = np.arange(table.num_rows)
    for name, values in {
        "queue_name": [f"Queue {n % 12}" for n in numbers],
        "queue_seconds": numbers % 97,
        "after_contact_work_seconds": numbers % 61,
    }.items():
        field = table.schema.field(name)
        table = table.set_column(table.schema.get_field_index(name), field, pa.array(values, field.type))
    return table


if __name__ == "__main__":
    main()
