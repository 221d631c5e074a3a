"""The outcome of any record is the one of the reference reading of the specification (tests/oracle)."""

import json
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sample.contacts import deliveries
from jobs.sample.malformed import DEFECTS, mix_in
from schemas.billing_rules import Rules
from schemas.outcome import OutcomeRow
from tests.oracle.rules import Row, Settings, classify
from tests.property.strategies import RECORD_BYTES, damaged
from tests.support.ledgers import NO_AGENTS
from transforms.records.outcome import outcome

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RULES = st.sampled_from(
    [
        Rules(),
        Rules(minimum_call_seconds=0, channels=("CHAT", "VOICE"), longest_overrun_seconds=0),
        Rules(time_zone="America/New_York", minimum_call_seconds=36, earliest=date(2026, 3, 1)),
        Rules(own_numbers=("0042", "+12025550101"), longest_overrun_seconds=20, earliest=date.min),
        Rules(format_versions=("x",), inbound_methods=("API", "FLOW"), outbound_methods=("INBOUND",)),
    ]
)


def reference(data: bytes, rules: Rules) -> Row:
    return classify(
        data,
        Settings(
            time_zone=rules.time_zone,
            minimum_seconds=rules.minimum_call_seconds,
            overrun_seconds=rules.longest_overrun_seconds,
            earliest=rules.earliest,
            own_numbers=rules.own_numbers,
            channels=rules.channels,
            versions=rules.format_versions,
            inbound=rules.inbound_methods,
            outbound=rules.outbound_methods,
            extension_attribute=rules.extension_attribute,
        ),
    )


def compare(data: bytes, rules: Rules) -> None:
    row, expected = outcome(data, NO_AGENTS, rules), reference(data, rules)
    found = "billable" if row.outcome == "held" else row.outcome
    reason = None if row.outcome == "held" else row.reason
    assert (found, reason or "", row.billing_date) == (expected.outcome, expected.reason, expected.date)
    if expected.outcome == "billable":
        assert fields(row) == {name: getattr(expected, name) for name in fields(row)}
    elif expected.outcome == "excluded":
        assert (row.contact_id, _instant(row.updated_at)) == (expected.contact_id, expected.updated_at)


def fields(row: OutcomeRow) -> dict[str, object]:
    """The fields of a billable row under the reference's names; instants as such."""
    found = msgspec.structs.asdict(row)
    same = ("contact_id", "call_type", "talk_seconds", "hold_seconds", "agent_id")
    times = ("initiated_at", "connected_at", "disconnected_at", "updated_at")
    return {
        **{name: found[name] for name in same},
        **{name: _instant(found[name]) for name in times},
        "phone": row.patient_phone,
        "extension": row.attribute_extension,
    }


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else EPOCH + timedelta(microseconds=micros)


@given(RECORD_BYTES, RULES)
def test_records(data: bytes, rules: Rules) -> None:
    compare(data, rules)


@given(damaged(), RULES)
def test_damaged_records(data: bytes, rules: Rules) -> None:
    compare(data, rules)


SAMPLE = [delivery.payload for delivery in mix_in(deliveries(400, 11), 11, 0.05, over=400)]


@given(st.sampled_from(SAMPLE), RULES)
def test_synthetic_records(data: bytes, rules: Rules) -> None:
    compare(data, rules)


@given(damaged(st.sampled_from([p for p in SAMPLE if len(p) < 10_000])))
def test_damaged_synthetic_records(data: bytes) -> None:
    compare(data, Rules())


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
@given(random=st.randoms(use_true_random=False))
def test_every_defect_is_quarantined_for_its_reason(defect, random) -> None:
    answered = next(p for p in SAMPLE if b'"extensionNumber"' in p and b'"Agent":{"' in p and _is_plain(p))
    assert outcome(defect.make(answered, random), NO_AGENTS, Rules()).reason == defect.reason


def _is_plain(data: bytes) -> bool:
    return outcome(data, NO_AGENTS, Rules()).outcome == "billable" and json.loads(data)["InitiationMethod"] == "INBOUND"
