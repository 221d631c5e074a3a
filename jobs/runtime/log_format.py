"""Format a log record, whoever logged it, as one line of JSON that cannot hold patient data.

    {"time": "2026-03-02T00:15:07.412Z", "level": "INFO", "run": "b41c0ffe2a7d9e55", "job": "release",
     "event": "date published", "date": "2026-03-01", "version": 1, "billed": 4711, ...}

A line may hold the events and fields listed here. A third-party record keeps the name of its logger, an exception its
classes and frames; everything else is "redacted".
"""

import datetime
import logging
import traceback
from enum import Enum
from typing import Annotated, Any, Literal, TypedDict, get_type_hints

import msgspec

from jobs.runtime.redaction import causes

LOGGER = "contact_billing"
REDACTED = "redacted"
Job = Literal["backfill", "replay", "release", "stream", "agents sync", "quarantine recycle"]


class Event(Enum):
    """All events that are logged, with their levels."""

    STARTED = "started", logging.INFO
    SUBMITTED = "submitted", logging.INFO
    INPUT_READ = "input read", logging.INFO
    INPUT_DAMAGED = "input damaged", logging.WARNING
    INPUT_UNREADABLE = "input unreadable", logging.WARNING
    DATE_PUBLISHED = "date published", logging.INFO
    DATE_UNCHANGED = "date unchanged", logging.INFO
    DATE_FAILED = "date not published", logging.ERROR
    AGENTS_SYNCED = "agents synced", logging.INFO
    AGENTS_KEPT = "agents kept as they were", logging.WARNING
    RECYCLED = "recycled", logging.INFO
    TRYING_AGAIN = "trying again", logging.WARNING
    FINISHED = "finished", logging.INFO
    INTERRUPTED = "interrupted", logging.WARNING
    FAILED = "failed", logging.ERROR

    def __init__(self, text: str, level: int) -> None:
        self.text = text
        self.level = level


# Too small for a phone number.
Count = Annotated[int, msgspec.Meta(ge=0, lt=1_000_000_000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, lt=1e9)]
Day = Annotated[str, msgspec.Meta(pattern=r"\A([0-9]{4}-[0-9]{2}-[0-9]{2}|unknown)\Z")]
# Of a file or object: not a mere number, and without a phone number's plus, a name's blanks, or an address's @.
Name = Annotated[str, msgspec.Meta(pattern=r"\A(?![0-9]+\Z)[A-Za-z0-9._=/:-]{1,500}\Z")]
# As in the ledger, for bytes that could not be decompressed or decoded: in a ZIP file after the members' numbers.
Position = Annotated[str, msgspec.Meta(pattern=r"\A(?:[0-9]{1,9}:){0,4}raw[2-5]?:[0-9]{1,15}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
JobId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Class = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z_][A-Za-z0-9_]{0,99}\Z")]


class Fields(TypedDict, total=False):
    """The fields that an event may have. A value that does not match its field's type is redacted."""

    settings: Digest
    flink_job: JobId
    source: Name
    position: Position | None
    date: Day
    version: Count
    object: Name
    files: Count
    records: Count
    billed: Count
    held: Count
    quarantined: Count
    failed_rules: Count
    new: Count
    changed: Count
    returned: Count
    ended: Count
    unchanged: Count
    seconds: Seconds
    error: Class
    exit_code: Count


_TYPES = get_type_hints(Fields, include_extras=True)


class LogLine(logging.Formatter):
    """Formats the lines of one run of one job."""

    def __init__(self, run: str, job: Job) -> None:
        super().__init__()
        self._run = run
        self._job = job

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line break. Never formats a record's own message."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
            "level": _level(record.levelno),
            "run": self._run,
            "job": self._job,
            "event": record.msg.text if isinstance(record.msg, Event) else REDACTED,
        }
        if record.name != LOGGER:
            line["logger"] = _validate(record.name, Name)
        if isinstance(fields := getattr(record, "fields", None), dict):
            line |= {
                name: _validate(fields[name], kind) for name, kind in _TYPES.items() if fields.get(name) is not None
            }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = list(map(_error, causes(record.exc_info[1])))
        return msgspec.json.encode(line).decode()


def _validate(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return REDACTED


def _level(number: int) -> str:
    # A level's name could come from anybody.
    levels = (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO)
    return next((logging.getLevelName(level) for level in levels if number >= level), "DEBUG")


def _error(error: BaseException) -> dict[str, Any]:
    frames = (
        f"{frame.f_globals.get('__name__')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    )
    return {"class": _validate(type(error).__name__, Class), "frames": list(frames)}
