"""The data rules of the billing lines, which the gate checks before a release is published.

A rule's severity is `fail`, which stops the release of the date, or `warn`, which the manifest or the audit reports.
"""

import math
import statistics
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, Kind
from schemas.contract import Contract
from schemas.manifest import Control

Severity = Literal["fail", "warn"]
Check = Literal["not_null", "unique", "in_set", "matches", "matches_not", "at_least", "row_count", "sum"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

E164 = r"\+[1-9][0-9]{1,14}"
E164_PATTERN = rf"\A{E164}\Z"
EXTENSION_PATTERN = r"\A[0-9]{1,5}\Z"
# Text that a spreadsheet runs instead of displaying it, also after blanks; a phone number is not a formula.
FORMULA = "[ \u00a0\u3000]*[-=+@\t\r\n\uff1d\uff0b\uff0d\uff20]"
FORMULA_PATTERN = rf"\A(?!{E164}\Z){FORMULA}"
# The call's duration minus talk and hold, computed for the gate only.
UNEXPLAINED = "unexplained_seconds"
# Fewer dates than this are not enough for a median.
_LEAST_TRAILING = 2


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits beyond which a date is released with a warning."""

    held_share: Share = 0.05
    withheld_share: Share = 0.5
    # Relative to the median of the same weekdays before.
    least_volume: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    most_volume: Annotated[float, msgspec.Meta(ge=1)] = 2.0


class DataRule(msgspec.Struct, frozen=True):
    """One expectation; `value` is the set, the pattern, the least value, the sum, or the least and greatest count."""

    name: str
    check: Check
    column: str | None
    severity: Severity
    value: Any = None
    # The share of rows that must satisfy the rule.
    mostly: float = 1.0


def data_rules(billing_date: str, control: Control, contract: Contract, limits: Limits) -> tuple[DataRule, ...]:
    """Return all rules for the lines of one date that should have these totals."""
    lines = control.billed
    least = math.ceil((lines + control.held) * (1 - limits.held_share))
    return (
        DataRule("row_count_is_billed", "row_count", None, "fail", (lines, lines)),
        DataRule("contact_id_unique", "unique", "contact_id", "fail"),
        *(rule for column in BILLING_COLUMNS for rule in _of_column(column)),
        DataRule("billing_date_is_released_date", "in_set", "billing_date", "fail", (billing_date,)),
        DataRule("call_duration_is_talk_and_hold", "in_set", UNEXPLAINED, "fail", (0,)),
        DataRule("call_seconds_agree", "sum", "call_duration_seconds", "fail", control.call_seconds),
        DataRule("talk_seconds_agree", "sum", "talk_seconds", "fail", control.talk_seconds),
        DataRule("hold_seconds_agree", "sum", "hold_seconds", "fail", control.hold_seconds),
        *(
            DataRule(f"{c.column.name}_harmless", "matches_not", c.column.name, "fail", FORMULA_PATTERN)
            for c in contract.columns
            if c.column.free and c.spreadsheet == "reject"
        ),
        DataRule("patient_phone_e164", "matches", "patient_phone", "fail", E164_PATTERN),
        DataRule("patient_phone_present", "not_null", "patient_phone", "warn", mostly=1 - limits.withheld_share),
        DataRule("provider_extension_digits", "matches", "provider_extension", "warn", EXTENSION_PATTERN),
        DataRule("few_lines_are_held", "row_count", None, "warn", (least, None)),
    )


def volume_rule(trailing: Sequence[int], limits: Limits) -> tuple[DataRule, ...]:
    """Return the rule that a date's volume is close to that of the same weekdays before; none if these are too few."""
    if len(trailing) < _LEAST_TRAILING:
        return ()
    median = statistics.median(trailing)
    bounds = (math.floor(median * limits.least_volume), math.ceil(median * limits.most_volume))
    return (DataRule("volume_is_usual", "row_count", None, "warn", bounds),)


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
