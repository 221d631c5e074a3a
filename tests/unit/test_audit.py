"""The gate: each data rule fails when it should, and no result holds a value of a line."""

import logging

import msgspec
import pandas as pd
import pytest

from jobs.audit import Gate, failures
from schemas.billing import BILLING_COLUMNS
from schemas.columns import Kind
from schemas.data_rules import data_rules
from schemas.manifest import Audit, Control, json_text
from tests.records import DATE, PLAIN_LINE
from tests.spec.tables import Row, cases

# One of three lines has this cell, and the rule finds one line.
BROKEN = r"""
| column                   | value               | rule                           |
|--------------------------|---------------------|--------------------------------|
| contact_id               | null                | contact_id_present             |
| billing_date             | null                | billing_date_present           |
| billing_date             | "2026-03-02"        | billing_date_is_released_date  |
| call_type                | null                | call_type_present              |
| call_type                | "sideways-7f3"      | call_type_allowed              |
| call_type                | "INBOUND"           | call_type_allowed              |
| initiated_at             | null                | initiated_at_present           |
| call_duration_seconds    | -1                  | call_duration_seconds_range    |
| call_duration_seconds    | 36                  | call_duration_is_talk_and_hold |
| talk_seconds             | -1                  | talk_seconds_range             |
| hold_seconds             | -1                  | hold_seconds_range             |
| contact_duration_seconds | -1                  | contact_duration_seconds_range |
| revision                 | 0                   | revision_range                 |
| patient_phone            | "12025550101"       | patient_phone_e164             |
| patient_phone            | "+02025550101"      | patient_phone_e164             |
| patient_phone            | "+1202-7f3"         | patient_phone_e164             |
| patient_phone            | "+12025550101\n"    | patient_phone_e164             |
| patient_phone            | "anonymous"         | patient_phone_e164             |
| patient_phone            | "+1234567890123456" | patient_phone_e164             |
| patient_phone            | null                | patient_phone_present          |
| provider_extension       | null                | provider_extension_present     |
| provider_extension       | "7f3"               | provider_extension_digits      |
| provider_extension       | "123456"            | provider_extension_digits      |
| provider_extension       | "42\n"              | provider_extension_digits      |
| provider_extension       | "\u0664\u0662"      | provider_extension_digits      |
"""


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


def three_lines(**cells: object) -> pd.DataFrame:
    """Three good lines, but for these cells of the second."""
    lines = [{**PLAIN_LINE, "contact_id": f"call-{n}"} for n in (1, 2, 3)]
    lines[1].update(cells)
    return pd.DataFrame(lines)


def broken(gate: Gate, lines: pd.DataFrame, rows: int | None = None) -> dict[str, int]:
    """The rules that do not hold, with how many lines break them."""
    rules = data_rules(DATE, len(lines) if rows is None else rows)
    found = gate.check(lines, rules)
    assert [e.rule for e in found] == [r.name for r in rules]
    assert all(e.rows == len(lines) for e in found)
    return {e.rule: e.unexpected for e in found if not e.passed}


def test_good_lines_pass(gate: Gate) -> None:
    assert broken(gate, three_lines()) == {}


def test_no_lines_pass(gate: Gate) -> None:
    assert broken(gate, three_lines().iloc[:0]) == {}


@pytest.mark.parametrize("row", cases(BROKEN))
def test_a_broken_line_is_found(row: Row, gate: Gate) -> None:
    value = msgspec.json.decode(row["value"])
    found = broken(gate, three_lines(**{row["column"]: value}))
    assert found.get(row["rule"]) == 1


def test_two_lines_of_one_contact_are_found(gate: Gate) -> None:
    assert broken(gate, three_lines(contact_id="call-1")) == {"contact_id_unique": 2}


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_a_wrong_number_of_lines_is_found(rows: int, gate: Gate) -> None:
    assert list(broken(gate, three_lines(), rows)) == ["row_count_is_billed"]


def test_every_column_that_must_be_there_has_a_rule() -> None:
    names = {rule.name for rule in data_rules(DATE, 0)}
    for column in BILLING_COLUMNS:
        assert f"{column.name}_present" in names
        assert column.kind is not Kind.INTEGER or f"{column.name}_range" in names


def test_every_rule_is_tried_here() -> None:
    tried = {case.values[0]["rule"] for case in cases(BROKEN)} | {"row_count_is_billed", "contact_id_unique"}
    # Integers without a value do not come out of the SQL; the gate would see them as floats.
    untried = {rule.name for rule in data_rules(DATE, 0)} - tried
    assert untried == {f"{c.name}_present" for c in BILLING_COLUMNS if c.kind is Kind.INTEGER}


def test_severity_is_fail_but_for_what_may_be(gate: Gate) -> None:
    warnings = {rule.name for rule in data_rules(DATE, 0) if rule.severity == "warn"}
    assert warnings == {"patient_phone_present", "provider_extension_digits"}
    found = gate.check(three_lines(patient_phone=None, provider_extension="x"), data_rules(DATE, 3))
    assert failures(found) == []
    found = gate.check(three_lines(call_type="x", patient_phone=None), data_rules(DATE, 4))
    assert failures(found) == ["row_count_is_billed: 1 of 3 rows", "call_type_allowed: 1 of 3 rows"]


def test_results_hold_no_value(gate: Gate, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    marks = {
        name: f"MARK-7f3-{name}"
        for name in ("contact_id", "billing_date", "call_type", "initiated_at", "patient_phone", "provider_extension")
    }
    numbers = {"talk_seconds": -7_333_333, "call_duration_seconds": -8_444_444}
    lines = pd.concat([three_lines(**marks, **numbers)] * 2, ignore_index=True)
    found = gate.check(lines, data_rules(DATE, 3))
    control = Control(0, 0, 0, {}, 0, 0, {}, 0, 0, 0)
    told = json_text(Audit(DATE, 1, tuple(failures(found)), control, found)).decode()
    told += repr(found) + "".join(capfd.readouterr()) + caplog.text
    assert sum(not e.passed for e in found) >= 8
    for mark in ("MARK", "7f3", "7333333", "8444444", "+12025550101"):
        assert mark not in told
