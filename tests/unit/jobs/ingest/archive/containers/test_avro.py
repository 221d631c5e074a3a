"""Avro containers: a payload field or nested records, and what is left of broken files."""

import io
import json

import fastavro
import pytest

from jobs.ingest.archive.containers.avro import MAGIC, avro_payloads
from jobs.ingest.archive.damage import Damage
from tests.support.containers import field
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import PLAIN, payload
from transforms.records.outcome import outcome

SYNC = bytes(range(100, 116))
TEXTS = [b'{"ContactId":"call-%d"}' % n for n in range(9)]


def container(schema: object, rows: list[dict[str, object]], codec: str = "null", interval: int = 0) -> bytes:
    """A container; with an interval of 0, every record is a block of its own."""
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(schema), rows, codec=codec, sync_interval=interval, sync_marker=SYNC)
    return file.getvalue()


def of_texts(codec: str = "null", interval: int = 0) -> bytes:
    schema = {"type": "record", "name": "Row", "fields": [field("payload", "bytes")]}
    return container(schema, [{"payload": text} for text in TEXTS], codec, interval)


def read(data: bytes, size: int = 1 << 20) -> list[bytes | Damage]:
    return list(avro_payloads(iter([data[n : n + size] for n in range(0, len(data), size)])))


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("interval", [0, 16_000])
def test_a_field_of_bytes_is_the_payload(codec: str, size: int, interval: int) -> None:
    assert read(of_texts(codec, interval), size) == TEXTS


@pytest.mark.parametrize(
    "kind", ["bytes", ["null", "bytes"], ["bytes", "null"], "string", ["null", "string"], {"type": "bytes"}]
)
def test_the_field_may_be_nullable_or_text(kind: object) -> None:
    schema = {"type": "record", "name": "Row", "fields": [field("offset", "long"), field("anything", kind)]}
    text = TEXTS[0].decode() if "string" in str(kind) else TEXTS[0]
    assert read(container(schema, [{"offset": 1, "anything": text}])) == [TEXTS[0]]


def test_of_several_fields_of_bytes_the_one_called_payload_or_the_like() -> None:
    schema = {"type": "record", "name": "Row", "fields": [field("key", "bytes"), field("value", "bytes")]}
    assert read(container(schema, [{"key": b"k", "value": TEXTS[0]}])) == [TEXTS[0]]


def test_a_null_payload_is_a_payload_without_bytes() -> None:
    schema = {"type": "record", "name": "Row", "fields": [field("payload", ["null", "bytes"])]}
    assert read(container(schema, [{"payload": None}, {"payload": TEXTS[0]}])) == [b"", TEXTS[0]]


def nullable(kind: object) -> list[object]:
    return ["null", kind]


NESTED = {
    "type": "record",
    "name": "ContactRecord",
    "fields": [
        *(field(key, nullable("string")) for key, value in PLAIN.items() if isinstance(value, str | None)),
        field(
            "Agent",
            nullable(
                {
                    "type": "record",
                    "name": "Agent",
                    "fields": [
                        *(field(k, nullable("string")) for k, v in PLAIN["Agent"].items() if isinstance(v, str)),
                        *(field(k, nullable("long")) for k, v in PLAIN["Agent"].items() if isinstance(v, int)),
                    ],
                }
            ),
        ),
        field("Attributes", nullable({"type": "map", "values": ["null", "string"]})),
        *(field(key, nullable({"type": "map", "values": "string"})) for key in ("CustomerEndpoint", "Queue")),
        field("Recordings", nullable({"type": "array", "items": {"type": "map", "values": ["null", "string"]}})),
    ],
}


@pytest.mark.parametrize(
    "differences",
    [
        "",
        "Agent = null",
        "Attributes = null; Queue = null; Agent = null",
        'Agent = null; Recordings = [{"StorageType": "S3"}, {"ParticipantType": "IVR"}]',
        "Agent.CustomerHoldDuration = null",
        "ContactId = null",
        "Agent.AgentInteractionDuration = -1",
    ],
)
def test_a_nested_record_has_the_outcome_of_its_json(differences: str) -> None:
    record = json.loads(payload(differences))
    (found,) = read(container(NESTED, [record]))
    assert outcome(found, NO_AGENTS, RULES) == outcome(payload(differences), NO_AGENTS, RULES)


def test_nulls_are_left_out_of_a_nested_record() -> None:
    (found,) = read(container(NESTED, [{"ContactId": "call-1"}]))
    assert json.loads(found) == {"ContactId": "call-1"}


def lower(schema: object) -> object:
    """A schema whose fields have lower-case names."""
    if isinstance(schema, list):
        return [lower(option) for option in schema]
    if not isinstance(schema, dict) or "fields" not in schema:
        return schema
    fields = [f | {"name": f["name"].lower(), "type": lower(f["type"])} for f in schema["fields"]]
    return schema | {"fields": fields}


def lowered(value: object) -> object:
    if isinstance(value, dict):
        return {key.lower(): inner if key == "Attributes" else lowered(inner) for key, inner in value.items()}
    return value


@pytest.mark.parametrize("differences", ["", "Agent = null", 'Attributes = {"extensionNumber": "7"}'])
def test_fields_in_lower_case_have_the_outcome_of_the_json(differences: str) -> None:
    of_maps = ("CustomerEndpoint", "Queue", "Recordings")  # whose keys keep their case
    schema = {**NESTED, "fields": [f for f in NESTED["fields"] if f["name"] not in of_maps]}
    endpoint = {"type": "record", "name": "Endpoint", "fields": [field("address", "string"), field("type", "string")]}
    queue = {"type": "record", "name": "Queue", "fields": [field("arn", "string"), field("name", "string")]}
    schema["fields"] += [field("CustomerEndpoint", nullable(endpoint)), field("Queue", nullable(queue))]
    record = json.loads(payload(differences))
    (found,) = read(container(lower(schema), [lowered(record)]))
    assert outcome(found, NO_AGENTS, RULES) == outcome(payload(differences), NO_AGENTS, RULES)


def test_an_instant_without_a_zone_is_utc() -> None:
    at = {"type": "long", "logicalType": "local-timestamp-millis"}
    schema = {
        "type": "record",
        "name": "Row",
        "fields": [field("contactid", "string"), field("initiationTimestamp", at)],
    }
    (found,) = read(container(schema, [{"contactid": "c", "initiationTimestamp": 1_772_359_200_000}]))
    assert json.loads(found) == {"ContactId": "c", "InitiationTimestamp": "2026-03-01T10:00:00Z"}


def test_a_named_type_is_renamed_wherever_it_is_used() -> None:
    endpoint = {"type": "record", "name": "Endpoint", "fields": [field("address", "string")]}
    schema = {
        "type": "record",
        "name": "Row",
        "fields": [
            field("contactid", "string"),
            field("other", endpoint),
            field("customerendpoint", nullable("Endpoint")),
        ],
    }
    row = {"contactid": "c", "other": {"address": "x"}, "customerendpoint": {"address": "+15555500101"}}
    (found,) = read(container(schema, [row]))
    expected = {"ContactId": "c", "other": {"address": "x"}, "CustomerEndpoint": {"Address": "+15555500101"}}
    assert json.loads(found) == expected


@pytest.mark.parametrize("size", [5, 1 << 20])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_a_broken_block_in_the_middle_costs_no_other(codec: str, size: int) -> None:
    data = of_texts(codec)
    blocks = data.split(SYNC)
    blocks[4] = b"\xff" * len(blocks[4])
    found = read(SYNC.join(blocks), size)
    offset = sum(len(block) + len(SYNC) for block in blocks[:4])
    # The header comes first, so that this is the block of the fourth text.
    assert found == [*TEXTS[:3], Damage(offset, len(blocks[4]), blocks[4]), *TEXTS[4:]]


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_a_container_cut_off_anywhere_invents_no_payload(codec: str) -> None:
    data = of_texts(codec)
    for end in range(len(MAGIC), len(data)):
        given = [part for part in read(data[:end]) if isinstance(part, bytes)]
        assert given == TEXTS[: len(given)]


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_of_a_container_cut_off_every_whole_block_is_read_and_the_rest_is_one_row(codec: str) -> None:
    data = of_texts(codec)
    ends = [data.index(SYNC) + len(SYNC)]
    while (place := data.find(SYNC, ends[-1])) >= 0:
        ends.append(place + len(SYNC))
    for end in range(ends[0], len(data)):
        found = read(data[:end])
        whole = sum(after <= end for after in ends[1:])
        assert found[:whole] == TEXTS[:whole]
        assert len(found) == whole + (end not in ends)


def test_a_nested_record_cut_off_is_not_filled_up() -> None:
    """The last field is a number: bytes of the marker in its place would be another duration."""
    fields = [field("ContactId", "string"), field("Talk", "long")]
    whole = container({"type": "record", "name": "Row", "fields": fields}, [{"ContactId": "call-1", "Talk": 100_000}])
    for cut in range(len(SYNC) + 1, len(SYNC) + 4):
        assert [part for part in read(whole[:-cut]) if isinstance(part, bytes)] == []


def test_a_container_without_records() -> None:
    schema = {"type": "record", "name": "Row", "fields": [field("payload", "bytes")]}
    assert read(container(schema, [])) == []


@pytest.mark.parametrize(
    "data",
    [b"Obj\x01", b"Obj\x01" + b"\xff" * 50, b"Obj\x01\x00" + SYNC + b"\x02\x02x" + SYNC],
    ids=["magic", "noise", "no schema"],
)
def test_what_only_looks_like_a_container_is_reported_whole(data: bytes) -> None:
    found = read(data)
    assert all(isinstance(part, Damage) for part in found)
    assert found
