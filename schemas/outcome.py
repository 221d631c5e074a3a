"""The rows of the ledger: one outcome for every payload ever read, good or bad, with its position in the source."""

from typing import Annotated

import msgspec

from schemas.columns import columns_of, count, flag, instant, raw, seconds, text

UNKNOWN_DATE = "unknown"
# The reason of a held row.
UNMATCHED = "extension_unmatched"
# The reason of contacts on a date that is not billed: releases assign it, no row of the ledger has it.
NOT_BILLED = "not_billed"
# The reason of consult legs that are not billed; likewise.
CONSULT = "consult"

# By outcome, in the order of the rules; a billable row has no reason.
REASONS: dict[str, tuple[str | None, ...]] = {
    "billable": (None,),
    "held": (UNMATCHED,),
    "excluded": (
        "empty",
        "agent_event",
        "contact_event",
        "channel",
        "monitoring",
        "disconnect_flow",
        "third_party",
        "internal",
        "voicemail",
        "abandoned",
        "no_agent",
        "answering_machine",
        "unanswered",
        "below_minimum",
        "caller_left",
    ),
    "quarantined": (
        "too_large",
        "not_utf8",
        "not_json",
        "not_an_object",
        "several_records",
        "unsupported_version",
        "missing_field",
        "wrong_type",
        "bad_timestamp",
        "implausible_time",
        "unknown_initiation_method",
        "negative_duration",
        "inconsistent_times",
        "implausible_duration",
    ),
}
OUTCOMES = tuple(REASONS)
# The reasons of payloads that are no object: a file that holds nothing else is unreadable.
UNREADABLE_REASONS = frozenset({"too_large", "not_utf8", "not_json", "not_an_object"})


class OutcomeRow(msgspec.Struct, gc=False):
    """The outcome of one payload, with the record's own billing fields."""

    outcome: Annotated[str, text("outcome of the record", *OUTCOMES)]
    reason: Annotated[str | None, text("why the record is not billable")] = None
    detail: Annotated[str | None, text("path of the invalid field, never its value")] = None
    contact_id: Annotated[str | None, text("ContactId")] = None
    call_type: Annotated[str | None, text("direction of the call", "inbound", "outbound")] = None
    initiated_at: Annotated[int | None, instant("InitiationTimestamp")] = None
    connected_at: Annotated[int | None, instant("Agent.ConnectedToAgentTimestamp")] = None
    disconnected_at: Annotated[int | None, instant("DisconnectTimestamp")] = None
    updated_at: Annotated[int | None, instant("LastUpdateTimestamp: the version of the record")] = None
    talk_seconds: Annotated[int | None, seconds("AgentInteractionDuration")] = None
    hold_seconds: Annotated[int | None, seconds("CustomerHoldDuration, null counts as 0")] = None
    patient_phone: Annotated[str | None, text("E.164, null when withheld or not E.164")] = None
    agent_id: Annotated[str | None, text("part of Agent.ARN after /agent/")] = None
    attribute_extension: Annotated[str | None, text("extension from the contact attribute, if valid")] = None
    extension: Annotated[str | None, text("extension that was joined when the record was read")] = None
    extension_conflict: Annotated[bool, flag("contact attribute and agent-extension table disagree")] = False
    voicemail_evidence: Annotated[str | None, text("evidence that the contact is a voicemail")] = None
    initial_contact_id: Annotated[str | None, text("InitialContactId: first leg of the chain; null on that leg")] = None
    queue_name: Annotated[str | None, text("Queue.Name; null for an agent's own queue")] = None
    queue_seconds: Annotated[int | None, seconds("Queue.Duration: time in the queue")] = None
    after_contact_work_seconds: Annotated[int | None, seconds("Agent.AfterContactWorkDuration")] = None
    initiation_method: Annotated[str | None, text("InitiationMethod of an inbound or outbound contact")] = None
    billing_date: Annotated[str, text("date of initiated_at in the billing time zone, or unknown")] = UNKNOWN_DATE


class Position(msgspec.Struct, gc=False):
    """Where a payload came from: the file or shard, and the position in it."""

    source: Annotated[str, text("file below the archive, or stream and shard")]
    position: Annotated[str, text("byte offset in the decompressed file, row number, or sequence number")]
    length: Annotated[int | None, count("bytes of the payload")]


class QuarantinedPayload(msgspec.Struct, gc=False):
    """The raw payload of a quarantined row, stored apart from the ledger in a restricted location."""

    reason: Annotated[str, text("why the payload was quarantined")]
    detail: Annotated[str | None, text("path of the invalid field")]
    source: Annotated[str, text("as in the ledger")]
    position: Annotated[str, text("as in the ledger")]
    length: Annotated[int | None, count("bytes of the payload")]
    payload: Annotated[bytes | None, raw("bytes as read; null above the size limit")]


OUTCOME_COLUMNS = columns_of(OutcomeRow)
# The billing date is the ledger's partition: it is in the path of a part, not in its rows.
LEDGER_COLUMNS = OUTCOME_COLUMNS[:-1] + columns_of(Position)
QUARANTINE_COLUMNS = columns_of(QuarantinedPayload)

# The content of a delivery: rows of a contact with the same values here and in updated_at are duplicates.
# The joined extension is not included, so that a corrected table cannot change which row counts.
CONTENT_COLUMNS = (
    "reason",
    "call_type",
    "initiated_at",
    "connected_at",
    "disconnected_at",
    "talk_seconds",
    "hold_seconds",
    "patient_phone",
    "agent_id",
    "attribute_extension",
)
