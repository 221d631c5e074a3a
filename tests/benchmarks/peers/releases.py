"""A release's cost: linear in its date's rows, and the same whatever else is in the ledger. Out: printed figures.

The ledgers are made by `contact-billing replay`; released is their first date, by `contact-billing release`.
"""

import json
import shutil
from datetime import timedelta
from pathlib import Path

from jobs.sample.agents import FIRST_DAY
from tests.benchmarks.peers.archive import SEED, sample, write_lines, write_root
from tests.benchmarks.peers.bench import Bench, Used
from tests.benchmarks.peers.commands import COMMAND, ours

FEW_CONTACTS = 200
OTHER_DATES, OTHER_CONTACTS = 30, 20_000


def releases(bench: Bench, contacts: int) -> None:
    """Releases of one date with few, some and twice as many contacts; and with some, next to other dates."""
    print(
        f"\nrelease of one date: {contacts:,} and {2 * contacts:,} contacts, and {OTHER_DATES} other dates", flush=True
    )
    few, _ = released(bench, FEW_CONTACTS)
    once, rows = released(bench, contacts)
    twice, more = released(bench, 2 * contacts)
    among, same = released(bench, contacts, OTHER_DATES)
    assert same == rows
    costs = [1e6 * (used.cpu - few.cpu) / count for used, count in ((once, rows), (twice, more))]
    print(f"  twice the rows, CPU of a row after start-up: {costs[0]:.1f} and {costs[1]:.1f} µs, goal the same")
    print(
        f"  {OTHER_DATES} other dates in the ledger: CPU {among.cpu / once.cpu:.2f}, wall {among.wall / once.wall:.2f} "
        "times that of the date alone, goal 1",
        flush=True,
    )


def released(bench: Bench, contacts: int, others: int = 0) -> tuple[Used, int]:
    """What a first release of the date uses, and how many rows the date has."""
    root, out = bench.folder / f"one-date-{contacts}-{others}", bench.out
    write_root(root, sample(contacts, days=1), days=1)
    if others:
        # Below another folder, for there are days on which contacts of both arrive.
        later = sample(others * OTHER_CONTACTS, SEED + 1, others, FIRST_DAY + timedelta(days=1))
        write_lines(root / "archive" / "others", later)
    shutil.rmtree(out, ignore_errors=True)
    bench.use(ours("replay", root, out))
    date = f"{FIRST_DAY:%Y-%m-%d}"
    options = ("--agents", root / "agents.csv", "--out", out, "--date", date)
    command = [str(part) for part in (COMMAND, "release", *options)]
    used = bench.typical(command, out / "release", out / "audit")
    rows = rows_of(out / "release" / f"billing_date={date}" / "v0001")
    print(
        f"  {rows:,} rows, {others} other dates: wall {used.wall:.1f} s, CPU {used.cpu:.1f} s, "
        f"at most {used.largest_mib:,.0f} MiB",
        flush=True,
    )
    shutil.rmtree(root)
    shutil.rmtree(out)
    return used, rows


def rows_of(version: Path) -> int:
    """How many ledger rows a version is made of."""
    return int(json.loads((version / "manifest.json").read_bytes())["control"]["read"])
