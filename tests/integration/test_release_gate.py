"""Write, audit, publish: what fails the gate is not published, and says why."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.releases.results import check_published
from schemas.errors import AuditFailed, StorageError
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import Publisher, open_ledger, read_contents
from tests.support.command import command
from tests.support.partner_files import assert_complete, csv_rows, digests, document

DATE, NEXT, LATER = "2026-03-01", "2026-03-02", "2026-03-05"
MIDNIGHT = MORNING.replace(hour=0) + timedelta(days=1)


def move_over_midnight(out: Path) -> None:
    """A later delivery of a contact says that it began on the next day."""
    read_contents(
        out,
        first=json_lines(record("moved", MIDNIGHT - timedelta(seconds=1)), record("steady")),
        late=json_lines(record("moved", MIDNIGHT, delivery=2), record("other", MORNING + timedelta(days=4))),
    )


def spoil_a_part(out: Path) -> None:
    """Somebody has changed two durations in the ledger behind the command's back."""
    read_contents(out, first=json_lines(*(record(f"contact-{n}", talk=50 + n) for n in range(5))))
    read_contents(out, later=json_lines(record("other", MORNING + timedelta(days=4))))
    (part,) = open_ledger(out).parts(DATE)
    table = pq.read_table(part, partitioning=None)
    column = table.schema.get_field_index("talk_seconds")
    seconds = [-5 if value >= 53 else value for value in table["talk_seconds"].to_pylist()]
    pq.write_table(table.set_column(column, table.schema.field(column), pa.array(seconds, pa.int64())), part)


FAILURES: dict[str, tuple[Callable[[Path], None], tuple[str, ...], str]] = {
    "a contact under two dates": (move_over_midnight, (DATE, NEXT), "contact_under_two_dates: 1 contacts"),
    "negative talk": (spoil_a_part, (DATE,), "talk_seconds_range: 2 of 5 rows"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_fails_is_not_published_and_the_other_dates_are(tmp_path: Path, case: str) -> None:
    """The error says which rule, how many rows and where the audit is, which says the same."""
    prepare, failing, told = FAILURES[case]
    out = tmp_path / "out"
    prepare(out)
    *failed, other = Publisher(out).publish(*failing, LATER)
    for released in failed:
        assert not released.new
        assert assert_complete(out / "release", released.billing_date) is None
        assert not (out / "release" / f"billing_date={released.billing_date}").exists()
        audit = document(Path(released.audit))
        assert told in audit["failures"]
        assert audit["billing_date"] == released.billing_date
    assert other.new
    assert assert_complete(out / "release", LATER) is not None
    with pytest.raises(AuditFailed) as raised:
        check_published([*failed, other])
    for released in failed:
        assert f"{released.billing_date}: " in str(raised.value)
        assert released.audit in str(raised.value)
    assert told in str(raised.value)
    assert LATER not in str(raised.value)


def test_the_command_fails_by_one_line_and_its_exit_code(tmp_path: Path) -> None:
    out = tmp_path / "out"
    move_over_midnight(out)
    (tmp_path / "agents.csv").write_text("agent_id,extension,valid_from,valid_to\n")
    dates = (option for date in (DATE, NEXT, LATER) for option in ("--date", date))
    options = ("--agents", tmp_path / "agents.csv", "--out", out, *dates)
    finished = command("release", *options)
    assert finished.code == AuditFailed.exit_code == 4
    assert finished.err.count("\n") == 1
    audit = out / "audit" / f"billing_date={DATE}" / "v0001.json"
    for words in ("2 dates not published", "contact_under_two_dates: 1 contacts", str(audit)):
        assert words in finished.err
    assert "moved" not in finished.err
    marks = {line.split()[0]: line.split()[-1] for line in finished.out.splitlines()[1:]}
    assert marks == {DATE: "FAILED", NEXT: "FAILED", LATER: "v0001"}


def test_a_version_that_fails_leaves_the_one_before_in_place(tmp_path: Path) -> None:
    """And when what was wrong is gone, the next run publishes."""
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("moved", MIDNIGHT - timedelta(seconds=1))))
    publisher = Publisher(out)
    publisher.publish(DATE)
    before = digests(out / "release")
    moved = record("moved", MIDNIGHT, delivery=2)
    read_contents(out, late=json_lines(moved, record("new")))
    (failed,) = publisher.publish(DATE)
    assert (failed.new, failed.failures) == (False, ("contact_under_two_dates: 1 contacts",))
    assert digests(out / "release") == before
    withdrawn = record("moved", MIDNIGHT - timedelta(seconds=1), delivery=3, Agent=None)
    read_contents(out, mended=json_lines(withdrawn))
    first, second = publisher.publish(DATE, NEXT)
    assert (first.version, first.failures) == (2, ())
    assert [row["contact_id"] for row in csv_rows(assert_complete(out / "release", DATE) or Path())] == ["new"]
    assert second.control.billed == 1


def _remove(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [_remove, _cut])
def test_a_damaged_version_before_is_an_error_of_storage(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """The revisions of the next version depend on it: the error names it, and nothing is published."""
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("contact")))
    Publisher(out).publish(DATE)
    billing = out / "release" / f"billing_date={DATE}" / "v0001" / "billing.parquet"
    damage(billing)
    read_contents(out, late=json_lines(record("new")))
    with pytest.raises(StorageError, match=str(billing)):
        Publisher(out).publish(DATE)
    assert not (billing.parent.parent / "v0002").exists()


def test_a_damaged_part_of_the_ledger_is_an_error_of_storage(tmp_path: Path) -> None:
    out = tmp_path / "out"
    read_contents(out, first=json_lines(record("contact")), second=json_lines(record("other")))
    part = open_ledger(out).parts(DATE)[1]
    _cut(Path(part))
    with pytest.raises(StorageError, match=str(out / "ledger")):
        Publisher(out).publish(DATE)
    assert not (out / "release").exists()
