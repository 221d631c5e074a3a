"""What a value of a stream is: one record, whatever wraps it, or none."""

import base64
import json

import pytest

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from transforms.records.outcome import stream_outcomes

RECORD, OTHER = payload(), payload('ContactId = "call-2"')


def envelope(*records: bytes) -> bytes:
    """A Kinesis event for Lambda."""
    items = [{"kinesis": {"data": base64.b64encode(record).decode()}} for record in records]
    return json.dumps({"Records": items}).encode()


VALUES = {
    "a record": (RECORD, "billable", None),
    "a list of one": (b"[" + RECORD + b"]", "billable", None),
    "a record and a comma": (RECORD + b",\n", "billable", None),
    "a JSON text": (json.dumps(RECORD.decode()).encode(), "billable", None),
    "base64": (base64.b64encode(RECORD), "billable", None),
    "an envelope of one": (envelope(RECORD), "billable", None),
    "an envelope of an envelope of one": (envelope(envelope(RECORD)), "billable", None),
    "an envelope of two": (envelope(RECORD, OTHER), "quarantined", "several_records"),
    "a list of two": (b"[" + RECORD + b"," + OTHER + b"]", "quarantined", "several_records"),
    "one after another": (RECORD + OTHER, "quarantined", "several_records"),
    "the same twice": (RECORD + b"\n" + RECORD, "quarantined", "several_records"),
    "a record and something else": (RECORD + b"oops", "quarantined", "not_json"),
    "an envelope of nothing": (b'{"Records":[]}', "quarantined", "missing_field"),
    "a list of nothing": (b"[]", "quarantined", "not_an_object"),
    "nothing": (b"", "excluded", "empty"),
    "null": (None, "excluded", "empty"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_one_row(name: str) -> None:
    value, outcome, reason = VALUES[name]
    (row,) = stream_outcomes([value], NO_AGENTS, RULES)
    # Without an agents' table the record has its extension from the attribute, or is held.
    assert (row.outcome.replace("held", "billable"), row.reason if row.outcome != "held" else None) == (outcome, reason)


def test_values_keep_their_order() -> None:
    values = [value for value, _, _ in VALUES.values()]
    rows = stream_outcomes(values, NO_AGENTS, RULES)
    assert rows == [stream_outcomes([value], NO_AGENTS, RULES)[0] for value in values]
