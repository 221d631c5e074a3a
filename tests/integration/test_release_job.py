"""The release as a Flink job, in process: the bytes of the command's release, dates distributed over workers."""

import re
from pathlib import Path

import msgspec
import pytest

from jobs.release import FLINK_OPTIONS, release_inputs, run_release_job
from jobs.releases.flink_tasks import DateResult, ReleaseDates, ReleaseInputs
from jobs.runtime.flink import ensure_java, in_process
from jobs.runtime.output import Result
from schemas.errors import AuditFailed, InputError, SettingsError, StorageError
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import Publisher, open_ledger, read_contents
from tests.support.partner_files import digests

DATE, NEXT, THIRD, FAR = "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-20"


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


def job_inputs(out: Path) -> ReleaseInputs:
    return release_inputs(out.parent / "settings.toml", str(out.parent / "agents.csv"), out)


def printed(emitted: list[Result]) -> dict[str, str]:
    """The dates of the table that is printed, with their versions."""
    (result,) = emitted
    return {line.split()[0]: line.split()[-1] for line in result.text().splitlines()[1:]}


def test_the_job_releases_what_the_command_releases(out: Path, tmp_path: Path) -> None:
    """And ends with the error of a date that cannot be read, which holds up no other."""
    ensure_java()
    (tmp_path / "scratch").mkdir()
    read_contents(out, later=json_lines(record("four", MORNING.replace(day=20))))
    Path(open_ledger(out).parts(FAR)[0]).write_bytes(b"PAR1")
    emitted: list[Result] = []
    with (
        in_process(FLINK_OPTIONS, 2, tmp_path / "scratch") as environment,
        pytest.raises(StorageError, match=rf"^{FAR}: cannot read the ledger's parts"),
    ):
        run_release_job(environment, job_inputs(out), [DATE, NEXT, THIRD, FAR], emitted.append)
    assert printed(emitted) == {DATE: "v0001", NEXT: "v0001", THIRD: "FAILED"}
    by_command = tmp_path / "by-command"
    read_contents(by_command, first=calls())
    Publisher(by_command).publish(DATE, NEXT)
    assert without_clock(out) == without_clock(by_command)


def test_all_closed_dates_are_released_and_one_that_fails_the_gate_is_an_error(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one worker, without Flink."""

    def on_one_worker(_: object, inputs: ReleaseInputs, dates: list[str]) -> list[DateResult]:
        task = ReleaseDates(inputs)
        return [msgspec.json.decode(result, type=DateResult) for date in dates for result in task.run(date)]

    monkeypatch.setattr("jobs.release.release_on", on_one_worker)
    emitted: list[Result] = []
    with pytest.raises(AuditFailed, match=f"^1 dates not published: {THIRD}: contact_id_harmless: 1 of 1 rows"):
        run_release_job(None, job_inputs(out), [], emitted.append)  # type: ignore[arg-type]
    assert printed(emitted) == {DATE: "v0001", NEXT: "v0001", THIRD: "FAILED"}


def test_without_a_closed_date_nothing_starts(out: Path) -> None:
    (out / "ledger" / "outcomes" / f"billing_date={THIRD}" / "_SUCCESS").unlink()
    emitted: list[Result] = []
    run_release_job(None, job_inputs(out), [], emitted.append)  # type: ignore[arg-type]
    assert [result.text().partition(":")[0] for result in emitted] == ["no date is closed"]


def test_unusable_options_are_an_error_at_submission(out: Path, tmp_path: Path) -> None:
    good, none, nowhere = tmp_path / "agents.csv", tmp_path / "none.csv", tmp_path / "nowhere"
    for agents, location, error, words in (
        (none, out, InputError, f"{none}: it does not exist"),
        (good, nowhere, SettingsError, f"{nowhere}/ledger holds no ledger"),
    ):
        with pytest.raises(error, match=re.escape(words)):
            release_inputs(tmp_path / "settings.toml", str(agents), location)
