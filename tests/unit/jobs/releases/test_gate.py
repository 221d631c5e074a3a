"""The gate: each data rule fails when it should, and no result holds a value of a line."""

import logging
import subprocess
import sys
from typing import Any

import msgspec
import pandas as pd
import pytest

from jobs.releases import gate as gate_module
from jobs.releases.gate import Gate, failures
from jobs.sql.connection import connect, frame
from schemas.billing import BILLING_COLUMNS
from schemas.columns import Kind
from schemas.contract import BILLING_V1, Contract, choose
from schemas.data_rules import DataRule, Limits, data_rules, volume_rule
from schemas.manifest import Audit, Control, Expectation, json_text
from tests.support.gate_lines import ANY, control_of, rules_for, three_lines
from tests.support.records import DATE
from tests.support.tables import Row, cases

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
| provider_extension       | null                | provider_extension_present     |
| provider_extension       | "7f3"               | provider_extension_digits      |
| provider_extension       | "123456"            | provider_extension_digits      |
| provider_extension       | "=1+1"              | provider_extension_harmless    |
| provider_extension       | " \t42"             | provider_extension_harmless    |
| contact_id               | "\r1"               | contact_id_harmless            |
| contact_id               | "\u00a0@SUM(A1)"    | contact_id_harmless            |
| contact_id               | "-1"                | contact_id_harmless            |
| contact_id               | "+1-555"            | contact_id_harmless            |
| contact_id               | "\uff1d1+1"         | contact_id_harmless            |
| provider_extension       | "42\n"              | provider_extension_digits      |
| provider_extension       | "\u0664\u0662"      | provider_extension_digits      |
"""


def broken(gate: Gate, lines: pd.DataFrame, rows: int | None = None) -> dict[str, int]:
    """The rules that do not hold, with how many lines break them."""
    rules = rules_for(lines, rows)
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


@pytest.mark.parametrize("row", cases(BROKEN))
def test_a_broken_line_is_found_where_lines_share_their_texts(row: Row, gate: Gate) -> None:
    value = msgspec.json.decode(row["value"])
    with connect() as sql:
        sql.register("lines", three_lines(**{row["column"]: value}))
        lines = frame(sql, "FROM lines")
    assert lines["provider_extension"].dtype == "category"
    assert lines["contact_id"].dtype == object
    assert broken(gate, lines).get(row["rule"]) == 1


@pytest.mark.parametrize("rows", [0, 1])
def test_lines_without_a_text_pass(rows: int, gate: Gate) -> None:
    with connect() as sql:
        sql.register("lines", three_lines())
        lines = frame(sql, f"SELECT * REPLACE (NULL::VARCHAR AS patient_phone) FROM lines LIMIT {rows}")
    assert broken(gate, lines) == {}


def test_the_library_is_imported_when_lines_come() -> None:
    """Its import takes seconds, and a release that finds nothing new does not need it."""
    code = """
import gc, sys, jobs.releases.gate, jobs.backfill, jobs.releases.verify.verify
jobs.releases.gate.Gate()
assert "great_expectations" not in sys.modules
jobs.releases.gate.warm()
assert "great_expectations" in sys.modules
assert gc.isenabled()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_two_lines_of_one_contact_are_found(gate: Gate) -> None:
    assert broken(gate, three_lines(contact_id="call-1")) == {"contact_id_unique": 2}


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_a_wrong_number_of_lines_is_found(rows: int, gate: Gate) -> None:
    found = broken(gate, three_lines(), rows)
    assert found.pop("few_lines_are_held", 1) == 1
    assert list(found) == ["row_count_is_billed"]


@pytest.mark.parametrize("name", ["call_seconds", "talk_seconds", "hold_seconds"])
def test_sums_that_are_not_the_ledgers_are_found(name: str, gate: Gate) -> None:
    control = msgspec.structs.replace(control_of(three_lines()), **{name: 1})
    found = gate.check(three_lines(), data_rules(DATE, control, BILLING_V1, Limits()))
    assert [(e.rule, e.severity) for e in found if not e.passed] == [(f"{name}_agree", "fail")]


def test_lines_are_judged_as_far_as_the_contract_shows_them(gate: Gate) -> None:
    """Verify has the columns of the files alone; without all three durations there is no difference to tell."""
    lines = three_lines(talk_seconds=-1)[["contact_id", "talk_seconds"]]
    contract = Contract("own", (choose("contact_id"), choose("talk_seconds")))
    rules = data_rules(DATE, control_of(three_lines(talk_seconds=-1)), contract, ANY)
    shown = tuple(rule for rule in rules if rule.column is None or rule.column in lines.columns)
    assert [e.rule for e in gate.check(lines, shown) if not e.passed] == ["talk_seconds_range"]
    assert gate.check(lines, ()) == ()


def test_a_phone_number_is_no_formula(gate: Gate) -> None:
    assert broken(gate, three_lines(contact_id="+12025550101")) == {}


def test_a_column_that_quotes_formulas_may_hold_them(gate: Gate) -> None:
    contract = Contract("own", (choose("contact_id", spreadsheet="quote"), choose("provider_extension")))
    lines = three_lines(contact_id="=1+1")
    found = gate.check(lines, data_rules(DATE, control_of(lines), contract, Limits()))
    assert [e.rule for e in found if not e.passed] == []


@pytest.mark.parametrize(("held", "passes"), [(0, True), (1, True), (2, False)])
def test_too_many_held_lines_are_told(held: int, passes: bool, gate: Gate) -> None:
    """Three billed, one held: a quarter."""
    control = msgspec.structs.replace(control_of(three_lines()), held=held)
    found = gate.check(three_lines(), data_rules(DATE, control, BILLING_V1, Limits(held_share=0.25)))
    assert [(e.rule, e.severity) for e in found if not e.passed] == ([] if passes else [("few_lines_are_held", "warn")])


@pytest.mark.parametrize(("share", "passes"), [(0.4, True), (0.3, False)])
def test_too_many_withheld_phones_are_told_and_all_are_counted(share: float, passes: bool, gate: Gate) -> None:
    lines = three_lines(patient_phone=None)
    found = gate.check(lines, data_rules(DATE, control_of(lines), BILLING_V1, Limits(withheld_share=share)))
    (phone,) = [e for e in found if e.rule == "patient_phone_present"]
    assert (phone.passed, phone.unexpected, phone.severity) == (passes, 1, "warn")


@pytest.mark.parametrize(
    ("trailing", "passed"),
    [([], []), ([100], []), ([6, 6], [True]), ([8, 8], [False]), ([1, 2], [True]), ([1, 1, 90], [False])],
)
def test_an_unusual_volume_is_told(trailing: list[int], passed: list[bool], gate: Gate) -> None:
    """Three lines against the median of the same weekdays before; half to twice as many are usual."""
    rules = volume_rule(trailing, Limits())
    assert all(rule.severity == "warn" for rule in rules)
    assert [e.passed for e in gate.check(three_lines(), rules)] == passed


def test_every_column_that_must_be_there_has_a_rule() -> None:
    names = {rule.name for rule in rules_for(three_lines())}
    for column in BILLING_COLUMNS:
        assert f"{column.name}_present" in names
        assert column.kind is not Kind.INTEGER or f"{column.name}_range" in names


def test_every_rule_is_tried_here() -> None:
    tried = {case.values[0]["rule"] for case in cases(BROKEN)} | {"row_count_is_billed", "contact_id_unique"}
    tried |= {f"{name}_seconds_agree" for name in ("call", "talk", "hold")}
    tried |= {"few_lines_are_held", "patient_phone_present"}
    # Integers without a value do not come out of the SQL; the gate would see them as floats.
    untried = {rule.name for rule in rules_for(three_lines())} - tried
    assert untried == {f"{c.name}_present" for c in BILLING_COLUMNS if c.kind is Kind.INTEGER}


def test_severity_is_fail_but_for_what_may_be(gate: Gate) -> None:
    warnings = {rule.name for rule in rules_for(three_lines()) if rule.severity == "warn"}
    assert warnings == {"patient_phone_present", "provider_extension_digits", "few_lines_are_held"}
    found = gate.check(three_lines(patient_phone=None, provider_extension="x"), rules_for(three_lines()))
    assert failures(found) == []
    found = gate.check(three_lines(call_type="x", patient_phone=None), rules_for(three_lines(), 4))
    assert failures(found) == ["row_count_is_billed: 1 of 3 rows", "call_type_allowed: 1 of 3 rows"]


MARKED = {
    name: f"MARK-7f3-{name}"
    for name in ("contact_id", "billing_date", "call_type", "initiated_at", "patient_phone", "provider_extension")
}
MARKED_NUMBERS = {"talk_seconds": -7_333_333, "call_duration_seconds": -8_444_444}
MARKS = ("MARK", "7f3", "7333333", "8444444", "+12025550101")


def marked_lines() -> pd.DataFrame:
    return pd.concat([three_lines(**MARKED, **MARKED_NUMBERS)] * 2, ignore_index=True)


def test_great_expectations_returns_no_value(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any of it becomes a count; but for sums, which are of all lines."""
    returned: list[str] = []
    to_expectation = gate_module._to_expectation

    def watch(rule: DataRule, result: Any, rows: int) -> Expectation:
        returned.append(str(result.to_json_dict()))
        return to_expectation(rule, result, rows)

    monkeypatch.setattr(gate_module, "_to_expectation", watch)
    gate.check(marked_lines(), rules_for(three_lines()))
    assert len(returned) > 20
    assert [mark for mark in MARKS if any(mark in text for text in returned)] == []


def test_results_hold_no_value(gate: Gate, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = gate.check(marked_lines(), rules_for(three_lines()))
    control = Control(0, 0, 0, {}, 0, 0, {}, 0, 0, 0)
    told = json_text(Audit(DATE, 1, tuple(failures(found)), control, {}, found, ())).decode()
    told += repr(found) + "".join(capfd.readouterr()) + caplog.text
    assert sum(not e.passed for e in found) >= 8
    assert [mark for mark in MARKS if mark in told] == []
