"""The contract with a partner: which columns of the billing line its files have, in which order, format and names.

A column that is not chosen is never released.
"""

from typing import Literal

import msgspec

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column

# For text that a spreadsheet would run as a formula: refuse to release the date, or prefix an apostrophe.
SpreadsheetPolicy = Literal["reject", "quote"]
Delimiter = Literal[",", ";", "\t", "|"]

KEY = "contact_id"
DEFAULT_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# The strftime directives of an instant: numeric ones only, which are the same in every locale.
TIME_DIRECTIVES = "YmdHMSyIpjz"


class ChosenColumn(msgspec.Struct, frozen=True):
    """A column of the billing line under the partner's name for it."""

    column: Column
    name: str
    spreadsheet: SpreadsheetPolicy = "reject"


class Contract(msgspec.Struct, frozen=True):
    """The format of the partner's files. Delimiter, time format and zone are for CSV; Parquet has UTC instants."""

    name: str
    columns: tuple[ChosenColumn, ...]
    delimiter: Delimiter = ","
    time_format: str = DEFAULT_TIME_FORMAT
    time_zone: str = "UTC"

    def has(self, column: str) -> bool:
        """Whether the contract has a column of the billing line."""
        return any(c.column.name == column for c in self.columns)


def choose(column: str, name: str = "", spreadsheet: SpreadsheetPolicy = "reject") -> ChosenColumn:
    """Return a column of the billing line under its own or another name. Raises KeyError for an unknown column."""
    return ChosenColumn(_BY_NAME[column], name or column, spreadsheet)


_BY_NAME = {column.name: column for column in BILLING_COLUMNS}

# By name: a column that is added to the billing line later must not change a contract in use.
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

# The file as first specified; its two specifications disagree on the last column.
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
