"""The billing line: one row per call that reached a provider, as the partner receives it."""

from typing import Annotated

import msgspec

from schemas.columns import columns_of, count, date, instant, seconds, text


class BillingLine(msgspec.Struct):
    """All columns that a release may contain; instants are whole seconds. A contract names those of its partner."""

    contact_id: Annotated[str, text("the contact's id in Amazon Connect", free=True)]
    billing_date: Annotated[str, date("date of initiated_at in the billing time zone")]
    call_type: Annotated[str, text("who called whom", "inbound", "outbound")]
    initiated_at: Annotated[int, instant("call initiation date and time")]
    call_duration_seconds: Annotated[int, seconds("provider on the line: talk + hold")]
    talk_seconds: Annotated[int, seconds("patient and provider talking, without hold")]
    hold_seconds: Annotated[int, seconds("patient on hold")]
    contact_duration_seconds: Annotated[int, seconds("from initiation to disconnect")]
    patient_phone: Annotated[str | None, text("E.164, null when withheld")]
    provider_extension: Annotated[str, text("as dialled; leading zeros matter", free=True)]
    revision: Annotated[int, count("version of the release in which this line last changed")]


BILLING_COLUMNS = columns_of(BillingLine)
