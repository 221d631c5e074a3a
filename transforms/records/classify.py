"""The outcome rules for a contact record, in order; the first that matches decides.

What is no record, rules 1 and 2 but for agent events, is in decode.py and outcome.py.

The numbers in comments are those of the rules table.
"""

from operator import attrgetter
from typing import NamedTuple

from schemas.billing_rules import Rules
from schemas.contact_record import ContactRecord
from schemas.outcome import OutcomeRow
from transforms.records.timestamps import MICROSECONDS

_NOT_BILLED = {
    "MONITOR": "monitoring",
    "DISCONNECT": "disconnect_flow",
    "EXTERNAL_OUTBOUND": "third_party",
}
_MACHINES = ("VOICEMAIL_", "FAX_", "SIT_")
_INT64_MAX = 2**63 - 1
REQUIRED = (
    ("contact_id", "ContactId"),
    ("initiation_timestamp", "InitiationTimestamp"),
    ("initiation_method", "InitiationMethod"),
    ("channel", "Channel"),
    ("last_update_timestamp", "LastUpdateTimestamp"),
)


_required = attrgetter(*(name for name, _ in REQUIRED))


class Verdict(NamedTuple):
    """An outcome, its reason and, for an invalid field, the path of the field."""

    outcome: str
    reason: str | None = None
    detail: str | None = None


BILLABLE = Verdict("billable")


def preliminary_verdict(
    record: ContactRecord, rules: Rules, wrong_path: str = "", wrong_fields: tuple[str, ...] = ()
) -> Verdict | None:
    """Apply rules 2 to 4 except for timestamps: those that need no billing fields. None if no rule matches."""
    if (
        record.contact_id is None
        and "contact_id" not in wrong_fields
        and record.event_type is not None
        and record.agent_arn is not None
    ):
        return Verdict("excluded", "agent_event")  # 2
    version = record.format_version
    if version is not None and version not in rules.format_versions:
        return Verdict("quarantined", "unsupported_version")  # 3
    if not all(_required(record)):
        for name, path in REQUIRED:
            if not getattr(record, name) and name not in wrong_fields:
                return Verdict("quarantined", "missing_field", path)  # 4
    if wrong_path:
        return Verdict("quarantined", "wrong_type", wrong_path)
    return None


def classify(record: ContactRecord, row: OutcomeRow, rules: Rules) -> Verdict:
    """Apply rules 5 to 15 to a record with valid types and timestamps; `row` has its billing fields."""
    if record.channel not in rules.channels:
        return Verdict("excluded", "channel")  # 5
    method = record.initiation_method
    if row.call_type is None and method not in _NOT_BILLED:
        return Verdict("quarantined", "unknown_initiation_method")  # 6
    if method in _NOT_BILLED:
        return Verdict("excluded", _NOT_BILLED[method])  # 7
    if _is_internal(record, rules):
        return Verdict("excluded", "internal")  # 7b
    if row.connected_at is None:
        return _without_agent(record, row)  # 8, 9, 10
    machine = record.answering_machine_detection_status
    if machine is not None and machine.startswith(_MACHINES):
        return Verdict("excluded", "answering_machine")  # 11
    if row.call_type == "outbound" and _unanswered(record, row):
        return Verdict("excluded", "unanswered")  # 12
    return _answered(row, rules)  # 13 to 15


def _is_internal(record: ContactRecord, rules: Rules) -> bool:
    """Whether the customer is a provider: one who called through the main number, or from one of our own."""
    customer, system = record.customer_endpoint, record.system_endpoint
    if customer is None or not customer.address:
        return False
    return (system is not None and customer.address == system.address) or customer.address in rules.own_numbers


def _without_agent(record: ContactRecord, row: OutcomeRow) -> Verdict:
    if row.voicemail_evidence is not None:
        return Verdict("excluded", "voicemail")
    if record.queue and any(value is not None for value in record.queue.values()):
        return Verdict("excluded", "abandoned")
    return Verdict("excluded", "no_agent")


def _unanswered(record: ContactRecord, row: OutcomeRow) -> bool:
    if record.connected_to_system_timestamp is None:
        return True
    failed = (record.disconnect_reason or "").startswith("TELECOM_")
    return failed and not row.talk_seconds


def _answered(row: OutcomeRow, rules: Rules) -> Verdict:
    connected_at, disconnected_at = row.connected_at or 0, row.disconnected_at
    talk, hold = row.talk_seconds, row.hold_seconds or 0
    if disconnected_at is None:
        return Verdict("quarantined", "missing_field", "DisconnectTimestamp")
    if talk is None:
        return Verdict("quarantined", "missing_field", "Agent.AgentInteractionDuration")
    if talk < 0:
        return Verdict("quarantined", "negative_duration", "Agent.AgentInteractionDuration")
    if hold < 0:
        return Verdict("quarantined", "negative_duration", "Agent.CustomerHoldDuration")
    if row.initiated_at is not None and disconnected_at < row.initiated_at:
        return Verdict("quarantined", "inconsistent_times", "DisconnectTimestamp")
    if talk + hold > _INT64_MAX:
        return Verdict("quarantined", "inconsistent_times", "Agent.CustomerHoldDuration")
    # The provider's leg may end seconds after the patient's; long after it, the line was never hung up.
    longest = disconnected_at - connected_at + rules.longest_overrun_seconds * MICROSECONDS
    if (talk + hold) * MICROSECONDS > longest:
        field = "AgentInteractionDuration" if talk * MICROSECONDS > longest else "CustomerHoldDuration"
        return Verdict("quarantined", "implausible_duration", f"Agent.{field}")  # 13b
    if talk + hold < rules.minimum_call_seconds:
        return Verdict("excluded", "below_minimum")  # 14
    if connected_at >= disconnected_at:
        return Verdict("excluded", "caller_left")  # 14b
    return BILLABLE
