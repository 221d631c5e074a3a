"""What is gone from the ledger stops a release; it never withdraws a line without a word."""

from pathlib import Path

import pytest

from jobs.ingest.archive.files import archive_files
from jobs.ingest.file_task import FileTask
from jobs.settings.date_range import DateRange
from sinks.ledger import Ledger
from sinks.store import LocalStore
from tests.support.desk import Desk
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense, unreadable

SECOND = 'ContactId = "call-2"'
GONE = "ledger_objects_gone: 1 that version 1 was made from no longer count, the first is "


def released(world: Suspense) -> Suspense:
    """A date with a line from each of two parts of the live job."""
    for differences in ("", SECOND):
        world.read(payload(differences), live=True)
    assert world.release(DATE).new
    return world


def parts(world: Suspense, date: str = DATE) -> list[Path]:
    return sorted((world.root / f"ledger/outcomes/billing_date={date}").glob("*-*"))


@pytest.mark.parametrize("more", [(), (payload('ContactId = "late"'),) * 3])
def test_a_part_that_is_gone_stops_the_release(more: tuple[bytes, ...], tmp_path: Path) -> None:
    """Also where late records fill up the number of records read."""
    world = released(Suspense(tmp_path))
    parts(world)[0].unlink()
    world.read(*more, live=True)
    found = world.release(DATE)
    assert (found.version, found.new) == (1, False)
    (said,) = found.failures
    assert said.startswith(f"{GONE}{parts(world)[0].parent}/part-0001-0; restore what is missing")
    assert not world.releases().preview_date(DATE).new


def test_a_part_that_is_back_lets_it_go_on(tmp_path: Path) -> None:
    world = released(Suspense(tmp_path))
    lost = parts(world)[0]
    data = lost.read_bytes()
    lost.unlink()
    assert world.release(DATE).failures
    lost.write_bytes(data)
    found = world.release(DATE)
    assert (found.version, found.new, found.failures) == (1, False, ())


def test_a_loss_that_is_accepted_withdraws_the_lines(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("")
    desk.deliver(SECOND)
    desk.release()
    sorted((tmp_path / "ledger/outcomes").rglob("*.parquet"))[0].unlink()
    assert desk.release().failures
    assert desk.release(accept_loss=True).amendments == {"WITHDRAWN": 1}
    # From then on nothing is missing.
    desk.deliver('ContactId = "call-3"')
    assert desk.release().amendments == {"ADDED": 1}


def test_a_part_whose_lines_others_have_is_no_reason_to_stop(tmp_path: Path) -> None:
    world = released(Suspense(tmp_path))
    world.read(payload(), live=True)
    parts(world)[0].unlink()
    found = world.release(DATE)
    assert (found.version, found.new, found.failures) == (1, False, ())


def test_an_audit_that_is_gone_stops_the_release(tmp_path: Path) -> None:
    world = released(Suspense(tmp_path))
    (world.root / f"audit/billing_date={DATE}/v0001.json").unlink()
    world.read(payload('ContactId = "late"'), live=True)
    assert world.release(DATE).failures[0].startswith("audit_gone: it is unknown what version 1 was made from")


def test_a_recycled_object_and_the_row_that_it_stands_in_for(tmp_path: Path) -> None:
    """A line that came from another date's part."""
    world = Suspense(tmp_path)
    world.read(payload(), live=True)
    world.read(payload(f"{SECOND}; {NEW_VERSION}"), live=True, judge=unreadable)
    world.recycle()
    assert world.release(DATE).control.billed == 2
    (undated,) = parts(world, "unknown")
    (recycled,) = (world.root / "ledger/recycled").iterdir()
    for lost in (undated, recycled):
        data = lost.read_bytes()
        lost.unlink()
        # A new process, which has not read the object.
        world.ledger = Ledger(LocalStore(tmp_path / "ledger"), "UTC")
        assert world.release(DATE).failures[0].startswith(f"{GONE}{lost};")
        lost.write_bytes(data)


class Archive:
    """An archive of one file, read into a ledger and released."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.desk = Suspense(root)
        (root / "archive").mkdir()
        (root / "archive/a.jsonl").write_bytes(payload() + b"\n" + payload(f"{SECOND}; {NEW_VERSION}") + b"\n")

    def read(self, settings: str, rules: object = RULES) -> None:
        task = FileTask(self.desk.ledger, rules, NO_AGENTS, settings)  # type: ignore[arg-type]
        (file,) = archive_files(self.root / "archive", DateRange())
        assert task.run(file, lambda _: None).mark is not None


def test_an_input_that_is_read_anew_takes_its_parts_back(tmp_path: Path) -> None:
    """Also where it gives other lines, and other parts of the ledger."""
    world = Archive(tmp_path)
    world.read("one")
    (part,) = parts(world.desk)
    # As if it had been written as more parts.
    part.with_name(part.name.replace("-0.parquet", "-1.parquet")).write_bytes(part.read_bytes())
    assert world.desk.release(DATE).control.billed == 1
    world.read("two", LATER.rules)
    assert world.desk.release(DATE).amendments == {"ADDED": 1}


def test_an_input_that_is_being_read_anew_stops_the_release(tmp_path: Path) -> None:
    """Its mark is gone, its parts are about to be: what the next look sees is no withdrawal."""
    world = Archive(tmp_path)
    world.read("one")
    assert world.desk.release(DATE).new
    (mark,) = (tmp_path / "ledger/inputs").iterdir()
    data = mark.read_bytes()
    mark.unlink()
    assert world.desk.release(DATE).failures[0].startswith(GONE)
    mark.write_bytes(data)
    parts(world.desk)[0].unlink()
    assert world.desk.release(DATE).failures[0].startswith(GONE)
