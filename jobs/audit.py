"""The gate: billing lines and data rules in, what came of each rule out, by Great Expectations.

Results are counts. Great Expectations would put the offending values into them; it is told not to.
"""

import os
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


class Gate:
    """A Great Expectations context, made once for many dates."""

    def __init__(self) -> None:
        # The library reports its use to its makers unless this is set before it is imported.
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        self._gx = gx
        in_memory = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        )
        self._batch = (
            gx.get_context(mode="ephemeral", project_config=in_memory)
            .data_sources.add_pandas("release")
            .add_dataframe_asset("lines")
            .add_batch_definition_whole_dataframe("date")
        )

    def check(self, lines: "pd.DataFrame", rules: tuple[DataRule, ...]) -> tuple[Expectation, ...]:
        """One result per rule, in the rules' order."""
        return self.validate(lines, rules).expectations if rules else ()

    def validate(self, lines: "pd.DataFrame", rules: tuple[DataRule, ...]) -> Verdict:
        """The same, with what the page of the version is made of."""
        if any(rule.column == UNEXPLAINED for rule in rules):
            unexplained = lines["call_duration_seconds"] - lines["talk_seconds"] - lines["hold_seconds"]
            lines = lines.assign(**{UNEXPLAINED: unexplained})
        batch = self._batch.get_batch({"dataframe": lines})
        suite = self._gx.ExpectationSuite(name="billing", expectations=[self._expectation(rule) for rule in rules])
        # BASIC without examples: counts, and no value of any line.
        results = batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
        by_rule = {r.expectation_config.meta["rule"]: r for r in results.results if r.expectation_config}
        return Verdict(tuple(_result(rule, by_rule[rule.name], len(lines)) for rule in rules), results)

    def _expectation(self, rule: DataRule) -> Any:
        kinds = self._gx.expectations
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


def _result(rule: DataRule, result: Any, rows: int) -> Expectation:
    # A rule may hold although not all rows keep it.
    unexpected = int(result.result.get("unexpected_count") or not result.success)
    return Expectation(rule.name, rule.column, rule.severity, bool(result.success), rows, unexpected)


def failures(expectations: tuple[Expectation, ...]) -> list[str]:
    """The rules of severity `fail` that did not hold, with how many rows broke them."""
    return [f"{e.rule}: {e.unexpected} of {e.rows} rows" for e in expectations if e.severity == "fail" and not e.passed]
