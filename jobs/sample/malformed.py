"""Mix malformed payloads into deliveries, at least one for every reason of quarantine.

A malformed payload always follows a good record, so that two of them never merge in a format without delimiters.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from jobs.sample.agents import new_id
from jobs.sample.contacts import Delivery

MEBIBYTE = 1 << 20
CONTACT_ID = re.compile(rb'"ContactId":"([^"]+)"')
Damage = Callable[[bytes, Random], bytes]


class Defect(NamedTuple):
    """One way to damage a good record of an answered inbound call, and the resulting reason of quarantine."""

    name: str
    reason: str
    make: Damage


def mix_in(stream: Iterable[Delivery], seed: int, malformed: float = 0.01, over: int = 1000) -> Iterator[Delivery]:
    """Yield the deliveries and, after a share `malformed` of them, a malformed payload; none with `malformed=0`.

    Each defect occurs within the first `over` deliveries, if the stream is that long and `over` at least 200. Half of
    the malformed payloads have the id of the good record before them, the others a new id.
    """
    rng = Random(f"{seed}:defects")
    due = list(DEFECTS) if malformed > 0 else []
    rng.shuffle(due)
    common = [defect for defect in DEFECTS if defect.reason != "too_large"]
    step = max(1, over * 8 // 10 // len(DEFECTS))
    owed = 0
    for number, delivery in enumerate(stream, 1):
        yield delivery
        owed += (number % step == 0 and bool(due)) + (rng.random() < malformed)
        if owed and _is_answered_call(delivery.payload):
            owed -= 1
            defect = due.pop() if due else rng.choice(common)
            payload = delivery.payload if rng.random() < 0.5 else _as_new_contact(delivery.payload, rng)
            yield Delivery(delivery.arrived_at, defect.make(payload, rng))


def _is_answered_call(payload: bytes) -> bool:
    markers = (b'"Agent":{"', b'"Channel":"VOICE"', b'"InitiationMethod":"INBOUND"')
    return all(marker in payload for marker in markers)


def _as_new_contact(payload: bytes, rng: Random) -> bytes:
    match = CONTACT_ID.search(payload)
    return payload.replace(match[1], new_id(rng).encode()) if match else payload


def _edited(payload: bytes, edit: Callable[[dict[str, Any]], None]) -> bytes:
    record = json.loads(payload)
    edit(record)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _set(path: str, value: object) -> Damage:
    """Return damage that sets the field at a path such as `Agent.ARN`."""
    *parents, key = path.split(".")

    def edit(record: dict[str, Any]) -> None:
        for parent in parents:
            record = record[parent]
        record[key] = value

    return lambda payload, rng: _edited(payload, edit)


def _drop(key: str) -> Damage:
    """Return damage that removes a key."""
    return lambda payload, rng: _edited(payload, lambda record: record.pop(key))


def _latin_1(payload: bytes, rng: Random) -> bytes:
    return payload.replace(b'"Username":"', b'"Username":"andr\xe9.', 1)


def _utf_16(payload: bytes, rng: Random) -> bytes:
    return b"\xff\xfe" + payload.decode().encode("utf-16-le")


def _cut_off(payload: bytes, rng: Random) -> bytes:
    """Cut the record after a letter or digit, as if the writer had crashed."""
    end = rng.randrange(len(payload) // 4, len(payload) * 9 // 10)
    while not payload[end - 1 : end].isalnum():
        end -= 1
    return payload[:end]


def _too_large(payload: bytes, rng: Random) -> bytes:
    padding = MEBIBYTE + 1 - len(payload)
    return payload.replace(b'"Attributes":{', b'"Attributes":{"Transcript":"' + b"word " * (padding // 5) + b'",', 1)


def _ended_before_it_began(payload: bytes, rng: Random) -> bytes:
    def edit(record: dict[str, Any]) -> None:
        start = datetime.fromisoformat(record["InitiationTimestamp"])
        record["DisconnectTimestamp"] = f"{start - timedelta(seconds=90):%Y-%m-%dT%H:%M:%SZ}"

    return _edited(payload, edit)


def _text(text: bytes) -> Damage:
    return lambda payload, rng: text


DEFECTS = (
    Defect("one letter in Latin-1", "not_utf8", _latin_1),
    Defect("a record in UTF-16", "not_utf8", _utf_16),
    Defect("a record cut off", "not_json", _cut_off),
    Defect(
        "an error message of a proxy",
        "not_json",
        _text(b"upstream connect error or disconnect before headers"),
    ),
    Defect(
        "a page of a web server",
        "not_json",
        _text(b"<html><body>503 Service Unavailable</body></html>"),
    ),
    Defect("a number", "not_an_object", _text(b"42")),
    Defect("a JSON text", "not_an_object", _text(b'"test message"')),
    Defect("more than 1 MiB", "too_large", _too_large),
    Defect(
        "a version to come",
        "unsupported_version",
        _set("AWSContactTraceRecordFormatVersion", "2031-01-01"),
    ),
    Defect("no contact id", "missing_field", _drop("ContactId")),
    Defect("an empty contact id", "missing_field", _set("ContactId", "")),
    Defect("no initiation", "missing_field", _set("InitiationTimestamp", None)),
    Defect("no initiation method", "missing_field", _drop("InitiationMethod")),
    Defect("no channel", "missing_field", _set("Channel", None)),
    Defect("no last update", "missing_field", _drop("LastUpdateTimestamp")),
    Defect("talk time as text", "wrong_type", _set("Agent.AgentInteractionDuration", "45")),
    Defect("talk time with a fraction", "wrong_type", _set("Agent.AgentInteractionDuration", 45.0)),
    Defect("talk time beyond 64 bits", "wrong_type", _set("Agent.AgentInteractionDuration", 1 << 70)),
    Defect("hold time as true", "wrong_type", _set("Agent.CustomerHoldDuration", True)),
    Defect("agent as text", "wrong_type", _set("Agent", "agent.001")),
    Defect("extension as a number", "wrong_type", _set("Attributes.extensionNumber", 417)),
    Defect("attributes as a list", "wrong_type", _set("Attributes", [])),
    Defect("queue as text", "wrong_type", _set("Queue", "Pharmacy")),
    Defect("a recording as text", "wrong_type", _set("Recordings", ["call.wav"])),
    Defect("phone as a number", "wrong_type", _set("CustomerEndpoint.Address", 12025550142)),
    Defect(
        "initiation without a zone",
        "bad_timestamp",
        _set("InitiationTimestamp", "2026-03-01T10:00:00"),
    ),
    Defect(
        "connected on 30 February",
        "bad_timestamp",
        _set("Agent.ConnectedToAgentTimestamp", "2026-02-30T10:00:00Z"),
    ),
    Defect("disconnected in words", "bad_timestamp", _set("DisconnectTimestamp", "yesterday")),
    Defect("last update as a US date", "bad_timestamp", _set("LastUpdateTimestamp", "03/01/2026 10:00")),
    Defect("a clock at zero", "implausible_time", _set("InitiationTimestamp", "1970-01-01T00:00:00Z")),
    Defect("disconnected in 1970", "implausible_time", _set("DisconnectTimestamp", "1970-01-01T00:00:00Z")),
    Defect(
        "a method nobody knows",
        "unknown_initiation_method",
        _set("InitiationMethod", "VIDEO_VISIT"),
    ),
    Defect(
        "a method of written channels",
        "unknown_initiation_method",
        _set("InitiationMethod", "FLOW"),
    ),
    Defect("never disconnected", "missing_field", _set("DisconnectTimestamp", None)),
    Defect("answered without talk time", "missing_field", _set("Agent.AgentInteractionDuration", None)),
    Defect("negative talk time", "negative_duration", _set("Agent.AgentInteractionDuration", -12)),
    Defect("negative hold time", "negative_duration", _set("Agent.CustomerHoldDuration", -1)),
    Defect("ended before it began", "inconsistent_times", _ended_before_it_began),
    Defect("never hung up", "implausible_duration", _set("Agent.AgentInteractionDuration", 43_201)),
)
