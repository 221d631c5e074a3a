"""The settings of the business rules, in one frozen struct that every transform receives."""

import datetime
from typing import Annotated, Literal

import msgspec

# A larger payload is quarantined unread.
MAX_PAYLOAD_BYTES = 1_048_576
# Deeper nesting is not a record: the limit keeps the outcome independent of the caller's stack.
MAX_NESTING = 512

# A phone number as contact records have it, without blanks and hyphens.
Number = Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]+\Z")]
Precedence = Literal["attribute_first", "directory_first"]
ConsultLegs = Literal["report", "exclude"]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of the rules; the defaults are those of the specification."""

    time_zone: str = "UTC"
    format_versions: tuple[str, ...] = ("2017-03-10",)
    channels: tuple[str, ...] = ("VOICE",)
    inbound_methods: tuple[str, ...] = ("INBOUND", "TRANSFER", "QUEUE_TRANSFER", "WEBRTC_API")
    outbound_methods: tuple[str, ...] = ("OUTBOUND", "CALLBACK", "API", "CAMPAIGN_PREVIEW")
    own_numbers: tuple[Number, ...] = ()
    minimum_call_seconds: Annotated[int, msgspec.Meta(ge=0)] = 1
    longest_overrun_seconds: Annotated[int, msgspec.Meta(ge=0)] = 900
    # The day on which Amazon Connect began.
    earliest: datetime.date = datetime.date(2017, 3, 28)
    consult_legs: ConsultLegs = "report"
    extension_attribute: Annotated[str, msgspec.Meta(min_length=1)] = "extensionNumber"
    extension_precedence: Precedence = "attribute_first"
