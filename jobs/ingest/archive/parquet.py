"""Read payloads from a Parquet file: a payload column, or the record's fields as JSON."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow_hotfix  # noqa: F401  hostile files are read here

from jobs.ingest.archive.damage import Damage, damaged_bytes
from jobs.ingest.archive.payload_field import json_payload, payload_field
from schemas.billing_rules import MAX_PAYLOAD_BYTES
from schemas.contact_record import ContactRecord

MAGIC = b"PAR1"
# Few enough for memory if every value has the largest size, which a dictionary can hold in almost no bytes.
_BATCH_ROWS = 64
# A file may claim any number of empty rows: more than this, and than it has bytes, are not believed.
_MOST_EMPTY_ROWS = 1 << 20


def parquet_payloads(file: BinaryIO) -> Iterator[bytes | Damage]:
    """Yield one payload per row, empty if it cannot be read; a file that cannot be opened is one Damage."""
    try:
        parquet = pq.ParquetFile(file)
        schema = parquet.schema_arrow
        length = file.seek(0, 2)
        is_believed = parquet.metadata.num_rows <= max(length, _MOST_EMPTY_ROWS)
    except (pa.ArrowException, OSError, RuntimeError):  # the last is the hotfix, refusing a pickle
        length, is_believed = file.seek(0, 2), False
    if not is_believed:
        file.seek(0)
        if length <= MAX_PAYLOAD_BYTES:
            yield damaged_bytes(0, file.read())
        else:
            yield Damage(0, length, None)
        return
    field = payload_field([(f.name, _is_bytes(f.type), _is_text(f.type)) for f in schema])
    columns = [field] if field is not None else _record_columns(schema)
    for group in range(parquet.num_row_groups):
        yield from _row_group(parquet, group, columns, field)


def _row_group(parquet: pq.ParquetFile, group: int, columns: list[str], field: str | None) -> Iterator[bytes | Damage]:
    done = 0
    if not columns:
        # The rules read none of the fields: every row is an empty object.
        yield from (b"{}" for _ in range(parquet.metadata.row_group(group).num_rows))
        return
    try:
        for batch in parquet.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False):
            for payload in _payloads(batch, field):
                yield payload
                done += 1
    except (pa.ArrowException, OSError, RuntimeError):
        # Every row of the group that could not be read is a record.
        missing = parquet.metadata.row_group(group).num_rows - done
        yield from (b"" for _ in range(missing))


def _payloads(batch: pa.RecordBatch, field: str | None) -> list[bytes]:
    try:
        return _read(batch, field)
    except (UnicodeDecodeError, OverflowError, ValueError):
        # Row by row, so that an invalid value affects only its own row.
        return [_row(batch.slice(row, 1), field) for row in range(batch.num_rows)]


def _row(batch: pa.RecordBatch, field: str | None) -> bytes:
    try:
        return _read(batch, field)[0]
    except UnicodeDecodeError:
        return b"\xff"
    except (OverflowError, ValueError):
        return b""


def _read(batch: pa.RecordBatch, field: str | None) -> list[bytes]:
    if field is not None:
        column = batch.column(0)
        raw = column.cast(pa.large_binary()) if _is_text(column.type) else column
        return [value or b"" for value in raw.to_pylist()]
    types = {f.name: f.type for f in batch.schema}
    return [
        json_payload({name: _plain(value, types[name]) for name, value in row.items()}) for row in batch.to_pylist()
    ]


def _record_columns(schema: pa.Schema) -> list[str]:
    names = {f.encode_name for f in msgspec.structs.fields(ContactRecord)}
    return [f.name for f in schema if f.name in names]


def _plain(value: Any, kind: pa.DataType) -> Any:
    """Turn Arrow's maps, lists of pairs, into objects as in JSON."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return {key: _plain(inner, kind.item_type) for key, inner in value}
    if pa.types.is_struct(kind):
        return {f.name: _plain(value[f.name], f.type) for f in kind}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_plain(inner, kind.value_type) for inner in value]
    return value


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
