"""The release as a Flink job, in process: the bytes of the command's release, dates spread over workers."""

import re
from pathlib import Path

import msgspec
import pytest

from jobs.release import FLINK_OPTIONS, release_inputs, release_pipeline
from jobs.releases.flink_tasks import ChangeOrders, Order, ReleaseDates
from jobs.runtime.flink import ensure_java, in_process
from schemas.errors import InputError, SettingsError
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import Publisher, open_ledger, read_contents
from tests.support.partner_files import assert_complete, csv_rows, digests

DATE, NEXT = "2026-03-01", "2026-03-02"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "agents.csv").write_text("agent_id,extension,valid_from,valid_to\n")
    (tmp_path / "fast.toml").write_text("[follow]\npoll_seconds = 1\n")
    tomorrow = MORNING.replace(day=2)
    read_contents(tmp_path / "out", first=json_lines(record("one"), record("two", tomorrow)))
    open_ledger(tmp_path / "out").store.put(f"outcomes/billing_date={NEXT}/_SUCCESS", b"")
    return tmp_path / "out"


def without_clock(out: Path) -> dict[str, str]:
    return {name: digest for name, digest in digests(out / "release").items() if not name.endswith("latest.json")}


def test_the_job_releases_what_the_command_releases(out: Path, tmp_path: Path) -> None:
    """And again, when something is late."""
    ensure_java()
    found = release_inputs(tmp_path / "fast.toml", str(tmp_path / "agents.csv"), out)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    told = []
    with (
        in_process(FLINK_OPTIONS, 2, scratch) as environment,
        release_pipeline(found, environment).execute_and_collect() as said,
    ):
        for line in said:
            told.append(line)
            if len(told) == 2:
                read_contents(out, late=json_lines(record("late")))
            if len(told) == 3:
                break
    assert sorted(line.split(":")[0] for line in told) == [f"{DATE} v0001", f"{DATE} v0002", f"{NEXT} v0001"]
    assert [row["contact_id"] for row in csv_rows(assert_complete(out / "release", DATE) or Path())] == ["late", "one"]
    assert [row["contact_id"] for row in csv_rows(assert_complete(out / "release", NEXT) or Path())] == ["two"]

    by_command = tmp_path / "by-command"
    read_contents(by_command, first=json_lines(record("one"), record("two", MORNING.replace(day=2))))
    Publisher(by_command).publish(DATE, NEXT)
    read_contents(by_command, late=json_lines(record("late")))
    Publisher(by_command).publish(DATE, NEXT)
    assert without_clock(out) == without_clock(by_command)


def tasks(out: Path) -> tuple[ChangeOrders, ReleaseDates]:
    found = release_inputs(out.parent / "fast.toml", str(out.parent / "agents.csv"), out)
    return ChangeOrders(found, workers=2), ReleaseDates(found)


def test_a_look_orders_what_has_changed_and_wakes_every_worker(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    look, _ = tasks(out)

    def tick() -> list[str]:
        return [msgspec.json.decode(element, type=Order).date for element in look.run(None)]

    assert tick() == [DATE, NEXT, "", ""]
    assert tick() == []
    now = 1.0
    assert tick() == ["", ""]
    (out.parent / "agents.csv").unlink()
    now = 2.0
    told = [msgspec.json.decode(element, type=Order).message for element in look.run(None)]
    assert "going on with the table as it was" in told[0]


def test_a_date_that_could_not_be_released_is_tried_again(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    look, release = tasks(out)
    part = Path(open_ledger(out).parts(DATE)[0])
    data = part.read_bytes()
    part.write_bytes(b"PAR1")
    first, _, wake, _ = look.run(None)
    (line,) = release.run(first)
    assert line.startswith(f"{DATE}: cannot read the ledger's parts")
    assert line.endswith("trying again in 1 s")
    part.write_bytes(data)
    assert list(release.run(wake)) == []
    now = 1.0
    (line,) = release.run(wake)
    assert line.startswith(f"{DATE} v0001: 1 lines")
    assert list(release.run(wake)) == []


def test_what_cannot_be_used_is_told_at_submission(out: Path, tmp_path: Path) -> None:
    good, none, nowhere = tmp_path / "agents.csv", tmp_path / "none.csv", tmp_path / "nowhere"
    for agents, place, error, words in (
        (none, out, InputError, f"{none}: it does not exist"),
        (good, nowhere, SettingsError, f"{nowhere}/ledger holds no ledger"),
    ):
        with pytest.raises(error, match=re.escape(words)):
            release_inputs(tmp_path / "fast.toml", str(agents), place)
