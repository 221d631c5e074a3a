"""The log: its lines hold what is listed and nothing else, whoever logs what, at whatever level."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest

from jobs.runtime.log_format import LOGGER, REDACTED, Event, Fields
from jobs.runtime.logs import log, redact_worker_logs, run_log
from jobs.settings.settings import Logging, Settings
from schemas.errors import InputError
from tests.support.errors import failing
from tests.support.markers import PHONE
from tests.support.planted import PLANTED, SECRETS

LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL, 35)
KEYS = ["time", "level", "run", "job", "event"]
FOREIGN = "some.library"
ON = Settings(logging=Logging("INFO"))


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was written to stderr since; nothing of it is planted, and all of it is JSON with the keys."""

    def written() -> list[dict[str, Any]]:
        text = capsys.readouterr().err
        assert [secret for secret in SECRETS if secret in text] == []
        found = [json.loads(line) for line in text.splitlines()]
        assert all(list(line)[: len(KEYS)] == KEYS for line in found)
        return found

    before = logging.getLogger().level, logging.getLogger(LOGGER).level
    yield written
    logging.getLogger().setLevel(before[0])
    logging.getLogger(LOGGER).setLevel(before[1])


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("name", [LOGGER, f"{LOGGER}.more", FOREIGN, "", f"a {PHONE}"])
def test_nothing_that_is_planted_is_told(name: str, planted: Any, lines: Callable[[], list[dict[str, Any]]]) -> None:
    with run_log("backfill", ON):
        logging.getLogger().setLevel(logging.DEBUG)
        logger = logging.getLogger(name)
        for level in LEVELS:
            logger.log(level, planted)
            logger.log(level, f"at {planted}")
            logger.log(level, "%s and %s", planted, planted)
            logger.log(level, Event.FAILED, planted, extra={"fields": planted, "note": planted, "line": planted})
            logger.log(level, Event.FAILED, exc_info=failing(planted), stack_info=True)
            logger.log(level, "of %d", planted, exc_info=failing(planted))
    told = lines()
    assert len(told) == 2 + 6 * (len(LEVELS) - 1)
    assert {line["level"] for line in told} == {"INFO", "WARNING", "ERROR", "CRITICAL"}
    errors = [line["errors"] for line in told if "errors" in line]
    assert {tuple(error["class"] for error in chain) for chain in errors} == {("TypeError", "ValueError", "KeyError")}
    assert all(error["frames"][-1].startswith("tests.support.errors:") for chain in errors for error in chain)
    assert all(error["frames"][-1].endswith(" failing") for chain in errors for error in chain)


@pytest.mark.parametrize("field", Fields.__annotations__)
@pytest.mark.parametrize("planted", PLANTED)
def test_no_field_holds_what_has_not_its_form(
    field: str, planted: Any, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    with run_log("release", ON):
        log(Event.INPUT_READ, **{field: planted})  # type: ignore[misc]
    assert lines()[1][field] == REDACTED


def test_only_listed_fields_are_told(lines: Callable[[], list[dict[str, Any]]]) -> None:
    with run_log("release", ON):
        log(Event.INPUT_READ, records=7, patient=7, message="word")  # type: ignore[call-arg]
    assert {**lines()[1], "time": "", "run": ""} == {
        "time": "",
        "level": "INFO",
        "run": "",
        "job": "release",
        "event": "input read",
        "records": 7,
    }


def test_a_run_has_a_begin_and_an_end(lines: Callable[[], list[dict[str, Any]]]) -> None:
    for level in get_args(Logging.__annotations__["level"]):
        with run_log("replay", Settings(logging=Logging(level))):
            log(Event.INPUT_READ, source="2026/03/01/10/calls.gz", records=3)
            log(Event.INPUT_DAMAGED, source="shard=1/calls.gz", position="raw:120", records=2)
            log(Event.DATE_FAILED, date="2026-03-01")
        told = lines()
        assert [line["event"] for line in told] == {
            "INFO": ["started", "input read", "input damaged", "date not published", "finished"],
            "WARNING": ["input damaged", "date not published"],
            "ERROR": ["date not published"],
            "OFF": [],
        }[level]
        assert len({line["run"] for line in told}) == bool(told)
        if level == "INFO":
            assert len(told[0]["settings"]) == 64
            assert told[1]["source"] == "2026/03/01/10/calls.gz"
            assert told[2]["position"] == "raw:120"
            assert told[-1]["seconds"] >= 0
    assert logging.getLogger(LOGGER).handlers == []


@pytest.mark.parametrize(
    ("error", "event", "told"),
    [
        (InputError("no table"), "failed", {"error": "InputError", "exit_code": 3}),
        (ValueError(PHONE), "failed", {}),
        (KeyboardInterrupt(), "interrupted", {}),
    ],
)
def test_a_run_that_fails_says_so(
    error: BaseException, event: str, told: dict[str, Any], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    with pytest.raises(type(error)), run_log("stream", ON):
        raise error
    last = lines()[-1]
    assert last["event"] == event
    assert last.items() >= told.items()
    assert ("errors" in last) == isinstance(error, ValueError)


def test_a_line_that_cannot_be_written_is_not_printed_otherwise(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", True)
    with run_log("stream", ON):
        handler = logging.getLogger().handlers[-1]
        assert isinstance(handler, logging.StreamHandler)
        monkeypatch.setattr(handler, "stream", None)
        logging.getLogger(FOREIGN).error(PHONE)
    assert PHONE not in capsys.readouterr().err


class Handler(logging.Handler):
    """Does with a record what the handler of Flink's Python workers does."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        self.messages.append(f"{self.format(record)}{trace}{record.__dict__['args']}")


def test_a_worker_tells_its_handlers_nothing_that_is_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = Handler()
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    redact_worker_logs("stream")
    redact_worker_logs("stream")
    for planted in PLANTED:
        logging.getLogger(FOREIGN).info(planted)
        logging.getLogger(FOREIGN).error("%s", planted, exc_info=failing(planted), stack_info=True)
        logging.getLogger(LOGGER).info(Event.DATE_PUBLISHED, extra={"fields": {"date": "2026-03-01"}})
    assert len(handler.messages) == 2 * len(PLANTED)
    assert [(m, s) for m in handler.messages for s in SECRETS if s in m] == []
    assert all('"class":"TypeError"' in message for message in handler.messages[::2])
    assert all('"date":"2026-03-01"' in message for message in handler.messages[1::2])
