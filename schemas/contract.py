"""The contract: which columns of the billing line a partner gets, in which order, form and under which names.

A column that is not chosen never leaves.
"""

from typing import Literal

import msgspec

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column

# What becomes of a text that a spreadsheet would run: its date is not released, or it gets an apostrophe in front.
SpreadsheetPolicy = Literal["reject", "quote"]
Delimiter = Literal[",", ";", "\t", "|"]

KEY = "contact_id"
DEFAULT_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# What an instant may be written with: numbers only, the same in every language.
TIME_DIRECTIVES = "YmdHMSyIpjz"


class ChosenColumn(msgspec.Struct, frozen=True):
    """A column of the billing line, as the partner sees it."""

    column: Column
    name: str
    spreadsheet: SpreadsheetPolicy = "reject"


class Contract(msgspec.Struct, frozen=True):
    """What the partner's files look like. Formats and zone are the CSV files'; Parquet has typed UTC instants."""

    name: str
    columns: tuple[ChosenColumn, ...]
    delimiter: Delimiter = ","
    time_format: str = DEFAULT_TIME_FORMAT
    time_zone: str = "UTC"

    def has(self, column: str) -> bool:
        """Whether a column of the billing line is chosen."""
        return any(c.column.name == column for c in self.columns)


def choose(column: str, name: str = "", spreadsheet: SpreadsheetPolicy = "reject") -> ChosenColumn:
    """A column of the billing line under its own or another name. KeyError: there is none."""
    return ChosenColumn(_BY_NAME[column], name or column, spreadsheet)


_BY_NAME = {column.name: column for column in BILLING_COLUMNS}

# By name: a column that the billing line gets one day must not change a contract that partners have.
BILLING_V1 = Contract(
    "billing.v1",
    tuple(
        choose(name)
        for name in (
            "contact_id",
            "billing_date",
            "call_type",
            "initiated_at",
            "call_duration_seconds",
            "talk_seconds",
            "hold_seconds",
            "contact_duration_seconds",
            "patient_phone",
            "provider_extension",
            "revision",
        )
    ),
)

# The file as it was first described; the two descriptions of it disagree on the last column.
_FIRST_FIVE = (
    choose("call_type"),
    choose("initiated_at", "call_initiated_at"),
    choose("call_duration_seconds"),
    choose("patient_phone"),
    choose("provider_extension"),
)
SHIPPED = {
    contract.name: contract
    for contract in (
        BILLING_V1,
        Contract("six-columns-hold.v1", (*_FIRST_FIVE, choose("hold_seconds", "total_hold_seconds"))),
        Contract("six-columns-contact.v1", (*_FIRST_FIVE, choose("contact_duration_seconds", "total_contact_seconds"))),
    )
}
