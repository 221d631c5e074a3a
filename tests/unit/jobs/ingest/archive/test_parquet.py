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

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.parquet import parquet_payloads
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
    assert read(file_of(pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"], "c": ["x", "y", "z"]}))) == [b"{}"] * 3


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


def test_columns_that_no_rule_reads_are_not_read() -> None:
    table = pa.table({"ContactId": ["call-1"], "AWSAccountId": ["1"], "Username": ["x"]})
    assert [json.loads(row) for row in read(file_of(table))] == [{"ContactId": "call-1"}]


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
    alone = "import sys, jobs.ingest.archive.parquet as p; print(len([*p.parquet_payloads(open(sys.argv[1], 'rb'))]))"
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
