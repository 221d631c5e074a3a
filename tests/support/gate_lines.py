"""Billing lines for the gate, and the rules that hold for them."""

import msgspec
import pandas as pd

from schemas.contract import BILLING_V1
from schemas.data_rules import DataRule, Limits, data_rules
from schemas.manifest import Control
from tests.support.records import DATE, PLAIN_LINE

# No share is too large.
ANY = Limits(held_share=1, withheld_share=1)


def three_lines(**cells: object) -> pd.DataFrame:
    """Three good lines, but for these cells of the second."""
    lines = [{**PLAIN_LINE, "contact_id": f"call-{n}"} for n in (1, 2, 3)]
    lines[1].update(cells)
    return pd.DataFrame(lines)


def control_of(lines: pd.DataFrame) -> Control:
    """The control totals of a date that has these lines and no others."""
    sums = (int(lines[f"{name}_seconds"].sum()) for name in ("call_duration", "talk", "hold"))
    return Control(len(lines), len(lines), 0, {}, 0, 0, {}, *sums)


def rules_for(lines: pd.DataFrame, rows: int | None = None) -> tuple[DataRule, ...]:
    """The rules for lines of these sums; of so many lines, if given."""
    control = control_of(lines)
    return data_rules(DATE, control if rows is None else msgspec.structs.replace(control, billed=rows), BILLING_V1, ANY)
