"""The live job's Flink function, which classifies payloads: one outcome row for each.

Vectorized: it takes a batch of payloads as one pandas Series and returns the rows as one DataFrame. It runs in the
cluster's Python workers; nothing that a payload holds makes it raise.
"""

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd
from pyflink.table import DataTypes
from pyflink.table.udf import ScalarFunction, udf

from jobs.ingest.live.agents_cache import LiveAgents, Load
from jobs.ingest.live.metrics import Metrics
from jobs.runtime.logs import redact_worker_logs
from jobs.runtime.redaction import redact_errors
from schemas.billing_rules import MAX_PAYLOAD_BYTES, Rules
from schemas.columns import Column, Kind
from schemas.outcome import OUTCOME_COLUMNS
from transforms.records.outcome import stream_outcomes

if TYPE_CHECKING:
    from pyflink.table.types import DataType
    from pyflink.table.udf import FunctionContext, UserDefinedScalarFunctionWrapper


# Fields of a row besides the outcome: the payload's size, and the payload itself if it is quarantined.
LENGTH, PAYLOAD = "length", "payload"


class OutcomeFunction(ScalarFunction):  # type: ignore[misc]  # PyFlink has no types
    """outcome(payload) for whole batches, with an agents' table that is read again on an interval."""

    def __init__(self, rules: Rules, load: Load, refresh_seconds: float) -> None:
        self._rules = rules
        self._load = load
        self._seconds = refresh_seconds

    def open(self, function_context: "FunctionContext") -> None:
        """Read the agents' table. Raises ContactBillingError if it cannot be read; the job then fails."""
        redact_worker_logs("stream")
        with redact_errors():
            self._agents = LiveAgents(self._load, self._seconds)
        self._metrics = Metrics(function_context.get_metric_group(), self._agents)

    def eval(self, payloads: "pd.Series[Any]") -> pd.DataFrame:
        """Return one row per payload, in order."""
        with redact_errors():
            return self._rows([payload or b"" for payload in payloads])  # a null has no bytes either

    def _rows(self, payloads: list[bytes]) -> pd.DataFrame:
        agents = self._agents.history()
        start = time.perf_counter_ns()
        rows = stream_outcomes(payloads, agents, self._rules)
        self._metrics.count(
            Counter((row.outcome, row.reason) for row in rows),
            sum(row.extension_conflict for row in rows),
            time.perf_counter_ns() - start,
        )
        columns = list(zip(*map(msgspec.structs.astuple, rows), strict=True)) or [()] * len(OUTCOME_COLUMNS)
        fields = {c.name: _series(v) for c, v in zip(OUTCOME_COLUMNS, columns, strict=True)}
        fields[LENGTH] = _series([len(payload) for payload in payloads])
        fields[PAYLOAD] = _series([_quarantined_payload(p, row.outcome) for p, row in zip(payloads, rows, strict=True)])
        return pd.DataFrame(fields)


def outcome_udf(rules: Rules, load: Load, refresh_seconds: float) -> "UserDefinedScalarFunctionWrapper":
    """Return the function to register in a table environment."""
    return udf(OutcomeFunction(rules, load, refresh_seconds), result_type=_row_type(), func_type="pandas")


def _series(values: Any) -> "pd.Series[Any]":
    # Arrow knows the types; pandas would turn integers with gaps into floats.
    return pd.Series(values, dtype=object)


def _quarantined_payload(payload: bytes, outcome: str) -> bytes | None:
    return payload if outcome == "quarantined" and len(payload) <= MAX_PAYLOAD_BYTES else None


def _row_type() -> "DataType":
    fields = [DataTypes.FIELD(c.name, _type(c)) for c in OUTCOME_COLUMNS]
    fields += [DataTypes.FIELD(LENGTH, DataTypes.BIGINT()), DataTypes.FIELD(PAYLOAD, DataTypes.BYTES())]
    return DataTypes.ROW(fields)


def _type(column: Column) -> "DataType":
    # Instants have no zone here: a vectorized function cannot return TIMESTAMP_LTZ within a row.
    return {
        Kind.TEXT: DataTypes.STRING(),
        Kind.INTEGER: DataTypes.BIGINT(),
        Kind.BOOLEAN: DataTypes.BOOLEAN(),
        Kind.INSTANT: DataTypes.TIMESTAMP(6),
    }[column.kind]
