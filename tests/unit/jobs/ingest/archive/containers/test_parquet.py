"""Parquet files: a payload column or the record's fields, and what is left of broken and hostile ones."""

import io
import json
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.ingest.archive.containers.parquet import parquet_payloads
from jobs.ingest.archive.damage import Damage
from tests.services.process import ROOT
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from transforms.records.outcome import outcome

TEXTS = [b'{"ContactId":"call-%d"}' % n for n in range(10)]


def file_of(table: pa.Table, **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return bytes(sink.getvalue())


def read(data: bytes) -> list[bytes | Damage]:
    return list(parquet_payloads(io.BytesIO(data)))


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.string(), pa.large_string()])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_a_payload_column(kind: pa.DataType, compression: str) -> None:
    column = pa.array(TEXTS, pa.binary()).cast(kind)
    table = pa.table({"arrived_ms": range(10), "anything": column})
    assert read(file_of(table, compression=compression, row_group_size=3)) == TEXTS


def test_of_several_columns_of_bytes_the_one_called_payload_or_the_like() -> None:
    table = pa.table({"key": pa.array([b"k"]), "data": pa.array([TEXTS[0]])})
    assert read(file_of(table)) == [TEXTS[0]]


def test_a_null_payload_is_a_payload_without_bytes() -> None:
    assert read(file_of(pa.table({"payload": pa.array([None, TEXTS[0]], pa.binary())}))) == [b"", TEXTS[0]]


def test_every_row_is_a_payload_even_if_nothing_in_it_is_known() -> None:
    table = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"], "c": ["x", "y", "z"]})
    assert read(file_of(table)) == [b'{"a":1,"b":"x","c":"x"}', b'{"a":2,"c":"y"}', b'{"a":3,"b":"z","c":"z"}']


def test_a_file_without_rows() -> None:
    assert read(file_of(pa.table({"payload": pa.array([], pa.binary())}))) == []


RECORD = pa.schema([
    *((name, pa.string()) for name in json.loads(payload()) if name.endswith("Timestamp")),
    *((name, pa.string()) for name in ("ContactId", "Channel", "InitiationMethod", "DisconnectReason")),
    ("Agent", pa.struct([
        ("ARN", pa.string()),
        ("ConnectedToAgentTimestamp", pa.string()),
        ("AgentInteractionDuration", pa.int64()),
        ("CustomerHoldDuration", pa.int32()),
    ])),
    ("Attributes", pa.map_(pa.string(), pa.string())),
    ("CustomerEndpoint", pa.struct([("Address", pa.string())])),
    ("Queue", pa.struct([("Name", pa.string())])),
    ("Recordings", pa.list_(pa.struct([("StorageType", pa.string()), ("ParticipantType", pa.string())]))),
])  # fmt: skip


def as_fields(record: dict[str, object]) -> bytes:
    """A record as the fields of a Parquet file, maps and nulls included."""
    row = {name: record.get(name) for name in RECORD.names}
    row["Attributes"] = None if row["Attributes"] is None else list(row["Attributes"].items())
    return file_of(pa.Table.from_pylist([row], RECORD))


@pytest.mark.parametrize(
    "differences",
    [
        "",
        "Agent = null",
        "Attributes = null; Queue = null; Agent = null",
        'Attributes = {"extensionNumber": "7", "note": null}',
        "Attributes = {}",
        'Agent = null; Recordings = [{"StorageType": "S3"}, {"ParticipantType": "IVR"}]',
        "Recordings = []",
        'Queue = {"Name": null}; Agent = null',
        "Agent.CustomerHoldDuration = null",
        "ContactId = null",
    ],
)
def test_a_record_as_fields_has_the_outcome_of_its_json(differences: str) -> None:
    (found,) = read(as_fields(json.loads(payload(differences))))
    assert outcome(found, NO_AGENTS, RULES) == outcome(payload(differences), NO_AGENTS, RULES)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_instants_with_a_zone_may_be_instants(unit: str, zone: str) -> None:
    at = pa.array([datetime(2026, 3, 1, 10, tzinfo=UTC)], pa.timestamp(unit, zone))
    table = pa.table({"ContactId": ["call-1"], "InitiationTimestamp": at})
    (found,) = read(file_of(table, version="2.6"))
    assert outcome(found, NO_AGENTS, RULES).billing_date == "2026-03-01"


def test_a_row_keeps_the_columns_that_no_rule_reads() -> None:
    """It may be quarantined, and is all that is left of the record then."""
    table = pa.table({"ContactId": ["call-1"], "AWSAccountId": ["1"], "Tags": [{"a": "x", "b": None}]})
    row = {"ContactId": "call-1", "AWSAccountId": "1", "Tags": {"a": "x"}}
    assert [json.loads(found) for found in read(file_of(table))] == [row]


def lower(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([(f.name.lower(), lower(f.type)) for f in kind])
    return pa.list_(lower(kind.value_type)) if pa.types.is_list(kind) else kind


def lowered(value: object, kind: pa.DataType) -> object:
    if pa.types.is_struct(kind) and value is not None:
        return {f.name.lower(): lowered(value.get(f.name), f.type) for f in kind}
    return [lowered(inner, kind.value_type) for inner in value] if pa.types.is_list(kind) and value else value


@pytest.mark.parametrize(
    "differences",
    [
        "",
        'Agent = null; Recordings = [{"StorageType": "KINESIS_VIDEO_STREAM"}]',
        'Attributes = {"extensionNumber": "7"}',
    ],
)
def test_names_in_lower_case_at_every_level_give_the_outcome_of_the_json(differences: str) -> None:
    record = json.loads(payload(differences))
    schema = pa.schema([(f.name.lower(), lower(f.type)) for f in RECORD])
    row = {f.name.lower(): lowered(record.get(f.name), f.type) for f in RECORD}
    row["attributes"] = list((record.get("Attributes") or {}).items())
    (found,) = read(file_of(pa.Table.from_pylist([row], schema)))
    assert outcome(found, NO_AGENTS, RULES) == outcome(payload(differences), NO_AGENTS, RULES)


def test_of_names_that_differ_in_case_the_exact_one_is_the_field() -> None:
    table = pa.table({"contactid": ["wrong"], "ContactId": ["right"], "CHANNEL": ["VOICE"], "channel": ["other"]})
    (found,) = read(file_of(table))
    assert json.loads(found) == {"contactid": "wrong", "ContactId": "right", "Channel": "VOICE", "channel": "other"}


def test_keys_of_a_map_keep_their_case_and_attributes_in_columns_do_not() -> None:
    as_map = pa.array([[("extensionnumber", "1"), ("extensionNumber", "2")]], pa.map_(pa.string(), pa.string()))
    (found,) = read(file_of(pa.table({"contactid": ["c"], "attributes": as_map})))
    assert json.loads(found)["Attributes"] == {"extensionnumber": "1", "extensionNumber": "2"}
    (found,) = read(file_of(pa.table({"contactid": ["c"], "attributes": [{"extensionnumber": "1"}]})))
    assert json.loads(found)["Attributes"] == {"extensionNumber": "1"}


@pytest.mark.parametrize("name", ["Payload", "DATA", "value"])
def test_the_payload_column_may_have_any_case(name: str) -> None:
    assert read(file_of(pa.table({"key": pa.array([b"k"]), name: pa.array([TEXTS[0]])}))) == [TEXTS[0]]


AT = datetime(2026, 3, 1, 10)  # noqa: DTZ001  as a column without a zone has it


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([AT], pa.timestamp("ms")), "2026-03-01T10:00:00Z"),
        (pa.array([AT.replace(tzinfo=UTC)], pa.timestamp("us", "America/New_York")), "2026-03-01T10:00:00Z"),
        (pa.array([AT.replace(microsecond=120_000)], pa.timestamp("us")), "2026-03-01T10:00:00.120000Z"),
        (pa.array([1_772_359_200_000_000_001], pa.timestamp("ns")), "2026-03-01T10:00:00.000000001Z"),
        (pa.array([AT.date()], pa.date32()), "2026-03-01"),
        (pa.array([AT.time()], pa.time32("s")), "10:00:00"),
        (pa.array([2**62], pa.timestamp("us")), 2**62),
        (pa.array([2**30], pa.date32()), 2**30),
        (pa.array([b"text"], pa.binary()), "text"),
        (pa.array(["text"]).dictionary_encode(), "text"),
    ],
)
def test_values_are_what_the_json_would_have_had(column: pa.Array, text: object) -> None:
    table = pa.table({"ContactId": ["c"], "At": column, "Inner": pa.StructArray.from_arrays([column], ["At"])})
    (found,) = read(file_of(table, version="2.6"))
    assert json.loads(found) == {"ContactId": "c", "At": text, "Inner": {"At": text}}


@pytest.mark.parametrize("year", [1970, 2026, 2300, 9999])
def test_the_old_type_of_instants_is_read_in_every_year(year: int) -> None:
    at = pa.array([AT.replace(year=year)], pa.timestamp("us"))
    table = pa.table({"ContactId": ["c"], "InitiationTimestamp": at})
    data = file_of(table, use_deprecated_int96_timestamps=True)
    assert pq.ParquetFile(io.BytesIO(data)).schema.column(1).physical_type == "INT96"
    assert json.loads(read(data)[0])["InitiationTimestamp"] == f"{year}-03-01T10:00:00Z"


def test_slices_of_nested_columns_are_their_own_rows() -> None:
    rows = [
        {"ContactId": str(n), "Attributes": [(f"k{n}", "v")] * (n % 3), "L": [{"a": n}] * (n % 2)} for n in range(200)
    ]
    schema = pa.schema(
        [
            ("ContactId", pa.string()),
            ("Attributes", pa.map_(pa.string(), pa.string())),
            ("L", pa.list_(pa.struct([("a", pa.int64())]))),
        ]
    )
    found = [json.loads(row) for row in read(file_of(pa.Table.from_pylist(rows, schema), row_group_size=70))]
    assert found == [row | {"Attributes": dict(row["Attributes"])} for row in rows]


def test_a_text_that_is_not_utf8_keeps_its_bytes_and_the_other_columns() -> None:
    bad = pa.array([b"\xff", b"ok"], pa.binary()).view(pa.string())
    found = read(file_of(pa.table({"ContactId": ["a", "b"], "Note": bad})))
    assert found == [b'{"ContactId":"a","Note":"\xff"}', b'{"ContactId":"b","Note":"ok"}']


def test_a_broken_column_that_no_rule_reads_damages_the_file_and_costs_no_row() -> None:
    table = pa.table({"ContactId": [f"call-{n}" for n in range(10)], "Note": ["x" * n for n in range(10)]})
    data = bytearray(file_of(table, row_group_size=5, compression="zstd"))
    column = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(0).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xee" * column.total_compressed_size
    found = read(bytes(data))
    assert found[5] == Damage(0, 0, None)
    assert [json.loads(row)["ContactId"] for row in found if isinstance(row, bytes)] == [f"call-{n}" for n in range(10)]


def test_a_broken_row_group_is_as_many_unreadable_payloads_and_costs_no_other() -> None:
    data = bytearray(file_of(pa.table({"payload": pa.array(TEXTS)}), row_group_size=5, compression="zstd"))
    column = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(0).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xee" * column.total_compressed_size
    assert read(bytes(data)) == [*[b""] * 5, *TEXTS[5:]]


@pytest.mark.parametrize("end", [0.5, 0.99])
def test_a_file_cut_off_is_one_unreadable_payload(end: float) -> None:
    data = file_of(pa.table({"payload": pa.array(TEXTS)}))
    data = data[: int(len(data) * end)]
    assert read(data) == [Damage(0, len(data), data)]


def test_a_large_file_cut_off_is_reported_without_its_bytes() -> None:
    data = b"PAR1" + b"x" * (1 << 20)
    assert read(data) == [Damage(0, len(data), None)]


HOSTILE = {
    "text that is no UTF-8": pa.table({"payload": pa.array([b"\xff", TEXTS[0]], pa.binary()).view(pa.string())}),
    "a field that is no UTF-8": pa.table({"ContactId": pa.array([b"\xff"], pa.binary()).view(pa.string())}),
    "an instant beyond the calendar": pa.table(
        {"ContactId": ["call-1"], "InitiationTimestamp": pa.array([2**62], pa.timestamp("us", "UTC"))}
    ),
}


@pytest.mark.parametrize("table", HOSTILE.values(), ids=HOSTILE)
def test_values_that_cannot_be_are_rows_not_errors(table: pa.Table) -> None:
    found = read(file_of(table, version="2.6"))
    assert sum(1 if isinstance(row, bytes) else table.num_rows for row in found) == table.num_rows
    assert all(
        isinstance(row, Damage) or outcome(row, NO_AGENTS, RULES).outcome == "quarantined"
        for row in found
        if row != TEXTS[0]
    )


class Planted:
    """Unpickling it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def hostile_schema(planted: Path) -> pa.Schema:
    """A column whose type is a pickle, which pyarrow unpickles unless it is told not to."""
    marks = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(Planted(planted)),
    }
    return pa.schema([pa.field("payload", pa.binary(), metadata=marks)])


def test_a_parquet_file_with_a_pickle_for_a_type_runs_no_code_and_is_a_payload(tmp_path: Path) -> None:
    """CVE-2023-47248."""
    planted, file = tmp_path / "planted", tmp_path / "hostile.parquet"
    file.write_bytes(file_of(pa.Table.from_arrays([pa.array([TEXTS[0]])], schema=hostile_schema(planted))))
    # In a process of its own: in this one others have loaded the fix already.
    module = "jobs.ingest.archive.containers.parquet"
    alone = f"import sys, {module} as p; print(len([*p.parquet_payloads(open(sys.argv[1], 'rb'))]))"
    done = subprocess.run(
        [sys.executable, "-c", alone, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert not planted.exists()
    assert (done.returncode, done.stdout) == (0, "1\n")


def test_an_arrow_file_with_a_pickle_for_a_type_runs_no_code_and_is_a_payload(tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    schema = hostile_schema(planted)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays([pa.array([TEXTS[0]])], schema=schema))
    data = bytes(sink.getvalue())
    assert read(data) == [Damage(0, len(data), data)]
    assert not planted.exists()
