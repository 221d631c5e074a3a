"""What the sources can besides: enhanced fan-out, records that a producer has aggregated, Avro values."""

import hashlib
import io
import json
from pathlib import Path

import fastavro

from jobs.sample.archive import write_agents
from schemas.avro import contact_record_avro
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.s3 import S3Server
from tests.support.live_system import Live, from_kafka, from_kinesis
from tests.support.records import PLAIN, changed

MAGIC = b"\xf3\x89\x9a\xc2"


def calls(count: int) -> list[dict[str, object]]:
    return [changed(f'ContactId = "call-{number}"') for number in range(count)]


def aggregated(payloads: list[bytes]) -> bytes:
    """One record of the Kinesis Producer Library: a protobuf message between its magic bytes and its digest."""
    message = _field(1, b"key") + b"".join(_field(3, b"\x08\x00" + _field(3, payload)) for payload in payloads)
    return MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def _field(number: int, data: bytes) -> bytes:
    """A protobuf field of bytes."""
    length, size = len(data), b""
    while length > 127:
        size, length = size + bytes([length & 127 | 128]), length >> 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + data


def test_enhanced_fan_out_takes_aggregated_records_apart(
    services: tuple[S3Server, FlinkCluster], stream: Kinesis, tmp_path: Path
) -> None:
    given = [json.dumps(call).encode() for call in calls(200)]
    stream.create_stream("aggregated")
    start = {"start": "AT_TIMESTAMP", "start_timestamp": "2020-01-01T00:00:00Z"}
    live = Live(tmp_path, *services, "aggregated", from_kinesis(stream, "aggregated", consumer="efo", **start))
    write_agents(live.agents, 1)
    job = live.submit(parallelism=1)
    stream.put("aggregated", [(aggregated(given[n : n + 20]), "key") for n in range(0, len(given), 20)])
    live.await_rows(len(given))
    live.await_archived(len(given))
    live.cluster.cancel(job)
    assert sorted(live.payloads()) == sorted(given)
    assert live.rows() == len(given)


def test_avro_values_are_contact_records(
    services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path
) -> None:
    """And what is none of them is quarantined as it came."""
    known = {field["name"] for field in contact_record_avro()["fields"]} & PLAIN.keys()
    values = []
    for call in calls(50):
        file = io.BytesIO()
        fastavro.schemaless_writer(file, contact_record_avro(), {name: call[name] for name in known})
        values.append(file.getvalue())
    broker.create_topic("avro")
    broker.produce("avro", [(value, None) for value in [*values, b"\xff\xfe"]])
    live = Live(tmp_path, *services, "avro", from_kafka(broker, "avro", format="avro"))
    write_agents(live.agents, 1)
    job = live.submit(parallelism=1)
    live.await_rows(len(values) + 1)
    live.await_archived(len(values) + 1)
    live.cluster.cancel(job)
    assert live.outcomes() == {"billable": len(values), "quarantined": 1}
    archived = [json.loads(payload)["ContactId"] for payload in live.payloads() if payload.startswith(b"{")]
    assert sorted(archived) == sorted(str(call["ContactId"]) for call in calls(50))
