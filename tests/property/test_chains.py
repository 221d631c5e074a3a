"""Chain sanity against a naive reading of it: every call held against every other."""

import tempfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from schemas.billing_rules import Rules
from schemas.outcome import OutcomeRow
from tests.support.chains import Findings, call, found
from tests.support.ledgers import lines_and_control, new_ledger, write_rows
from tests.support.records import DATE
from transforms.lines.control_totals import imbalance

_SMALL = st.integers(0, 12)


# Of a day, all calls may have the same one, so that groups of many are likely.
_EXTENSIONS = st.sampled_from([("1",), ("1", "2"), ("1", "2", "null")])
_PHONES = st.sampled_from([("+11",), ("+11", "+12", "null")])
_CHAINS = st.sampled_from([("a",), ("a", "b", "null"), ("null",)])


@st.composite
def _days(draw: st.DrawFn) -> list[OutcomeRow]:
    """Up to eight calls that often touch, overlap, and share chains, phones and extensions."""
    extensions, phones, chains = draw(_EXTENSIONS), draw(_PHONES), draw(_CHAINS)
    rows = []
    for name in "abcdefgh"[: draw(st.integers(0, 8))]:
        begins, lasted = draw(_SMALL), draw(st.integers(0, 4) | _SMALL)
        words = f"{name} {begins}+{lasted} ext {draw(st.sampled_from(extensions))}"
        words += f" phone {draw(st.sampled_from(phones))} of {draw(st.sampled_from(chains))}"
        words += draw(st.sampled_from(["", " transfer"])) + f" hold {draw(st.integers(0, lasted))}"
        row = call(words + draw(st.sampled_from(["", "", " excluded"])))
        assert row.initiated_at is not None
        row.disconnected_at = row.initiated_at + draw(_SMALL) * 1_000_000
        rows.append(row)
    return rows


def _lasted(row: OutcomeRow) -> int:
    return ((row.talk_seconds or 0) + (row.hold_seconds or 0)) * 1_000_000


def _chain(row: OutcomeRow) -> str | None:
    return row.initial_contact_id or row.contact_id


def _overlap(one: OutcomeRow, other: OutcomeRow) -> bool:
    assert one.connected_at is not None
    assert other.connected_at is not None
    begins = max(one.connected_at, other.connected_at)
    return begins < min(one.connected_at + _lasted(one), other.connected_at + _lasted(other))


def _groups(rows: list[OutcomeRow], same: Callable[[OutcomeRow], object]) -> list[list[OutcomeRow]]:
    """Rows that are the same and overlap, one with the next or through others."""
    groups = [[row] for row in rows if same(row) is not None]
    pairs = [(a, b) for a, b in combinations(rows, 2) if same(a) is not None and same(a) == same(b) and _overlap(a, b)]
    for one, other in pairs:
        first = next(g for g in groups if one in g)
        second = next(g for g in groups if other in g)
        if first is not second:
            groups.remove(second)
            first += second
    return [group for group in groups if len(group) > 1]


def _covers(other: OutcomeRow, row: OutcomeRow) -> bool:
    """Whether one leg's time with its provider has the other's in it, and its hold is as long."""
    assert row.connected_at is not None
    assert other.connected_at is not None
    return (
        other is not row
        and other.connected_at <= row.connected_at
        and row.connected_at + _lasted(row) <= other.connected_at + _lasted(other)
        and _lasted(row) <= (other.hold_seconds or 0) * 1_000_000
    )


def _consults(rows: list[OutcomeRow]) -> dict[str, set[str]]:
    """Each consult leg, with all legs that cover it; of two that cover each other, the first covers."""
    answered = [row for row in rows if row.outcome in ("billable", "held") and _lasted(row)]
    consults: dict[str, set[str]] = {}
    for row in answered:
        for other in answered:
            first = _covers(row, other) and str(row.contact_id) < str(other.contact_id)
            if row.initiation_method == "TRANSFER" and _chain(other) == _chain(row) and _covers(other, row) > first:
                consults.setdefault(str(row.contact_id), set()).add(str(other.contact_id))
    return consults


def naive(rows: list[OutcomeRow]) -> Findings:
    billed = [row for row in rows if row.outcome == "billable"]
    chains: dict[str | None, list[OutcomeRow]] = {}
    for row in rows:
        chains.setdefault(_chain(row), []).append(row)
    legs = _groups(billed, lambda row: (_chain(row), row.extension))
    twice = _groups(billed, lambda row: row.patient_phone and (row.patient_phone, row.extension))
    longer = [
        [row]
        for row in billed
        if _lasted(row)
        > max(r.disconnected_at or 0 for r in chains[_chain(row)])
        - min(r.initiated_at or 0 for r in chains[_chain(row)])
    ]
    told = {
        "legs_overlap": legs,
        "leg_longer_than_chain": longer,
        "patient_billed_twice": [group for group in twice if len({_chain(row) for row in group}) > 1],
    }
    return {
        rule: tuple(sorted(tuple(sorted(row.contact_id or "" for row in group)) for group in groups))
        for rule, groups in told.items()
    }


@given(_days())
def test_the_findings_are_those_of_a_naive_reading(rows: list[OutcomeRow]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        findings = found(rows, Path(folder))
    consults = findings.pop("consult_leg")
    assert findings == naive(rows)
    assert_consults(consults, _consults(rows))


def assert_consults(pairs: tuple[tuple[str, ...], ...], consults: dict[str, set[str]]) -> None:
    """A finding for every consult leg, with one of the legs that cover it."""
    assert len(pairs) == len(consults)
    assert list(pairs) == sorted(tuple(sorted(pair)) for pair in pairs)
    remaining = [set(pair) for pair in pairs]
    for consult, covering in consults.items():
        remaining.remove(next(pair for pair in remaining if consult in pair and pair & covering))


@given(_days())
def test_without_the_consult_legs_the_others_are_billed_as_they_were(rows: list[OutcomeRow]) -> None:
    """The control totals differ by the consult legs alone, and balance."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = new_ledger(Path(folder))
        write_rows(ledger, rows)
        (all_lines, before), (lines, control) = (
            lines_and_control(ledger, DATE, rules=Rules(consult_legs=choice)) for choice in ("report", "exclude")
        )
    consults = _consults(rows)
    assert control.excluded.get("consult", 0) == len(consults)
    assert lines == [line for line in all_lines if line["contact_id"] not in consults]
    assert imbalance(before) is imbalance(control) is None
    assert control.excluded == before.excluded | ({"consult": len(consults)} if consults else {})
    held = [row for row in rows if row.outcome == "held" and row.contact_id not in consults]
    assert (control.read, control.billed, control.held) == (before.read, len(lines), len(held))
