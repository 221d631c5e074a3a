"""Figures: those of money are the manifests', the others those of an independent count over the ledger."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobs.report.release_history import read_released_date, released_dates
from schemas.manifest import Control
from tests.report.pages import count, page, rows, undrawn
from tests.support.deliveries import Unit, units
from tests.support.desk import AGENTS, Desk
from tests.support.ledgers import NO_AGENTS, dates, write_payloads
from tests.support.records import payload
from transforms.lines.control_totals import total

# Wrong queries that were tried are noticed by A_DAY, which has records of all kinds; by generated deliveries, the ninth
# at the latest, or never. What counts of deliveries in any order is tried at length in tests/property.
ENOUGH = settings(max_examples=10)


def delivered(*differences: str) -> list[Unit]:
    """Deliveries of these records."""
    return [Unit(payload(one), None) for one in differences]


A_DAY = [
    *delivered("", 'ContactId = "alike"', 'ContactId = "gone"', 'ContactId = "held"; Attributes = null', ""),
    *delivered('LastUpdateTimestamp = "2026-03-01T10:01:00Z"', 'ContactId = "outbound"; InitiationMethod = "OUTBOUND"'),
    *delivered('ContactId = "left"; Agent = null', 'ContactId = "queued"; Queue.Duration = 45'),
    *delivered('ContactId = "menu"; Agent = null; Queue = null'),
    *delivered('ContactId = "fax"; AnsweringMachineDetectionStatus = "FAX_X"'),
    *delivered('ContactId = "short"; Agent.AgentInteractionDuration = 0; Agent.CustomerHoldDuration = 0'),
    *delivered('ContactId = "before ten"; InitiationTimestamp = "2026-03-01T09:59:30Z"'),
    *delivered('ContactId = "chat"; Channel = "CHAT"', 'ContactId = "listening"; InitiationMethod = "MONITOR"'),
    Unit(payload('ContactId = "bad"; DisconnectTimestamp = null'), b"oops"),
]
LATER = delivered(
    'ContactId = "gone"; LastUpdateTimestamp = "2026-03-01T10:03:00Z"; Agent = null',
    'ContactId = "alike"; LastUpdateTimestamp = "2026-03-01T10:03:00Z"; Agent.AgentInteractionDuration = 31',
    'ContactId = "new"',
)
# Of these no figure of service tells.
NOT_OF_PATIENTS = ("channel", "monitoring")


def released_world(root: Path, deliveries: list[Unit], later: list[Unit]) -> Desk:
    """A ledger of these deliveries; its dates released, the second time with what came later."""
    desk = Desk(root)
    for number, (some, agents) in enumerate(((deliveries, NO_AGENTS), (later, AGENTS))):
        write_payloads(desk.ledger, (p for unit in some for p in unit.payloads), input_name=f"{number}-0")
        for date in dates(desk.ledger):
            if date != "unknown":
                desk.release(agents, date=date)
    return desk


@ENOUGH
@example(A_DAY, LATER)
@given(units(ties=True), st.just([]) | units(ties=True))
def test_moneys_figures_are_the_manifests(deliveries: list[Unit], later: list[Unit]) -> None:
    with tempfile.TemporaryDirectory() as folder, undrawn():
        desk = released_world(Path(folder), deliveries, later)
        partner = desk.partner
        known = [read_released_date(partner, date) for date in released_dates(partner)]
        found = page(desk.root, "billing")
    control = total([one.newest.control for one in known])
    by_date = {row["date"]: row for row in rows(found, "calls")}
    for one in known if control.billed else ():
        row = by_date[one.billing_date]
        assert sum(count(n) for name, n in row.items() if name in ("inbound", "outbound")) == one.newest.control.billed
    assert sum(count(row["calls"]) for row in rows(found, "extensions")) == control.billed
    assert sum(count(row["seconds"]) for row in rows(found, "extensions")) == control.call_seconds
    listed = {row["date"]: row for row in rows(found, "versions")}
    assert {date: row["SHA-256 of manifest.json"] for date, row in listed.items()} == {
        one.billing_date: one.manifest_sha256 for one in known
    }
    assert {date: row["version"] for date, row in listed.items()} == {
        one.billing_date: f"v{one.newest.version:04d}" for one in known
    }
    held = {row["date"]: count(row["held"]) for row in rows(found, "held") if row["date"] != "in all"}
    assert held == ({one.billing_date: one.newest.control.held for one in known} if control.held else {})
    amended = Counter[str]()
    for one in known:
        amended.update(one.amendments)
    in_all = [row for row in rows(found, "amendments") if row["date"] == "in all"]
    assert {k: count(v) for row in in_all for k, v in row.items() if k.isupper() and v != "0"} == dict(amended)


@ENOUGH
@example(A_DAY)
@given(units(ties=False))
def test_the_balance_is_the_manifests_where_there_are_some_and_the_ledgers_else(deliveries: list[Unit]) -> None:
    with tempfile.TemporaryDirectory() as folder, undrawn():
        desk = released_world(Path(folder), deliveries, [])
        unreleased = Desk(Path(folder) / "other")
        write_payloads(unreleased.ledger, (p for unit in deliveries for p in unit.payloads))
        known = [read_released_date(desk.partner, date) for date in released_dates(desk.partner)]
        ledger = read_ledger(desk.root)
        told, before = page(desk.root, "operator"), page(unreleased.root, "operator")
    control = total([one.newest.control for one in known])
    unknown = [row for row in ledger if row["billing_date"] == "unknown"]
    assert balance(told) == totals(control) + Counter(row["outcome"] for row in unknown)
    assert balance(before) == standing(ledger)
    assert sum(balance(told).values()) == len(ledger)


@ENOUGH
@example(A_DAY)
@given(units(ties=False))
def test_services_figures_are_those_of_an_independent_count(deliveries: list[Unit]) -> None:
    with tempfile.TemporaryDirectory() as folder, undrawn():
        desk = Desk(Path(folder))
        write_payloads(desk.ledger, (p for unit in deliveries for p in unit.payloads))
        ledger = [row for row in read_ledger(desk.root) if row["billing_date"] != "unknown"]
        found = page(desk.root, "supervisor")
    counts = newest(ledger)
    assert {(r["outcome"], r["reason"]): count(r["contacts"]) for r in rows(found, "outcomes")} == Counter(
        (row["outcome"], row["reason"] or "") for row in counts
    )
    inbound = [row for row in counts if row["call_type"] == "inbound" and row["reason"] not in NOT_OF_PATIENTS]
    assert sum(count(row["inbound"]) for row in rows(found, "shares")) == len(inbound)
    waits = sorted(
        row["queue_seconds"]
        if row["queue_seconds"] is not None
        else int((row["connected_at"] - row["initiated_at"]).total_seconds())
        for row in inbound
        if row["outcome"] in ("billable", "held") or row["reason"] == "below_minimum"
    )
    assert sum(count(row["contacts"]) for row in rows(found, "waiting")) == len(waits)
    by_hour = Counter(row["initiated_at"].strftime("%H") for row in counts if row["reason"] not in NOT_OF_PATIENTS)
    told = {
        row["hour of the day"]: sum(count(v) for k, v in row.items() if k != "hour of the day")
        for row in rows(found, "hours")
    }
    assert {hour: n for hour, n in told.items() if n} == by_hour


def balance(found: Any) -> Counter[str]:
    """Records by what became of them, as the page tells it."""
    counts = Counter[str]()
    for row in rows(found, "balance"):
        if row["what became of it"] != "read":
            counts[row["what became of it"]] += count(row["records"])
    return counts


def totals(control: Control) -> Counter[str]:
    """The same of a manifest."""
    found = Counter[str](
        billed=control.billed,
        held=control.held,
        excluded=sum(control.excluded.values()),
        superseded=control.superseded,
        duplicate=control.duplicate,
        quarantined=sum(control.quarantined.values()),
    )
    return +found


def read_ledger(root: Path) -> list[dict[str, Any]]:
    """Every row of a ledger, read without the product's SQL."""
    data = ds.dataset(str(root / "ledger/outcomes"), partitioning="hive", exclude_invalid_files=True)
    return data.to_table().to_pylist()


def newest(ledger: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every contact the row with the greatest updated_at, where no two of a time differ; and agents' events."""
    found: dict[str, dict[str, Any]] = {}
    events = []
    for row in ledger:
        if row["outcome"] == "quarantined":
            continue
        if row["contact_id"] is None:
            events.append(row)
        elif (key := row["contact_id"]) not in found or row["updated_at"] > found[key]["updated_at"]:
            found[key] = row
    return [*found.values(), *events]


def standing(ledger: list[dict[str, Any]]) -> Counter[str]:
    """What became of every row of a ledger that is not released; equals of the row that counts are duplicates."""
    found = Counter[str](row["outcome"] for row in newest(ledger))
    found["not released"] = found.pop("billable", 0)
    last = {row["contact_id"]: row["updated_at"] for row in newest(ledger)}
    found["quarantined"] = sum(row["outcome"] == "quarantined" for row in ledger)
    delivered = [r for r in ledger if r["outcome"] != "quarantined" and r["contact_id"] is not None]
    same = sum(row["updated_at"] == last[row["contact_id"]] for row in delivered)
    found["duplicate"] = same - len({row["contact_id"] for row in delivered})
    found["superseded"] = len(delivered) - same
    return +found
