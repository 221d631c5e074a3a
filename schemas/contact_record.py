"""The fields of an Amazon Connect contact record that a rule or report reads: one struct per JSON object.

Unknown fields are ignored, missing ones are None. Source: the contact-record data model of Amazon Connect.
Timestamps stay text here: an invalid one must become a row with a reason, not a decoding error.
"""

from functools import lru_cache
from typing import Annotated, Any

import msgspec

# JSON integers of at most 64 bits; a ledger column cannot hold wider ones.
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Agent(msgspec.Struct, rename="pascal", gc=False):
    """The agent part of a record; `{}` means the same as null."""

    arn: str | None = msgspec.field(default=None, name="ARN")
    connected_to_agent_timestamp: str | None = None
    agent_interaction_duration: Int64 | None = None
    customer_hold_duration: Int64 | None = None
    # Untyped: only reports read it, and it must not decide whether a call is billed.
    after_contact_work_duration: Any = None


class Endpoint(msgspec.Struct, rename="pascal", gc=False):
    """The customer's endpoint: a phone number, `anonymous`, or an e-mail address."""

    address: str | None = None


class SystemEndpoint(Endpoint, rename="pascal", gc=False):
    """The endpoint of the organization: the phone number that was called, or from which the patient was called."""


class Recording(msgspec.Struct, rename="pascal", gc=False):
    """The fields of an entry of Recordings that identify a voicemail."""

    storage_type: str | None = None
    participant_type: str | None = None


class Attributes(msgspec.Struct, gc=False):
    """The contact attributes that a rule reads; the flags may have any value."""

    extension_number: str | None = msgspec.field(default=None, name="extensionNumber")
    vm_flag: Any = None
    vmx3_flag: Any = None


class ContactRecord(msgspec.Struct, rename="pascal", gc=False):
    """One contact record (or agent event) as delivered."""

    contact_id: str | None = None
    initiation_timestamp: str | None = None
    initiation_method: str | None = None
    channel: str | None = None
    last_update_timestamp: str | None = None
    agent: Agent | None = None
    attributes: Attributes | None = None
    queue: dict[str, Any] | None = None
    recordings: list[Recording] | None = None
    customer_endpoint: Endpoint | None = None
    disconnect_reason: str | None = None
    answering_machine_detection_status: str | None = None
    connected_to_system_timestamp: str | None = None
    disconnect_timestamp: str | None = None
    # Untyped: rules 2 and 3 read their presence and value, whatever the type.
    format_version: Any = msgspec.field(default=None, name="AWSContactTraceRecordFormatVersion")
    event_type: Any = None
    agent_arn: Any = msgspec.field(default=None, name="AgentARN")
    # Untyped: a chain is only checked after a call is billed, and must not decide whether it is.
    initial_contact_id: Any = None
    system_endpoint: SystemEndpoint | None = None


# Fields that count as absent if they have another type.
UNCHECKED = frozenset({"system_endpoint"})


@lru_cache
def contact_record_type(extension_attribute: str) -> type[ContactRecord]:
    """Return the record type for an extension attribute of this name."""
    attributes = msgspec.defstruct(
        "Attributes",
        [("extension_number", str | None, msgspec.field(default=None, name=extension_attribute))],
        bases=(Attributes,),
        gc=False,
    )
    record: Any = msgspec.defstruct(
        "ContactRecord",
        [("attributes", attributes | None, msgspec.field(default=None, name="Attributes"))],
        bases=(ContactRecord,),
        gc=False,
    )
    record_type: type[ContactRecord] = record
    return record_type
