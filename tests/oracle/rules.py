"""One payload in, one row out: the outcome table of the specification, rule by rule."""

import dataclasses
import datetime as dt
import re
import zoneinfo
from typing import Any

from tests.oracle.objects import address, is_agent_event, is_contact_event, is_text, not_empty
from tests.oracle.splitting import read_object

UNKNOWN = "unknown"
TIMES = ("InitiationTimestamp", "LastUpdateTimestamp")
REQUIRED = ("ContactId", "InitiationMethod", "Channel", *TIMES)
STATES = ("DisconnectReason", "AnsweringMachineDetectionStatus")
OPTIONAL_TIMES = ("ConnectedToSystemTimestamp", "DisconnectTimestamp")
BY_METHOD = {
    "MONITOR": "monitoring",
    "DISCONNECT": "disconnect_flow",
    "EXTERNAL_OUTBOUND": "third_party",
}
TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the rules can be told."""

    time_zone: str = "UTC"
    minimum_seconds: int = 1
    overrun_seconds: int = 900
    earliest: dt.date = dt.date(2017, 3, 28)
    own_numbers: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("VOICE",)
    versions: tuple[str, ...] = ("2017-03-10",)
    inbound: tuple[str, ...] = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER", "WEBRTC_API")
    outbound: tuple[str, ...] = ("OUTBOUND", "CALLBACK", "API", "CAMPAIGN_PREVIEW")
    extension_attribute: str = "extensionNumber"

    @property
    def zone(self) -> dt.tzinfo:
        return zoneinfo.ZoneInfo(self.time_zone)


@dataclasses.dataclass(frozen=True)
class Row:
    """One payload, classified; the outcome is the one before the extension is looked up."""

    outcome: str
    reason: str = ""
    date: str = UNKNOWN
    contact_id: str | None = None
    updated_at: dt.datetime | None = None
    call_type: str | None = None
    initiated_at: dt.datetime | None = None
    connected_at: dt.datetime | None = None
    disconnected_at: dt.datetime | None = None
    talk_seconds: int | None = None
    hold_seconds: int = 0
    phone: str | None = None
    agent_id: str | None = None
    extension: str | None = None
    method: str = ""
    initial_id: str | None = None


def instant(text: str, zone: dt.tzinfo) -> dt.datetime | None:
    """The UTC instant of an RFC 3339 text; None if there is none, in UTC and in the zone."""
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    *numbers, fraction, sign, hours, minutes = match.groups()
    offset = dt.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        year, month, day, hour, minute, second = map(int, numbers)
        microsecond = int((fraction or "")[:6].ljust(6, "0"))
        clock = (year, month, day, hour, minute, second, microsecond)
        zoned = dt.timezone(-offset if sign == "-" else offset)
        at = dt.datetime(*clock, tzinfo=zoned).astimezone(dt.UTC)
        at.astimezone(zone)
    except (ValueError, OverflowError):
        return None
    return at


def _is_integer(value: Any) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _is_set(value: Any) -> bool:
    return bool(not_empty(value)) if isinstance(value, dict) else value not in (None, "", [])


def _right_types(record: dict[str, Any], settings: Settings) -> bool:
    objects = [record.get(name) for name in ("Agent", "Attributes", "Queue", "CustomerEndpoint")]
    recordings = record.get("Recordings")
    if not all(value is None or isinstance(value, dict) for value in objects):
        return False
    if recordings is not None and not isinstance(recordings, list):
        return False
    if not all(isinstance(entry, dict) for entry in recordings or []):
        return False
    agent, attributes, _, endpoint = (value or {} for value in objects)
    texts = [record.get(name) for name in REQUIRED + STATES + OPTIONAL_TIMES]
    texts += [agent.get("ARN"), agent.get("ConnectedToAgentTimestamp"), endpoint.get("Address")]
    texts += [attributes.get(settings.extension_attribute)]
    texts += [entry.get("StorageType") for entry in recordings or []]
    texts += [entry.get("ParticipantType") for entry in recordings or []]
    integers = [agent.get("AgentInteractionDuration"), agent.get("CustomerHoldDuration")]
    if not all(value is None or is_text(value) for value in texts):
        return False
    return all(value is None or _is_integer(value) for value in integers)


def _decide(record: dict[str, Any], row: Row, settings: Settings) -> tuple[str, str]:
    """Rules 5 to 15, for a record whose fields have the right types."""
    method, channel = record["InitiationMethod"], record["Channel"]
    attributes, queue = not_empty(record.get("Attributes")), not_empty(record.get("Queue"))
    talk, hold = row.talk_seconds, row.hold_seconds
    if channel not in settings.channels:
        return "excluded", "channel"
    if method not in (*settings.inbound, *settings.outbound, *BY_METHOD):
        return "quarantined", "unknown_initiation_method"
    if method in BY_METHOD:
        return "excluded", BY_METHOD[method]
    if address(record, "CustomerEndpoint") in {*settings.own_numbers, address(record, "SystemEndpoint")} - {""}:
        return "excluded", "internal"
    if row.connected_at is None:
        recorded = any(
            entry.get("StorageType") == "KINESIS_VIDEO_STREAM" or (entry.get("ParticipantType") or "").lower() == "ivr"
            for entry in record.get("Recordings") or []
        )
        if recorded or _is_set(attributes.get("vm_flag")) or _is_set(attributes.get("vmx3_flag")):
            return "excluded", "voicemail"
        return "excluded", "abandoned" if queue else "no_agent"
    detected = record.get("AnsweringMachineDetectionStatus") or ""
    if detected.startswith(("VOICEMAIL_", "FAX_", "SIT_")):
        return "excluded", "answering_machine"
    telecom = (record.get("DisconnectReason") or "").startswith("TELECOM_")
    if row.call_type == "outbound" and (
        record.get("ConnectedToSystemTimestamp") is None or (telecom and talk in (None, 0))
    ):
        return "excluded", "unanswered"
    if row.disconnected_at is None or row.initiated_at is None or talk is None:
        return "quarantined", "missing_field"
    if talk < 0 or hold < 0:
        return "quarantined", "negative_duration"
    if row.disconnected_at < row.initiated_at or not _is_integer(talk + hold):
        return "quarantined", "inconsistent_times"
    spare = (row.disconnected_at - row.connected_at) / dt.timedelta(microseconds=1) + settings.overrun_seconds * 10**6
    if (talk + hold) * 10**6 > spare:
        return "quarantined", "implausible_duration"
    if talk + hold < settings.minimum_seconds:
        return "excluded", "below_minimum"
    if row.connected_at >= row.disconnected_at:
        return "excluded", "caller_left"
    return "billable", ""


def classify(payload: bytes, settings: Settings) -> Row:
    """The row of one payload."""
    record, unreadable = read_object(payload)
    if unreadable:
        return Row("quarantined", unreadable)
    if is_agent_event(record) or is_contact_event(record):
        return Row("excluded", "agent_event" if is_agent_event(record) else "contact_event")
    zone = settings.zone
    initiation = record.get("InitiationTimestamp")
    initiated_at = instant(initiation, zone) if is_text(initiation) else None
    if initiated_at and initiated_at.astimezone(zone).date() < settings.earliest:
        initiated_at = None  # the clock is wrong: no date either
    date = initiated_at.astimezone(zone).date().isoformat() if initiated_at else UNKNOWN
    version = record.get("AWSContactTraceRecordFormatVersion")
    if version is not None and version not in settings.versions:
        return Row("quarantined", "unsupported_version", date)
    if any(record.get(name) in (None, "") for name in REQUIRED):
        return Row("quarantined", "missing_field", date)
    if not _right_types(record, settings):
        return Row("quarantined", "wrong_type", date)
    agent = not_empty(record.get("Agent"))
    texts: list[Any] = [record.get(name) for name in TIMES + OPTIONAL_TIMES]
    texts += [agent.get("ConnectedToAgentTimestamp")]
    instants = [None if text is None else instant(text, zone) for text in texts]
    if any(text is not None and at is None for text, at in zip(texts, instants, strict=True)):
        return Row("quarantined", "bad_timestamp", date)
    clocks = [at for place, at in enumerate(instants) if at is not None and place != 2]  # not that of the system
    if any(at.astimezone(zone).date() < settings.earliest for at in clocks):
        return Row("quarantined", "implausible_time", date)
    method = record["InitiationMethod"]
    phone = address(record, "CustomerEndpoint")
    attribute = not_empty(record.get("Attributes")).get(settings.extension_attribute) or ""
    row = Row(
        outcome="",
        date=date,
        contact_id=record["ContactId"],
        updated_at=instants[1],
        call_type="inbound" if method in settings.inbound else "outbound",
        initiated_at=initiated_at,
        connected_at=instants[4],
        disconnected_at=instants[3],
        talk_seconds=agent.get("AgentInteractionDuration"),
        hold_seconds=agent.get("CustomerHoldDuration") or 0,
        phone=phone if re.fullmatch(r"\+[1-9][0-9]{1,14}", phone) else None,
        agent_id=(agent.get("ARN") or "").partition("/agent/")[2] or None,
        extension=attribute if re.fullmatch(r"[0-9]{1,5}", attribute) else None,
        method=method,
        initial_id=initial or None if isinstance(initial := record.get("InitialContactId"), str) else None,
    )
    outcome, reason = _decide(record, row, settings)
    if outcome == "quarantined":
        return Row(outcome, reason, date)
    return dataclasses.replace(row, outcome=outcome, reason=reason)
