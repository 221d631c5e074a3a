"""The function that Flink calls with batches of payloads: its rows, its counters, and what it says of a bug."""

from typing import Any

import msgspec
import pandas as pd
import pytest

from jobs.ingest.live.outcome_udf import OutcomeFunction
from schemas.outcome import OUTCOME_COLUMNS, REASONS, OutcomeRow
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import PLAIN, payload
from transforms.records.extension import AgentHistory, Assignment
from transforms.records.outcome import outcome

ONE = AgentHistory([Assignment("nurse-1", "1")])
PAYLOADS = [
    payload(),
    b"",
    b"oops",
    payload('Channel = "CHAT"'),
    payload('InitiationTimestamp = "9999-12-31T10:00:00Z"'),
]


class Counted:
    """A metric, and the group that makes it."""

    def __init__(self, told: dict[str, Any], name: str = "") -> None:
        self.told, self.name = told, name

    def add_group(self, name: str, value: str = "") -> "Counted":
        return Counted(self.told, f"{self.name}{name}={value};" if value else self.name)

    def counter(self, name: str) -> "Counted":
        return Counted(self.told, f"{self.name}{name}")

    def gauge(self, name: str, value: Any) -> None:
        self.told[name] = value

    def inc(self, count: int) -> None:
        self.told[self.name] = self.told.get(self.name, 0) + count

    def get_metric_group(self) -> "Counted":
        return self


def opened(agents: AgentHistory = NO_AGENTS) -> tuple[OutcomeFunction, dict[str, Any]]:
    told: dict[str, Any] = {}
    judge = OutcomeFunction(RULES, lambda: agents, 60)
    judge.open(Counted(told))  # type: ignore[arg-type]
    return judge, told


def test_a_batch_gives_the_rows_that_its_payloads_give() -> None:
    judge, _ = opened(ONE)
    frame = judge.eval(pd.Series([*PAYLOADS, None], dtype=object))
    for number, given in enumerate([*PAYLOADS, b""]):
        expected = msgspec.structs.asdict(outcome(given, ONE, RULES) if given else OutcomeRow("excluded", "empty"))
        row = frame.iloc[number].to_dict()
        assert {name: row[name] for name in expected} == expected
        assert row["length"] == len(given)
        assert row["payload"] == (given if expected["outcome"] == "quarantined" else None)


def test_a_batch_without_payloads_has_the_columns() -> None:
    judge, _ = opened()
    assert list(judge.eval(pd.Series([], dtype=object))) == [*(c.name for c in OUTCOME_COLUMNS), "length", "payload"]


def test_records_are_counted_by_outcome_and_reason() -> None:
    judge, told = opened(ONE)
    judge.eval(pd.Series(PAYLOADS, dtype=object))
    judge.eval(pd.Series(PAYLOADS[:1], dtype=object))
    assert told["outcome=billable;reason=none;records"] == 2
    assert told["outcome=quarantined;reason=not_json;records"] == 1
    assert told["outcome=excluded;reason=empty;records"] == 1
    assert told["outcome=excluded;reason=channel;records"] == 1
    # What did not occur is told, too: a counter has to be there before it grows.
    assert {name for name in told if name.endswith(";records")} == {
        f"outcome={outcome};reason={reason or 'none'};records" for outcome, found in REASONS.items() for reason in found
    }
    assert told["extension_conflicts"] == 2
    assert told["decode_nanoseconds"] > 0
    assert told["agents_age_seconds"]() == 0


def test_a_bug_is_told_without_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    judge, _ = opened()

    def broken(given: list[bytes], *_: Any) -> None:
        raise ValueError(given)

    monkeypatch.setattr("jobs.ingest.live.outcome_udf.stream_outcomes", broken)
    with pytest.raises(RuntimeError, match="ValueError") as error:
        judge.eval(pd.Series(PAYLOADS, dtype=object))
    assert PLAIN["CustomerEndpoint"]["Address"] not in str(error.value)
    assert error.value.__suppress_context__
