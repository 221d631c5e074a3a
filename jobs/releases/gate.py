"""Run the gate: check billing lines against data rules with Great Expectations.

Results are counts. By default Great Expectations would put the offending values into them.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemas.data_rules import UNEXPLAINED, DataRule
from schemas.manifest import Expectation

if TYPE_CHECKING:
    import pandas as pd


def warm() -> None:
    """Import Great Expectations, which takes seconds; a thread can do it during other work."""
    _context()


class Gate:
    """Runs Great Expectations, which it imports at the first lines, unless `warm` did."""

    def check(self, lines: "pd.DataFrame", rules: tuple[DataRule, ...]) -> tuple[Expectation, ...]:
        """Return one result per rule, in the rules' order."""
        if any(rule.column == UNEXPLAINED for rule in rules):
            unexplained = lines["call_duration_seconds"] - lines["talk_seconds"] - lines["hold_seconds"]
            lines = lines.assign(**{UNEXPLAINED: unexplained})
        results: dict[str, Any] = {}
        # For every condition the library copies all columns that it has, so it gets them one by one; any column serves
        # to count lines.
        for column in dict.fromkeys(rule.column for rule in rules):
            results |= _validate(lines[[column or lines.columns[0]]], [rule for rule in rules if rule.column == column])
        return tuple(_to_expectation(rule, results[rule.name], len(lines)) for rule in rules)


@lru_cache
def _context() -> Any:
    # The library reports its use to its vendor unless this is set before it is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _no_garbage_collection():
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
def _no_garbage_collection() -> Iterator[None]:
    """Disable cyclic garbage collection: importing thousands of classes leaves none, and takes a fifth less time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _validate(lines: "pd.DataFrame", rules: list[DataRule]) -> dict[str, Any]:
    """Return Great Expectations' result for each rule, by its name."""
    context = _context()
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.validator.validator import Validator

    # Passing lines to the engine itself avoids hashing them; the digests that count are the manifest's.
    engine = PandasExecutionEngine(batch_data_dict={"lines": lines})
    results: Any = Validator(execution_engine=engine, data_context=context).graph_validate(
        [_expectation(rule).configuration for rule in rules],
        # BASIC without examples: counts, and no value of any line.
        {"result_format": {"result_format": "BASIC", "partial_unexpected_count": 0}},
    )
    return {result.expectation_config.meta["rule"]: result for result in results}


def _expectation(rule: DataRule) -> Any:
    from great_expectations import expectations

    gx: Any = expectations
    column, value = rule.column, rule.value
    common: Any = {"meta": {"rule": rule.name}}
    match rule.check:
        case "row_count":
            return gx.ExpectTableRowCountToBeBetween(min_value=value[0], max_value=value[1], **common)
        case "unique":
            return gx.ExpectColumnValuesToBeUnique(column=column, **common)
        case "not_null":
            return gx.ExpectColumnValuesToNotBeNull(column=column, mostly=rule.mostly, **common)
        case "in_set":
            return gx.ExpectColumnValuesToBeInSet(column=column, value_set=list(value), **common)
        case "matches":
            return gx.ExpectColumnValuesToMatchRegex(column=column, regex=value, **common)
        case "matches_not":
            return gx.ExpectColumnValuesToNotMatchRegex(column=column, regex=value, **common)
        case "at_least":
            return gx.ExpectColumnValuesToBeBetween(column=column, min_value=value, **common)
        case "sum":
            total = _in_64_bits(value)
            return gx.ExpectColumnSumToBeBetween(column=column, min_value=total, max_value=total, **common)


def _in_64_bits(value: int) -> int:
    """Return the sum as pandas computes it, which keeps only its last 64 bits."""
    return (value + 2**63) % 2**64 - 2**63


def _to_expectation(rule: DataRule, result: Any, rows: int) -> Expectation:
    # A rule may pass although not all rows satisfy it.
    unexpected = int(result.result.get("unexpected_count") or not result.success)
    return Expectation(rule.name, rule.column, rule.severity, bool(result.success), rows, unexpected)


def failures(expectations: tuple[Expectation, ...]) -> list[str]:
    """Return the rules of severity `fail` that did not pass, with how many rows broke them."""
    return [f"{e.rule}: {e.unexpected} of {e.rows} rows" for e in expectations if e.severity == "fail" and not e.passed]
