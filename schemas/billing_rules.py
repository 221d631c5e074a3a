"""The settings of the business rules, in one frozen struct that every transform receives."""

from typing import Annotated, Literal

import msgspec

# A larger payload is quarantined unread.
MAX_PAYLOAD_BYTES = 1_048_576
# Deeper nesting is not a record: the limit keeps the outcome independent of the caller's stack.
MAX_NESTING = 512

Precedence = Literal["attribute_first", "directory_first"]
ConsultLegs = Literal["report", "exclude"]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of the rules; the defaults are those of the specification."""

    time_zone: str = "UTC"
    format_versions: tuple[str, ...] = ("2017-03-10",)
    channels: tuple[str, ...] = ("VOICE",)
    inbound_methods: tuple[str, ...] = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER", "WEBRTC_API")
    outbound_methods: tuple[str, ...] = ("OUTBOUND", "CALLBACK", "API", "CAMPAIGN_PREVIEW")
    minimum_call_seconds: Annotated[int, msgspec.Meta(ge=0)] = 1
    consult_legs: ConsultLegs = "report"
    extension_attribute: Annotated[str, msgspec.Meta(min_length=1)] = "extensionNumber"
    extension_precedence: Precedence = "attribute_first"
