"""The data rules of the billing lines: what must hold before anything is published.

In: the columns of the billing line. Out: rules, each with one word of severity: `fail` stops the
release of the date, `warn` is counted in the manifest.
"""

from typing import Any, Literal

import msgspec

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, Kind

Severity = Literal["fail", "warn"]
Check = Literal["not_null", "unique", "in_set", "matches", "at_least", "row_count"]

E164_PATTERN = r"\A\+[1-9][0-9]{1,14}\Z"
EXTENSION_PATTERN = r"\A[0-9]{1,5}\Z"
# Talk + hold against the call's duration, computed for the gate alone.
UNEXPLAINED = "unexplained_seconds"


class DataRule(msgspec.Struct, frozen=True):
    """One expectation; `value` is the set, the pattern, the least value or the count."""

    name: str
    check: Check
    column: str | None
    severity: Severity
    value: Any = None


def data_rules(billing_date: str, rows: int) -> tuple[DataRule, ...]:
    """All rules for the lines of one date that should have so many rows."""
    return (
        DataRule("row_count_is_billed", "row_count", None, "fail", rows),
        DataRule("contact_id_unique", "unique", "contact_id", "fail"),
        *(rule for column in BILLING_COLUMNS for rule in _of_column(column)),
        DataRule("billing_date_is_released_date", "in_set", "billing_date", "fail", (billing_date,)),
        DataRule("call_duration_is_talk_and_hold", "in_set", UNEXPLAINED, "fail", (0,)),
        DataRule("patient_phone_e164", "matches", "patient_phone", "fail", E164_PATTERN),
        DataRule("patient_phone_present", "not_null", "patient_phone", "warn"),
        DataRule("provider_extension_digits", "matches", "provider_extension", "warn", EXTENSION_PATTERN),
    )


def _of_column(column: Column) -> list[DataRule]:
    rules = []
    if not column.nullable:
        rules.append(DataRule(f"{column.name}_present", "not_null", column.name, "fail"))
    if column.allowed:
        rules.append(DataRule(f"{column.name}_allowed", "in_set", column.name, "fail", column.allowed))
    if column.kind is Kind.INTEGER:
        least = 0 if column.unit == "s" else 1
        rules.append(DataRule(f"{column.name}_range", "at_least", column.name, "fail", least))
    return rules
