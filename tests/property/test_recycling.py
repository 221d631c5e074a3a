"""Recycling at any moment, twice, two at once and through crashes: as if today's settings had always been there."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.settings.settings import Billing, Records, Settings
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import read_date_parts
from schemas.contract import BILLING_V1
from schemas.manifest import Control
from schemas.outcome import OutcomeRow
from sinks.recycled_objects import RecycledObjects
from tests.support.crashing_store import Crash, CrashingStore
from tests.support.deliveries import CONTACTS, GARBAGE, VERSIONS
from tests.support.folders import folder
from tests.support.ledgers import NO_AGENTS
from tests.support.records import payload
from tests.support.suspense import Judge, Suspense, judged, unreadable
from transforms.lines.control_totals import imbalance, total

DATES = ("2026-02-28", "2026-03-01")
TODAY = Settings(
    records=Records(("2017-03-10", "2027-01-01")), billing=Billing(inbound_methods=("INBOUND", "WHATSAPP"))
)
TODAYS = judged(TODAY.rules)
# What only today's settings accept, and what they still refuse.
DEFECTS = (
    "Queue.Name = null",
    'AWSContactTraceRecordFormatVersion = "2027-01-01"',
    'InitiationMethod = "WHATSAPP"',
    'AWSContactTraceRecordFormatVersion = "2027-01-01"; Channel = "CHAT"',
    'AWSContactTraceRecordFormatVersion = "2027-01-01"; DisconnectTimestamp = null',
    'AWSContactTraceRecordFormatVersion = "1999-01-01"',
)


def before(data: bytes) -> OutcomeRow:
    """Yesterday's code could not read one contact's records at all."""
    return unreadable(data) if b'"call-2"' in data else judged()(data)


payloads = st.one_of(
    st.tuples(st.sampled_from(CONTACTS), st.sampled_from(VERSIONS), st.sampled_from(DEFECTS)).map(
        lambda three: payload("; ".join(three))
    ),
    st.sampled_from(GARBAGE),
)
moments = st.sampled_from(["recycle", "twice", "at once", "dies before", "dies after", "dry run"])


@st.composite
def _steps(draw: st.DrawFn) -> list[tuple[tuple[list[bytes], bool, bool], str | None]]:
    """What is read in a go, whether live, and whether at a place where something was read before; then a moment.

    Of few payloads, so that some are alike, also at one place.
    """
    few = st.sampled_from(draw(st.lists(payloads, min_size=1, max_size=4, unique=True)))
    reads = st.tuples(st.lists(few, min_size=1, max_size=4), st.booleans(), st.booleans())
    return draw(st.lists(st.tuples(reads, st.none() | moments), min_size=1, max_size=4))


def read(desk: Suspense, go: tuple[list[bytes], bool, bool], judge: Judge) -> None:
    data, live, same_place = go
    desk.read(*data, judge=judge, live=live, positions=["1"] * len(data) if same_place else ())


def recycle_at(desk: Suspense, moment: str) -> None:
    if moment == "at once":
        seen = desk.ledger.recycled.names()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(RecycledObjects, "names", lambda _: seen)
            # With other agents or code an object has other bytes; here one has seen less.
            desk.recycle(TODAYS, desk.ledger.dates()[:1])
            desk.recycle(TODAYS, desk.ledger.dates() or ["unknown"])
    elif moment == "dies before":
        objects = desk.ledger.recycled
        desk.ledger.recycled = RecycledObjects(CrashingStore(desk.root / "ledger", 0))
        with contextlib.suppress(Crash):
            desk.recycle(TODAYS)
        desk.ledger.recycled = objects
    elif moment == "dry run":
        desk.recycle(TODAYS, dry_run=True)
    else:
        # Who dies after the one write has nothing else to do.
        for _ in range(2 if moment == "twice" else 1):
            desk.recycle(TODAYS)


@contextmanager
def loaded(desk: Suspense, date: str) -> Iterator[DateTables]:
    with folder() as scratch:
        rows = read_date_parts(desk.ledger, date, desk.ledger.recycled.names(), scratch)
        with DateTables(rows, NO_AGENTS, TODAY.rules) as tables:
            yield tables


def totals(desk: Suspense) -> list[Control]:
    """The control totals of every date and of unknown."""
    found = []
    for date in (*DATES, "unknown"):
        with loaded(desk, date) as tables:
            found.append(tables.control())
    return found


def books(desk: Suspense) -> tuple[dict[str, Control], dict[str, object]]:
    """The control totals by date, and the lines of every date but for their revisions."""
    controls, lines = {}, {}
    for date in (*DATES, "unknown"):
        with loaded(desk, date) as tables:
            controls[date] = tables.control()
            frame = tables.compare(BILLING_V1, None, 1).frame()
            lines[date] = frame.drop(columns="revision").to_dict("records")
    return controls, lines


@settings(max_examples=20)
@given(_steps())
def test_recycling_is_as_if_todays_settings_had_always_been_there(
    steps: list[tuple[tuple[list[bytes], bool, bool], str | None]],
) -> None:
    with folder() as work:
        desk, always = Suspense(work / "then"), Suspense(work / "always")
        count = 0
        for go, moment in steps:
            read(desk, go, before)
            read(always, go, TODAYS)
            count += len(go[0])
            if moment is not None:
                recycle_at(desk, moment)
            # Until something is recycled it is a ledger as any other.
            if desk.objects():
                controls = totals(desk)
                assert [imbalance(control) for control in controls] == [None] * 3
                assert total(controls).read == count
        recycle_at(desk, "recycle")
        again = desk.recycle(TODAYS, dry_run=True)
        assert {name for fate in again.fates.values() for name in fate} <= {"quarantined"}
        (controls, lines), (wanted, wanted_lines) = books(desk), books(always)
    assert lines == wanted_lines
    # What stays quarantined stays under the date that it had.
    assert {date: fates(c) for date, c in controls.items()} == {date: fates(c) for date, c in wanted.items()}
    assert total([*controls.values()]).read == total([*wanted.values()]).read


def fates(control: Control) -> tuple[object, ...]:
    return control.billed, control.held, control.excluded, control.superseded, control.duplicate
