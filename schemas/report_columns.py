"""The columns that a role can be granted for its report. A column that is not granted is not read.

No role can be granted a patient's phone number. Pages get only the seconds since and until the same patient's other
calls; the number itself is dropped while the ledger is read.
"""

from typing import Annotated

import msgspec

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, columns_of, flag, seconds, text
from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS
from schemas.report_roles import RoleName

NEVER_GRANTED = "patient_phone"


class Derived(msgspec.Struct):
    """The columns that are derived while a ledger's rows are read."""

    standing: Annotated[
        str, text("status among the contact's rows", "counts", "superseded", "duplicate", "quarantined")
    ]
    chain: Annotated[str | None, text("contact id of the chain's first leg")]
    first_leg: Annotated[bool, flag("whether it is an inbound call and the first leg of its chain")]
    phone_withheld: Annotated[bool, flag("whether the phone number is withheld or not E.164")]
    since_last_call_seconds: Annotated[int | None, seconds("since the patient's previous call, inbound first legs")]
    until_next_call_seconds: Annotated[int | None, seconds("until the patient's next call, inbound first legs")]


DERIVED_COLUMNS = columns_of(Derived)
FROM_CALLS_BEFORE_AND_AFTER = ("since_last_call_seconds", "until_next_call_seconds")

_LINES = {c.name: c for c in BILLING_COLUMNS if c.name != NEVER_GRANTED}
_ROWS = {c.name: c for c in (*LEDGER_COLUMNS, OUTCOME_COLUMNS[-1], *DERIVED_COLUMNS) if c.name != NEVER_GRANTED}

# Billing reads the partner's lines, the other roles the rows of the ledger.
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
