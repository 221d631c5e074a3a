"""An archive in, control and billing lines out, one of each per billing date."""

import collections
import dataclasses
import datetime as dt
import hashlib
import pathlib
from collections.abc import Iterator
from typing import Any

from tests.oracle.rules import UNKNOWN, Row, Settings, classify, instant
from tests.oracle.splitting import payloads

SECONDS = ("call_seconds", "talk_seconds", "hold_seconds")
COUNTS = ("read", "billed", "held", "superseded", "duplicate", *SECONDS)
PRECEDENCES = ("attribute_first", "directory_first")
CONSULT_LEGS = ("report", "exclude")


@dataclasses.dataclass(frozen=True)
class Expected:
    """By billing date (ISO text; "unknown" is always there, other dates if they have a row)."""

    control: dict[str, dict[str, Any]]
    lines: dict[str, list[dict[str, Any]]]
    dates_of_contact: dict[str, list[str]]  # contacts with several dates: a release refuses them

    def total(self) -> dict[str, Any]:
        """The control of all dates together."""
        total = _empty_control()
        for control in self.control.values():
            for name in COUNTS:
                total[name] += control[name]
            for name in ("excluded", "quarantined"):
                for reason, number in control[name].items():
                    _count(total[name], reason, number)
        return total


@dataclasses.dataclass(frozen=True)
class Period:
    """An extension of an agent from one instant up to another, the latter not included."""

    agent_id: str
    extension: str
    valid_from: dt.datetime | None
    valid_to: dt.datetime | None


def _empty_control() -> dict[str, Any]:
    return {**dict.fromkeys(COUNTS, 0), "excluded": {}, "quarantined": {}}


def _count(counts: dict[str, int], reason: str, number: int = 1) -> None:
    counts[reason] = counts.get(reason, 0) + number


def _bound(text: str | None) -> dt.datetime | None:
    if not text:
        return None
    at = instant(text, dt.UTC)
    if at is None:
        raise ValueError(f"not an RFC 3339 instant in the agents' table: {text}")
    return at


def _directory_extension(row: Row, table: list[Period]) -> str | None:
    """The table's extension as of the connection; of overlapping periods the latest one's."""
    at = row.connected_at
    assert at is not None
    oldest = dt.datetime.min.replace(tzinfo=dt.UTC)
    found = [
        (period.valid_from or oldest, period.extension)
        for period in table
        if period.agent_id == row.agent_id
        and (period.valid_from is None or period.valid_from <= at)
        and (period.valid_to is None or at < period.valid_to)
    ]
    return max(found)[1] or None if found else None


def _version(row: Row) -> tuple[dt.datetime, str]:
    """What orders the deliveries of a contact: last update, then a digest of the content, which has no chain in it."""
    content = repr(dataclasses.replace(row, updated_at=None, method="", initial_id=None))
    assert row.updated_at is not None
    return row.updated_at, hashlib.sha256(content.encode()).hexdigest()


def _line(row: Row, extension: str) -> dict[str, Any]:
    assert row.initiated_at is not None
    assert row.disconnected_at is not None
    assert row.talk_seconds is not None
    duration = row.disconnected_at - row.initiated_at
    return {
        "contact_id": row.contact_id,
        "billing_date": row.date,
        "call_type": row.call_type,
        "initiated_at": row.initiated_at.replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "call_duration_seconds": row.talk_seconds + row.hold_seconds,
        "talk_seconds": row.talk_seconds,
        "hold_seconds": row.hold_seconds,
        "contact_duration_seconds": duration // dt.timedelta(seconds=1),
        "patient_phone": row.phone,
        "provider_extension": extension,
    }


def _time_with_provider(row: Row) -> tuple[dt.datetime, dt.timedelta]:
    """When the provider came on the line, and for how long."""
    assert row.connected_at is not None
    assert row.talk_seconds is not None
    return row.connected_at, dt.timedelta(seconds=min(row.talk_seconds + row.hold_seconds, 10**9))


def _consults(row: Row, legs: list[Row]) -> bool:
    """Whether a leg is a transfer that lasts no longer than the hold of another leg of its chain, and within it."""
    begins, lasted = _time_with_provider(row)
    if row.method != "TRANSFER" or not lasted:
        return False
    for other in legs:
        other_begins, other_lasted = _time_with_provider(other)
        within = other_begins <= begins and begins - other_begins + lasted <= other_lasted
        same_chain = (other.initial_id or other.contact_id) == (row.initial_id or row.contact_id)
        if other is not row and same_chain and within and dt.timedelta(seconds=other.hold_seconds) >= lasted:
            return True
    return False


def _day(
    rows: list[Row], table: list[Period], precedence: str, consult_legs: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Control and lines of the rows of one date."""
    control, lines = _empty_control(), []
    deliveries: dict[str, list[Row]] = {}
    for row in rows:
        control["read"] += 1
        if row.outcome == "quarantined":
            _count(control["quarantined"], row.reason)
        elif row.contact_id is None:
            _count(control["excluded"], row.reason)  # an agent event
        else:
            deliveries.setdefault(row.contact_id, []).append(row)
    newest = []
    for _, versions in sorted(deliveries.items()):
        row = max(versions, key=_version)
        same = [other for other in versions if _version(other) == _version(row)]
        control["duplicate"] += len(same) - 1
        control["superseded"] += len(versions) - len(same)
        chain = max(other.initial_id or "" for other in same) or None
        newest.append(dataclasses.replace(row, method=max(other.method for other in same), initial_id=chain))
    answered = [row for row in newest if row.outcome != "excluded"]
    for row in newest:
        if row.outcome == "excluded":
            _count(control["excluded"], row.reason)
            continue
        if consult_legs == "exclude" and _consults(row, answered):
            _count(control["excluded"], "consult")
            continue
        extensions = [row.extension, _directory_extension(row, table)]
        if precedence == "directory_first":
            extensions.reverse()
        extension = extensions[0] or extensions[1]
        if extension is None:
            control["held"] += 1
            continue
        line = _line(row, extension)
        lines.append(line)
        control["billed"] += 1
        control["call_seconds"] += line["call_duration_seconds"]
        control["talk_seconds"] += line["talk_seconds"]
        control["hold_seconds"] += line["hold_seconds"]
    return control, lines


def _archived(archive: pathlib.Path) -> Iterator[bytes]:
    """The payloads of all files below a folder (or of one file)."""
    for path in sorted(archive.rglob("*")) if archive.is_dir() else [archive]:
        hidden = any(part.startswith(".") for part in path.relative_to(archive).parts)
        if path.is_file() and not hidden:
            yield from payloads(path.read_bytes())


def expected(
    archive: pathlib.Path,
    agents: list[dict[str, str]],
    *,
    time_zone: str = "UTC",
    minimum_seconds: int = 1,
    precedence: str = "attribute_first",
    consult_legs: str = "report",
    **rules: Any,
) -> Expected:
    """What a release of every date must say; other keywords are those of Settings."""
    if precedence not in PRECEDENCES:
        raise ValueError(f"precedence is one of {', '.join(PRECEDENCES)}")
    if consult_legs not in CONSULT_LEGS:
        raise ValueError(f"consult_legs is one of {', '.join(CONSULT_LEGS)}")
    settings = Settings(time_zone=time_zone, minimum_seconds=minimum_seconds, **rules)
    table = [Period(a["agent_id"], a["extension"], _bound(a["valid_from"]), _bound(a["valid_to"])) for a in agents]
    days: dict[str, list[Row]] = {UNKNOWN: []}
    dates: dict[str, set[str]] = collections.defaultdict(set)
    for payload in _archived(archive):
        row = classify(payload, settings)
        days.setdefault(row.date, []).append(row)
        if row.contact_id is not None:
            dates[row.contact_id].add(row.date)
    results = {date: _day(rows, table, precedence, consult_legs) for date, rows in sorted(days.items())}
    return Expected(
        control={date: control for date, (control, _) in results.items()},
        lines={date: lines for date, (_, lines) in results.items()},
        dates_of_contact={c: sorted(found) for c, found in sorted(dates.items()) if len(found) > 1},
    )
