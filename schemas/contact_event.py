"""The contact events of Amazon Connect: what EventBridge tells of a contact while it goes on.

They share a stream or archive with contact records in many set-ups. Only the record, which Connect writes when the
contact is over, is billed.
"""

from typing import Annotated, Literal

import msgspec


class ContactEvent(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """An event itself: INITIATED, QUEUED, CONNECTED_TO_AGENT, DISCONNECTED and others; the list grows."""

    event_type: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z_]*\Z")]
    contact_id: Annotated[str, msgspec.Meta(min_length=1)]


class EventBridgeEvent(msgspec.Struct, frozen=True, gc=False):
    """An event as EventBridge sends it."""

    source: Literal["aws.connect"]
    detail: ContactEvent
    detail_type: Literal["Amazon Connect Contact Event"] = msgspec.field(name="detail-type")
