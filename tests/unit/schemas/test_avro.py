"""The shipped Avro schema: it is the rendered one, and records that carry it mean the same as JSON."""

import io
import json
from pathlib import Path

import fastavro
import pytest

import schemas
from jobs.ingest.archive.containers.avro import avro_payloads
from schemas.avro import contact_record_avro
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from transforms.records.outcome import outcome

SHIPPED = Path(schemas.__file__).parent / "contact_record.avsc"
DIFFERENCES = [
    "",
    "Agent = null",
    "Attributes = null; Queue = null; Recordings = null",
    'Agent = null; Attributes.vm_flag = "0"',
    'Agent = null; Recordings = [{"StorageType": "KINESIS_VIDEO_STREAM"}]',
    "Agent = null; Queue = {}",
    'InitiationMethod = "API"; ConnectedToSystemTimestamp = null',
    'AWSContactTraceRecordFormatVersion = "2031-01-01"',
    'ContactId = null; EventType = "LOGIN"; AgentARN = "a"',
    "Agent.CustomerHoldDuration = -1",
    'LastUpdateTimestamp = ""',
]


def test_the_shipped_schema_is_the_rendered_one() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == contact_record_avro()


@pytest.mark.parametrize("differences", DIFFERENCES)
def test_a_record_of_the_schema_has_the_outcome_of_its_json(differences: str) -> None:
    schema = fastavro.parse_schema(json.loads(SHIPPED.read_text(encoding="utf-8")))
    file = io.BytesIO()
    fastavro.writer(file, schema, [json.loads(payload(differences))])
    (found,) = avro_payloads(iter([file.getvalue()]))
    assert outcome(found, NO_AGENTS, RULES) == outcome(payload(differences), NO_AGENTS, RULES)


def test_every_field_may_be_missing() -> None:
    schema = fastavro.parse_schema(json.loads(SHIPPED.read_text(encoding="utf-8")))
    file = io.BytesIO()
    fastavro.writer(file, schema, [{}])
    assert list(avro_payloads(iter([file.getvalue()]))) == [b"{}"]
