"""What a report may be made of: the columns that a role can be granted. A column that is not granted is not read.

A patient's phone is not among them: no role can be granted it. What a page needs of it, when the same patient called
before and after, is told in seconds, and the phone is forgotten while the ledger is read.
"""

from typing import Annotated

import msgspec

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, columns_of, flag, seconds, text
from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS
from schemas.report_roles import RoleName

NEVER_GRANTED = "patient_phone"


class Derived(msgspec.Struct):
    """What is told of a ledger's row while it is read."""

    standing: Annotated[str, text("of its contact's rows", "counts", "superseded", "duplicate", "quarantined")]
    chain: Annotated[str | None, text("contact id of its chain's first leg")]
    first_leg: Annotated[bool, flag("whether it is an inbound call, and the first leg of its chain")]
    phone_withheld: Annotated[bool, flag("no phone number in E.164")]
    since_last_call_seconds: Annotated[int | None, seconds("since the same patient's call before, inbound first legs")]
    until_next_call_seconds: Annotated[int | None, seconds("until the same patient's next call, inbound first legs")]


DERIVED_COLUMNS = columns_of(Derived)
FROM_CALLS_BEFORE_AND_AFTER = ("since_last_call_seconds", "until_next_call_seconds")

_LINES = {c.name: c for c in BILLING_COLUMNS if c.name != NEVER_GRANTED}
_ROWS = {c.name: c for c in (*LEDGER_COLUMNS, OUTCOME_COLUMNS[-1], *DERIVED_COLUMNS) if c.name != NEVER_GRANTED}

# Billing sees the partner's lines, the others the ledger's rows.
GRANTABLE: dict[RoleName, dict[str, Column]] = {"billing": _LINES, "supervisor": _ROWS, "operator": _ROWS}

DEFAULTS: dict[RoleName, tuple[str, ...]] = {
    "billing": ("billing_date", "call_type", "call_duration_seconds", "provider_extension"),
    "supervisor": (
        "billing_date",
        "standing",
        "outcome",
        "reason",
        "call_type",
        "initiated_at",
        "connected_at",
        "talk_seconds",
        "hold_seconds",
        "queue_name",
        "queue_seconds",
        "after_contact_work_seconds",
        "agent_id",
        "chain",
        "first_leg",
        "phone_withheld",
        "since_last_call_seconds",
        "until_next_call_seconds",
    ),
    "operator": (
        "billing_date",
        "standing",
        "outcome",
        "reason",
        "detail",
        "disconnected_at",
        "updated_at",
        "source",
        "position",
    ),
}
