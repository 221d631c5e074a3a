"""Bugs that Flink's workers tell of: where and of which kind, and nothing of what they were given."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jobs.ingest.archive.files import archive_files
from jobs.ingest.file_task import FileTask
from jobs.ingest.replay import summary
from jobs.ingest.streams.kafka_avro import avro_payloads
from jobs.releases.flink_tasks import ReleaseDates, ReleaseInputs
from jobs.runtime.redaction import RedactedError, redact_errors, redacted_traceback
from jobs.settings.date_range import DateRange
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings
from schemas.billing_rules import Rules
from schemas.errors import InputError
from sinks.ledger import Ledger
from sinks.store import LocalStore
from tests.support.errors import failing
from tests.support.ledgers import NO_AGENTS
from tests.support.markers import MARKERS, PHONE, add_marked_files


def broken(*_: Any, **__: Any) -> Any:
    raise failing(PHONE)


def assert_withheld(text: str) -> None:
    assert [marker for marker in MARKERS if marker in text] == []
    for word in ("TypeError (message withheld)", "ValueError (message withheld)", "KeyError", "in failing"):
        assert word in text


def test_a_bug_within_loses_its_message_and_what_it_was_raised_for() -> None:
    with (
        pytest.raises(RedactedError, match=r"(?s)KeyError.*which led to:.*ValueError.*in failing") as error,
        redact_errors(),
    ):
        raise failing(PHONE)
    assert PHONE not in str(error.value)
    assert error.value.__suppress_context__
    # Redacted once, it is told as it is.
    assert redacted_traceback(error.value) == str(error.value)


def test_an_error_of_the_user_keeps_its_message() -> None:
    with pytest.raises(InputError, match="no table"), redact_errors():
        raise InputError("no table")


def test_a_value_of_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.ingest.streams.kafka_avro.payload", broken)
    with pytest.raises(RedactedError) as error:
        avro_payloads(pd.Series([b"value"], dtype=object))
    assert_withheld(str(error.value))


def test_a_file_of_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_marked_files(tmp_path / "archive")
    monkeypatch.setattr("jobs.ingest.file_task.classify_payload", broken)
    ledger = Ledger(LocalStore(tmp_path / "ledger"), "UTC")
    ledger.open()
    files = archive_files(tmp_path / "archive", DateRange())
    task = FileTask(ledger, Rules(), NO_AGENTS, "rules")
    results = [task.run(file, lambda done: None) for file in files]
    assert all(result.bug for result in results)
    with pytest.raises(RedactedError, match=r"a bug stopped the reading of bad-payloads\.avro") as error:
        summary(files, results, DateRange())
    # As the command prints it.
    assert_withheld(redacted_traceback(error.value))


@pytest.fixture
def release(tmp_path: Path) -> ReleaseInputs:
    (tmp_path / "agents.csv").write_text("agent_id,extension\n")
    found = ReleaseInputs(
        resolve_locations(Settings().storage, tmp_path / "out"), Settings(), str(tmp_path / "agents.csv")
    )
    found.locations.open_ledger(Settings())
    return found


def test_a_worker_that_reads_the_agents_table(release: ReleaseInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.releases.flink_tasks.load_agents", broken)
    with pytest.raises(RedactedError) as error:
        list(ReleaseDates(release).run("2026-03-01"))
    assert_withheld(str(error.value))


def test_a_date_that_is_released(release: ReleaseInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.releases.publisher.Publisher.release_date", broken)
    with pytest.raises(RedactedError) as error:
        list(ReleaseDates(release).run("2026-03-01"))
    assert_withheld(str(error.value))
