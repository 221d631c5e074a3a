"""Avro values of Kafka have the outcome of the same record in JSON."""

import io
import json
from typing import Any

import fastavro
import pytest

from jobs.ingest.streams.kafka_avro import payload as from_avro
from schemas.avro import contact_record_avro
from tests.support.ledgers import RULES
from tests.support.records import PLAIN, payload
from transforms.records.extension import AgentHistory, Assignment
from transforms.records.outcome import outcome

ONE = AgentHistory([Assignment("nurse-1", "1")])


def avro(record: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    fastavro.schemaless_writer(file, contact_record_avro(), record)
    return file.getvalue()


def test_an_avro_value_has_the_outcome_of_its_json() -> None:
    known = {f["name"]: f for f in contact_record_avro()["fields"]}
    record = {name: value for name, value in PLAIN.items() if name in known}
    assert json.loads(from_avro(avro(record)))["ContactId"] == PLAIN["ContactId"]
    assert outcome(from_avro(avro(record)), ONE, RULES) == outcome(payload(), ONE, RULES)


def test_a_value_of_the_schema_before_has_the_outcome_of_its_json() -> None:
    """Producers still write what was shipped before the schema had SystemEndpoint."""
    schema = contact_record_avro()
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "SystemEndpoint"]
    names = {field["name"] for field in schema["fields"]}
    file = io.BytesIO()
    fastavro.schemaless_writer(file, schema, {name: value for name, value in PLAIN.items() if name in names})
    assert outcome(from_avro(file.getvalue()), ONE, RULES) == outcome(payload(), ONE, RULES)


@pytest.mark.parametrize("value", [b"", b"\x00", b"\xff" * 50, payload(), avro({"ContactId": "c"}) + b"\x00"])
def test_what_is_no_avro_value_stays_as_it_is(value: bytes) -> None:
    assert from_avro(value) == value
