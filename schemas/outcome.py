"""The ledger: one outcome row for every payload ever read, good or bad, and where it came from."""

from typing import Annotated

import msgspec

from schemas.columns import columns_of, count, flag, instant, raw, seconds, text

UNKNOWN_DATE = "unknown"
# The reason of a held row.
UNMATCHED = "extension_unmatched"
# The reason of what is not billed because its whole date is not: a release gives it, no row of the ledger has it.
NOT_BILLED = "not_billed"
RELEASE_REASONS = (NOT_BILLED,)

# By outcome, in the order of the rules; a billable row has no reason.
REASONS: dict[str, tuple[str | None, ...]] = {
    "billable": (None,),
    "held": (UNMATCHED,),
    "excluded": (
        "agent_event",
        "channel",
        "monitoring",
        "disconnect_flow",
        "third_party",
        "voicemail",
        "abandoned",
        "no_agent",
        "answering_machine",
        "unanswered",
        "below_minimum",
    ),
    "quarantined": (
        "too_large",
        "not_utf8",
        "not_json",
        "not_an_object",
        "unsupported_version",
        "missing_field",
        "wrong_type",
        "bad_timestamp",
        "unknown_initiation_method",
        "negative_duration",
        "inconsistent_times",
    ),
}
OUTCOMES = tuple(REASONS)


class OutcomeRow(msgspec.Struct, gc=False):
    """What the rules say of one payload, with the record's own billing fields."""

    outcome: Annotated[str, text("what becomes of the record", *OUTCOMES)]
    reason: Annotated[str | None, text("why it is not billable")] = None
    detail: Annotated[str | None, text("path of the field that is wrong, never its value")] = None
    contact_id: Annotated[str | None, text("ContactId")] = None
    call_type: Annotated[str | None, text("direction of the call", "inbound", "outbound")] = None
    initiated_at: Annotated[int | None, instant("InitiationTimestamp")] = None
    connected_at: Annotated[int | None, instant("Agent.ConnectedToAgentTimestamp")] = None
    disconnected_at: Annotated[int | None, instant("DisconnectTimestamp")] = None
    updated_at: Annotated[int | None, instant("LastUpdateTimestamp: the record's version")] = None
    talk_seconds: Annotated[int | None, seconds("AgentInteractionDuration")] = None
    hold_seconds: Annotated[int | None, seconds("CustomerHoldDuration, null counts as 0")] = None
    patient_phone: Annotated[str | None, text("E.164, null when withheld or not E.164")] = None
    agent_id: Annotated[str | None, text("the part of Agent.ARN after /agent/")] = None
    attribute_extension: Annotated[str | None, text("extension from the contact attribute, if valid")] = None
    extension: Annotated[str | None, text("extension as joined when the record was read")] = None
    extension_conflict: Annotated[bool, flag("contact attribute and agent-extension table disagree")] = False
    voicemail_evidence: Annotated[str | None, text("what marks the contact as a voicemail")] = None
    initial_contact_id: Annotated[str | None, text("InitialContactId: the first leg of its chain; null on it")] = None
    queue_name: Annotated[str | None, text("Queue.Name; null for an agent's own queue")] = None
    queue_seconds: Annotated[int | None, seconds("Queue.Duration: time in the queue")] = None
    after_contact_work_seconds: Annotated[int | None, seconds("Agent.AfterContactWorkDuration")] = None
    billing_date: Annotated[str, text("date of initiated_at in the billing zone, or unknown")] = UNKNOWN_DATE


class Position(msgspec.Struct, gc=False):
    """Where a payload came from: the file or shard, and the place in it."""

    source: Annotated[str, text("file below the archive, or stream and shard")]
    position: Annotated[str, text("byte offset in the decompressed file, row number, or sequence number")]
    length: Annotated[int | None, count("bytes of the payload")]


class QuarantinedPayload(msgspec.Struct, gc=False):
    """The raw payload of a quarantined row, kept apart from the ledger in a restricted place."""

    reason: Annotated[str, text("why it was quarantined")]
    detail: Annotated[str | None, text("path of the field that is wrong")]
    source: Annotated[str, text("as in the ledger")]
    position: Annotated[str, text("as in the ledger")]
    length: Annotated[int | None, count("bytes of the payload")]
    payload: Annotated[bytes | None, raw("the bytes as read; null above the size limit")]


OUTCOME_COLUMNS = columns_of(OutcomeRow)
# The billing date is the ledger's partition: in the path of a part, not in the part.
LEDGER_COLUMNS = OUTCOME_COLUMNS[:-1] + columns_of(Position)
QUARANTINE_COLUMNS = columns_of(QuarantinedPayload)

# The content of a delivery: rows of a contact that agree in these and in updated_at are duplicates.
# The joined extension is not among them, so that a corrected table cannot change which row counts.
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
