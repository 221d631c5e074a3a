"""Make the outcome row of a payload: decode it, take its fields, classify it, join the extension."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from schemas.billing_rules import Rules
from schemas.contact_event import ContactEvent, EventBridgeEvent
from schemas.contact_record import ContactRecord
from schemas.outcome import UNMATCHED, OutcomeRow
from transforms.records.classify import Verdict, classify, preliminary_verdict
from transforms.records.decode import Decoded, Decoder, Unreadable, WrongType
from transforms.records.extension import AgentHistory, join, valid_extension
from transforms.records.payloads import Payload, may_wrap
from transforms.records.split import take_apart
from transforms.records.timestamps import beginning, billing_date, instant

# In seconds; a column of the ledger has 64 bits.
_MAX_SECONDS = 2**63
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def outcome(payload: bytes, agents: AgentHistory, rules: Rules) -> OutcomeRow:
    """Return the outcome row of one payload. Never raises, whatever the bytes."""
    return outcomes([payload], agents, rules)[0]


def outcomes(payloads: Sequence[bytes], agents: AgentHistory, rules: Rules) -> list[OutcomeRow]:
    """Return the outcome rows of payloads, in their order."""
    return [
        classify_payload(decoded, agents, rules)
        for decoded in Decoder(rules.extension_attribute).decode_batch(payloads)
    ]


def stream_outcomes(values: Sequence[bytes | None], agents: AgentHistory, rules: Rules) -> list[OutcomeRow]:
    """Return the outcome rows of a stream's values, in their order.

    A value that is null or has no byte is a message without a record, as Kafka's tombstones are. Elsewhere a payload
    without a byte is a record that could not be read.
    """
    decoder = Decoder(rules.extension_attribute)
    payloads = [value for value in values if value]
    all_decoded = map(partial(_of_stream, decoder=decoder), payloads, decoder.decode_batch(payloads))
    rows = (classify_payload(decoded, agents, rules) for decoded in all_decoded)
    return [next(rows) if value else OutcomeRow("excluded", "empty") for value in values]


def _of_stream(payload: bytes, decoded: Decoded, decoder: Decoder) -> Decoded:
    """Return what a stream's value is: an envelope or a list of one record is that record, one of several is none."""
    if not may_wrap(decoded):
        return decoded
    inner = [record.decoded for record in take_apart(Payload(0, len(payload), payload, decoded), decoder)]
    if len(inner) == 1:
        return inner[0]
    records = [record for record in inner if not isinstance(record, Unreadable)]
    return Unreadable("several_records") if len(records) > 1 else decoded


def classify_payload(decoded: Decoded, agents: AgentHistory, rules: Rules) -> OutcomeRow:
    """Return the outcome row of a decoded payload."""
    match decoded:
        case ContactRecord():
            row, record = OutcomeRow("billable"), decoded
            early = preliminary_verdict(record, rules)
        case WrongType(record, path, fields):
            row = OutcomeRow("quarantined")
            early = preliminary_verdict(record, rules, path, fields)
        case ContactEvent() | EventBridgeEvent():
            return OutcomeRow("excluded", "contact_event")
        case Unreadable(reason):
            return OutcomeRow("quarantined", reason)
    if early is not None and early.reason == "agent_event":
        return OutcomeRow(*early)
    invalid_time = take_fields(record, row, rules)
    row.outcome, row.reason, row.detail = early or invalid_time or classify(record, row, rules)
    if row.outcome == "billable":
        join_extension(row, agents, rules)
    return row


def take_fields(record: ContactRecord, row: OutcomeRow, rules: Rules) -> Verdict | None:
    """Set the record's own billing fields in `row`; return the verdict on the first invalid timestamp, if any."""
    row.contact_id = record.contact_id or None
    row.call_type = _call_type(record.initiation_method, rules)
    # A method that no setting names may be any text: the ledger does not keep it.
    if row.call_type is not None:
        row.initiation_method = record.initiation_method
    if isinstance(record.initial_contact_id, str):
        row.initial_contact_id = record.initial_contact_id or None
    invalid_time = _take_times(record, row, rules)
    agent = record.agent
    if agent is not None:
        row.talk_seconds = agent.agent_interaction_duration
        row.hold_seconds = agent.customer_hold_duration or 0
        row.after_contact_work_seconds = _duration(agent.after_contact_work_duration)
        if agent.arn:
            row.agent_id = agent.arn.partition("/agent/")[2] or None
    if record.attributes is not None:
        row.attribute_extension = valid_extension(record.attributes.extension_number)
    if record.customer_endpoint is not None and record.customer_endpoint.address:
        row.patient_phone = e164(record.customer_endpoint.address)
    if record.queue:
        name = record.queue.get("Name")
        row.queue_name = name if isinstance(name, str) else None
        row.queue_seconds = _duration(record.queue.get("Duration"))
    if row.connected_at is None:
        row.voicemail_evidence = voicemail_evidence(record)
    return invalid_time


def _take_times(record: ContactRecord, row: OutcomeRow, rules: Rules) -> Verdict | None:
    """Set the instants and the date; an initiation that is invalid or before the earliest date gives neither."""
    earliest = beginning(rules.earliest, rules.time_zone)
    bad: str | None = None
    early: str | None = None
    if record.initiation_timestamp:
        initiated_at = instant(record.initiation_timestamp)
        date = None if initiated_at is None else billing_date(initiated_at, rules.time_zone)
        if initiated_at is None or date is None:
            bad = "InitiationTimestamp"
        elif initiated_at < earliest:
            early = "InitiationTimestamp"
        else:
            row.initiated_at, row.billing_date = initiated_at, date
    if record.last_update_timestamp:
        row.updated_at = updated_at = instant(record.last_update_timestamp)
        if updated_at is None:
            bad = bad or "LastUpdateTimestamp"
        elif updated_at < earliest:
            early = early or "LastUpdateTimestamp"
    agent = record.agent
    if agent is not None and agent.connected_to_agent_timestamp is not None:
        row.connected_at = connected_at = instant(agent.connected_to_agent_timestamp)
        if connected_at is None:
            bad = bad or "Agent.ConnectedToAgentTimestamp"
        elif connected_at < earliest:
            early = early or "Agent.ConnectedToAgentTimestamp"
    system_time = record.connected_to_system_timestamp
    if system_time is not None and system_time != record.initiation_timestamp and instant(system_time) is None:
        bad = bad or "ConnectedToSystemTimestamp"
    if record.disconnect_timestamp is not None:
        row.disconnected_at = disconnected_at = instant(record.disconnect_timestamp)
        if disconnected_at is None:
            bad = bad or "DisconnectTimestamp"
        elif disconnected_at < earliest:
            early = early or "DisconnectTimestamp"
    if bad is not None:
        return Verdict("quarantined", "bad_timestamp", bad)
    return None if early is None else Verdict("quarantined", "implausible_time", early)


def _duration(value: Any) -> int | None:
    """Return whole seconds; they are only for reports, so any other value counts as null."""
    return value if type(value) is int and 0 <= value < _MAX_SECONDS else None


def join_extension(row: OutcomeRow, agents: AgentHistory, rules: Rules) -> None:
    """Set the provider's extension at the time of connection; without one the row is held."""
    directory = None
    if row.agent_id is not None and row.connected_at is not None:
        directory = agents.extension(row.agent_id, row.connected_at)
    row.extension, row.extension_conflict = join(row.attribute_extension, directory, rules.extension_precedence)
    if row.extension is None:
        row.outcome, row.reason = "held", UNMATCHED


def e164(address: str) -> str | None:
    """Return the address if it is an E.164 number; `anonymous` and anything else is withheld."""
    return address if _E164.fullmatch(address) else None


def voicemail_evidence(record: ContactRecord) -> str | None:
    """Return the evidence of a voicemail, separated by commas; never a value of the record."""
    evidence = []
    for entry in record.recordings or ():
        if entry.storage_type == "KINESIS_VIDEO_STREAM":
            evidence.append("kinesis_video_stream")
        if (entry.participant_type or "").lower() == "ivr":
            evidence.append("ivr_recording")
    if record.attributes is not None:
        # Changed from "1" to "0" when the voicemail is processed, so "0" is evidence too.
        if _is_set(record.attributes.vm_flag):
            evidence.append("vm_flag")
        if _is_set(record.attributes.vmx3_flag):
            evidence.append("vmx3_flag")
    return ",".join(sorted(set(evidence))) or None


def _is_set(flag: Any) -> bool:
    if isinstance(flag, dict):
        return any(value is not None for value in flag.values())
    return flag not in (None, "", [])


def _call_type(method: str | None, rules: Rules) -> str | None:
    if method in rules.inbound_methods:
        return "inbound"
    if method in rules.outbound_methods:
        return "outbound"
    return None
