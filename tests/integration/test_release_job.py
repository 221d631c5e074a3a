"""The release as a Flink job, in process: the bytes of the command's release, dates distributed over workers."""

import re
from pathlib import Path

import pytest

from jobs.release import FLINK_OPTIONS, release_inputs, run_release_job
from jobs.runtime.flink import ensure_java, in_process
from jobs.runtime.output import Result
from schemas.errors import AuditFailed, ContactBillingError, InputError, SettingsError, StorageError
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import Publisher, open_ledger, read_contents
from tests.support.partner_files import digests

DATE, NEXT, THIRD = "2026-03-01", "2026-03-02", "2026-03-03"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "agents.csv").write_text("agent_id,extension,valid_from,valid_to\n")
    (tmp_path / "settings.toml").write_text("")
    read_contents(tmp_path / "out", first=calls())
    open_ledger(tmp_path / "out").store.put(f"outcomes/billing_date={THIRD}/_SUCCESS", b"")
    return tmp_path / "out"


def calls() -> bytes:
    """A call on each of three dates; the contact id of the last one is a formula."""
    days = (("one", 1), ("two", 2), ("=1+1", 3))
    return json_lines(*(record(contact, MORNING.replace(day=day)) for contact, day in days))


def without_clock(out: Path) -> dict[str, str]:
    return {name: digest for name, digest in digests(out / "release").items() if not name.endswith("latest.json")}


def run(out: Path, *dates: str) -> tuple[str, ContactBillingError]:
    """What the job prints, and the error that it ends with."""
    emitted: list[Result] = []
    inputs = release_inputs(out.parent / "settings.toml", str(out.parent / "agents.csv"), out)
    scratch = out.parent / "scratch"
    scratch.mkdir()
    with in_process(FLINK_OPTIONS, 2, scratch) as environment, pytest.raises(ContactBillingError) as error:
        run_release_job(environment, inputs, list(dates), emitted.append)
    (result,) = emitted
    return result.text(), error.value


def test_the_job_releases_what_the_command_releases(out: Path, tmp_path: Path) -> None:
    """And ends as it does, with the error of a date that did not pass the gate, which holds up no other."""
    ensure_java()
    text, error = run(out)
    lines = {line.split()[0]: line.split()[-1] for line in text.splitlines()[1:]}
    assert lines == {DATE: "v0001", NEXT: "v0001", THIRD: "FAILED"}
    assert isinstance(error, AuditFailed)
    assert "1 dates not published: 2026-03-03: contact_id_harmless: 1 of 1 rows" in str(error)
    by_command = tmp_path / "by-command"
    read_contents(by_command, first=calls())
    Publisher(by_command).publish(DATE, NEXT)
    assert without_clock(out) == without_clock(by_command)


def test_a_date_that_cannot_be_read_holds_up_no_other(out: Path) -> None:
    ensure_java()
    Path(open_ledger(out).parts(DATE)[0]).write_bytes(b"PAR1")
    text, error = run(out, "2026-03-31", DATE)
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["2026-03-31"]
    assert isinstance(error, StorageError)
    assert str(error).startswith(f"{DATE}: cannot read the ledger's parts")


def test_without_a_closed_date_nothing_starts(out: Path) -> None:
    (out / "ledger" / "outcomes" / f"billing_date={THIRD}" / "_SUCCESS").unlink()
    emitted: list[Result] = []
    inputs = release_inputs(out.parent / "settings.toml", str(out.parent / "agents.csv"), out)
    run_release_job(None, inputs, [], emitted.append)  # type: ignore[arg-type]
    assert [result.text().partition(":")[0] for result in emitted] == ["no date is closed"]


def test_unusable_options_are_an_error_at_submission(out: Path, tmp_path: Path) -> None:
    good, none, nowhere = tmp_path / "agents.csv", tmp_path / "none.csv", tmp_path / "nowhere"
    for agents, location, error, words in (
        (none, out, InputError, f"{none}: it does not exist"),
        (good, nowhere, SettingsError, f"{nowhere}/ledger holds no ledger"),
    ):
        with pytest.raises(error, match=re.escape(words)):
            release_inputs(tmp_path / "settings.toml", str(agents), location)
