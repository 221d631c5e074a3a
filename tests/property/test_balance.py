"""Every payload has one fate, whatever the order of deliveries and however they lie in files."""

import csv
import typing
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.agents.table import load_agents
from jobs.sample.agents import write_agents
from jobs.sample.archive import write_archive as write_sample
from jobs.sample.contacts import deliveries
from jobs.sample.malformed import DEFECTS, mix_in
from schemas.billing_rules import ConsultLegs, Rules
from schemas.manifest import Control
from schemas.outcome import UNKNOWN_DATE
from tests.oracle.totals import expected
from tests.support.deliveries import AGENTS, LAYOUTS, Layout, Unit, units, write_archive
from tests.support.folders import folder
from tests.support.ledgers import dates, history, lines_and_control, new_ledger, read_archive
from transforms.lines.control_totals import imbalance, total

HISTORY = history(AGENTS)
Books = dict[str, tuple[list[dict[str, object]], Control]]


def books(work: Path, deliveries: list[Unit], layout: Layout) -> Books:
    """Lines and control totals of every date, read from an archive of these deliveries."""
    archive = write_archive(work, deliveries, layout)
    ledger = new_ledger(work / "ledger")
    results = read_archive(archive, ledger, HISTORY)
    assert [r for r in results if r.mark is None] == []
    return {date: lines_and_control(ledger, date, HISTORY) for date in dates(ledger)}


@settings(max_examples=15)
@given(units(ties=True), LAYOUTS)
def test_the_balance_holds(sent: list[Unit], layout: Layout) -> None:
    with folder() as work:
        found = books(work, sent, layout)
    controls = [control for _, control in found.values()]
    assert [imbalance(control) for control in controls] == [None] * len(controls)
    assert total(controls).read == sum(len(unit.payloads) for unit in sent)
    for date, (lines, control) in found.items():
        assert control.billed == len(lines)
        assert control.talk_seconds == sum(line["talk_seconds"] for line in lines)
        assert control.hold_seconds == sum(line["hold_seconds"] for line in lines)
        assert control.call_seconds == sum(line["call_duration_seconds"] for line in lines)
        assert len({line["contact_id"] for line in lines}) == len(lines)
        assert date != UNKNOWN_DATE or not lines


@settings(max_examples=40)
@given(units(ties=True), LAYOUTS, LAYOUTS, st.randoms(use_true_random=False))
def test_order_and_files_do_not_matter(sent: list[Unit], one: Layout, two: Layout, random: Random) -> None:
    shuffled = sent.copy()
    random.shuffle(shuffled)
    with folder() as work:
        assert books(work / "one", sent, one) == books(work / "two", shuffled, two)


@settings(max_examples=40)
@given(units(ties=False), LAYOUTS)
def test_the_reference_reading_agrees(sent: list[Unit], layout: Layout) -> None:
    with folder() as work:
        found = books(work, sent, layout)
        wanted = expected(work / "archive", AGENTS)
    assert {date for date, control in wanted.control.items() if control["read"]} == set(found)
    for date, (lines, control) in found.items():
        assert msgspec.structs.asdict(control) == wanted.control[date]
        assert [{k: v for k, v in line.items() if k != "revision"} for line in lines] == sorted(
            wanted.lines[date], key=lambda line: (line["initiated_at"], line["contact_id"])
        )


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@settings(max_examples=25)
@given(units(ties=True), LAYOUTS)
def test_reading_twice_changes_no_byte_of_the_ledger(sent: list[Unit], layout: Layout) -> None:
    with folder() as work:
        archive = write_archive(work, sent, layout)
        ledger = new_ledger(work / "ledger")
        first = read_archive(archive, ledger, HISTORY)
        before = contents(work / "ledger")
        assert read_archive(archive, ledger, HISTORY) == first
        assert contents(work / "ledger") == before

        # Read anew, because a setting has changed: the same parts, and marks that name the settings.
        read_archive(archive, ledger, HISTORY, settings="other")
        after = contents(work / "ledger")
        assert {n: b for n, b in after.items() if "inputs/" not in n} == {
            n: b for n, b in before.items() if "inputs/" not in n
        }

        again = new_ledger(work / "again")
        read_archive(archive, again, HISTORY)
        assert contents(work / "again") == before


@pytest.mark.parametrize("consult_legs", typing.get_args(ConsultLegs))
def test_a_synthetic_archive_balances_and_agrees_with_the_reference(tmp_path: Path, consult_legs: ConsultLegs) -> None:
    archive = tmp_path / "archive"
    write_sample(archive, mix_in(deliveries(900, 5), 5, 0.05), layout="mixed", records_per_object=60)
    write_agents(tmp_path / "agents.csv", 5)
    agents = load_agents(tmp_path / "agents.csv")
    ledger = new_ledger(tmp_path / "ledger")
    assert all(result.mark for result in read_archive(archive, ledger, agents))
    rows = list(csv.DictReader((tmp_path / "agents.csv").read_text(encoding="utf-8").splitlines()))
    wanted = expected(archive, rows, consult_legs=consult_legs)
    assert ("consult" in wanted.total()["excluded"]) is (consult_legs == "exclude")
    for date, control in wanted.control.items():
        lines, found = lines_and_control(ledger, date, agents, Rules(consult_legs=consult_legs))
        assert imbalance(found) is None
        # No two deliveries of this seed have the same time and another content that is billed.
        assert msgspec.structs.asdict(found) == control
        assert len(lines) == len(wanted.lines[date])
    assert {reason for control in wanted.control.values() for reason in control["quarantined"]} == {
        defect.reason for defect in DEFECTS
    }
