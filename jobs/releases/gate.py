"""The gate: billing lines and data rules in, what came of each rule out, by Great Expectations.

Results are counts. Great Expectations would put the offending values into them; it is told not to.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from schemas.data_rules import UNEXPLAINED, DataRule
from schemas.manifest import Expectation

if TYPE_CHECKING:
    import pandas as pd


class Verdict(msgspec.Struct, frozen=True):
    """One expectation per rule, in the rules' order; and Great Expectations' own result, for its page."""

    expectations: tuple[Expectation, ...] = ()
    result: Any = None


def warm() -> None:
    """Imports Great Expectations, which takes seconds; a thread may do it while there is other work."""
    _context()


class Gate:
    """Great Expectations, imported when the first lines come, if nobody has done so before."""

    def check(self, lines: "pd.DataFrame", rules: tuple[DataRule, ...]) -> tuple[Expectation, ...]:
        """One result per rule, in the rules' order."""
        return self.validate(lines, rules).expectations if rules else ()

    def validate(self, lines: "pd.DataFrame", rules: tuple[DataRule, ...]) -> Verdict:
        """The same, with what the page of the version is made of."""
        if any(rule.column == UNEXPLAINED for rule in rules):
            unexplained = lines["call_duration_seconds"] - lines["talk_seconds"] - lines["hold_seconds"]
            lines = lines.assign(**{UNEXPLAINED: unexplained})
        found: dict[str, Any] = {}
        # For every condition the library copies all columns that it has, so it gets them one by one; to count lines
        # any of them does.
        for column in dict.fromkeys(rule.column for rule in rules):
            found |= _results(lines[[column or lines.columns[0]]], [rule for rule in rules if rule.column == column])
        told = tuple(_told(rule, found[rule.name], len(lines)) for rule in rules)
        return Verdict(told, _in_all([found[rule.name] for rule in rules]))


@lru_cache
def _context() -> Any:
    # The library reports its use to its makers unless this is set before it is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _all_to_stay():
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

    in_memory = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=in_memory)


@contextmanager
def _all_to_stay() -> Iterator[None]:
    """No look for cyclic garbage: an import of thousands of classes leaves none, and takes a fifth less without."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _results(lines: "pd.DataFrame", rules: list[DataRule]) -> dict[str, Any]:
    """What Great Expectations says of each rule, by its name."""
    context = _context()
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    # Lines that are handed to the engine itself are not hashed before; the digests that count are the manifest's.
    engine = PandasExecutionEngine(batch_data_dict={"lines": lines})
    results: Any = Validator(execution_engine=engine, data_context=context).graph_validate(
        [_expectation(rule).configuration for rule in rules],
        # BASIC without examples: counts, and no value of any line.
        {"result_format": {"result_format": "BASIC", "partial_unexpected_count": 0}},
    )
    return {result.expectation_config.meta["rule"]: result for result in results}


def _in_all(results: list[Any]) -> Any:
    """The results as that of a suite."""
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.validator.validation_statistics import calc_validation_statistics

    return ExpectationSuiteValidationResult(
        success=all(result.success for result in results),
        results=results,
        suite_name="billing",
        statistics=calc_validation_statistics(results)._asdict(),
        meta={"great_expectations_version": gx.__version__},
    )


def _expectation(rule: DataRule) -> Any:
    from great_expectations import expectations

    kinds: Any = expectations
    column, value = rule.column, rule.value
    told: Any = {"meta": {"rule": rule.name}, "description": _description(rule)}
    match rule.check:
        case "row_count":
            return kinds.ExpectTableRowCountToBeBetween(min_value=value[0], max_value=value[1], **told)
        case "unique":
            return kinds.ExpectColumnValuesToBeUnique(column=column, **told)
        case "not_null":
            return kinds.ExpectColumnValuesToNotBeNull(column=column, mostly=rule.mostly, **told)
        case "in_set":
            return kinds.ExpectColumnValuesToBeInSet(column=column, value_set=list(value), **told)
        case "matches":
            return kinds.ExpectColumnValuesToMatchRegex(column=column, regex=value, **told)
        case "matches_not":
            return kinds.ExpectColumnValuesToNotMatchRegex(column=column, regex=value, **told)
        case "at_least":
            return kinds.ExpectColumnValuesToBeBetween(column=column, min_value=value, **told)
        case "sum":
            total = _in_64_bits(value)
            return kinds.ExpectColumnSumToBeBetween(column=column, min_value=total, max_value=total, **told)


def _description(rule: DataRule) -> str:
    """What the page says of a rule: its name and severity, and what it was held against."""
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    if rule.check == "not_null":
        values = (rule.mostly,)
    held_against = "" if rule.check in ("unique", "matches", "matches_not") else " " + ", ".join(map(str, values))
    return f"{rule.name} ({rule.severity}): {rule.check}{held_against}"


def _in_64_bits(value: int) -> int:
    """What pandas adds up to: it keeps the last 64 bits of a sum."""
    return (value + 2**63) % 2**64 - 2**63


def _told(rule: DataRule, result: Any, rows: int) -> Expectation:
    # A rule may hold although not all rows keep it.
    unexpected = int(result.result.get("unexpected_count") or not result.success)
    return Expectation(rule.name, rule.column, rule.severity, bool(result.success), rows, unexpected)


def failures(expectations: tuple[Expectation, ...]) -> list[str]:
    """The rules of severity `fail` that did not hold, with how many rows broke them."""
    return [f"{e.rule}: {e.unexpected} of {e.rows} rows" for e in expectations if e.severity == "fail" and not e.passed]
