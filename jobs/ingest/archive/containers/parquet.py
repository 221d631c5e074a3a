"""Read payloads from a Parquet file: a payload column, or the record's fields as JSON."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow_hotfix  # noqa: F401  hostile files are read here

from jobs.ingest.archive.containers.arrow_values import Reader, object_readers, objects
from jobs.ingest.archive.containers.column_names import FieldNames, field_names
from jobs.ingest.archive.containers.payload_field import encoded_json, payload_field
from jobs.ingest.archive.damage import Damage, damaged_bytes
from schemas.billing_rules import MAX_PAYLOAD_BYTES

MAGIC = b"PAR1"
# Few enough for memory if every value has the largest size, which a dictionary can hold in almost no bytes.
_BATCH_ROWS = 64
# A file may claim any number of empty rows: more than this, and than it has bytes, are not believed.
_MOST_EMPTY_ROWS = 1 << 20
# RuntimeError is the hotfix, refusing a pickle; the last ones are values that Python does not have.
_ERRORS = (pa.ArrowException, OSError, RuntimeError, KeyError, ValueError, OverflowError)


class _Columns(msgspec.Struct, frozen=True):
    """Columns of a file that become a row's payload: one that holds it, or fields of a record with their readers.

    Without names they are all columns.
    """

    names: list[str] | None
    fields: list[tuple[str, Reader]] | None


def parquet_payloads(file: BinaryIO, names: FieldNames | None = None) -> Iterator[bytes | Damage]:
    """Yield one payload per row, empty if it cannot be read; a file that cannot be opened is one Damage.

    `names` are the fields of a record. A Damage without a length says that only columns which no rule reads are lost.
    """
    length = file.seek(0, 2)
    try:
        # Nanoseconds would be too few for some of the years that the old type of instants can have.
        parquet = pq.ParquetFile(file, coerce_int96_timestamp_unit="us")
        schema = parquet.schema_arrow
        is_believed = parquet.metadata.num_rows <= max(length, _MOST_EMPTY_ROWS)
    except _ERRORS:
        is_believed = False
    if not is_believed:
        file.seek(0)
        if length <= MAX_PAYLOAD_BYTES:
            yield damaged_bytes(0, file.read())
        else:
            yield Damage(0, length, None)
        return
    ways = _ways(schema, names or field_names())
    for group in range(parquet.num_row_groups):
        yield from _row_group(parquet, group, ways)


def _ways(schema: pa.Schema, names: FieldNames) -> list[_Columns]:
    """Return the columns to read, and those to read if that fails."""
    field = payload_field([(f.name, _is_bytes(f.type), _is_text(f.type)) for f in schema])
    if field is not None:
        return [_Columns([field], None)]
    readers = object_readers([(f.name, f.type) for f in schema], names)
    known = [(column, read) for column, read in zip(schema.names, readers, strict=True) if read[0] in names.all]
    ways = [_Columns(None, readers)]
    if 0 < len(known) < len(readers):
        ways.append(_Columns([column for column, _ in known], [read for _, read in known]))
    return ways


def _row_group(parquet: pq.ParquetFile, group: int, ways: list[_Columns]) -> Iterator[bytes | Damage]:
    done = 0
    for columns in ways:
        try:
            for payload in _payloads(parquet, group, columns, done):
                yield payload
                done += 1
            if columns is not ways[0]:
                yield Damage(0, 0, None)
            return
        except _ERRORS:
            continue
    # Every row of the group that could not be read is a record.
    missing = parquet.metadata.row_group(group).num_rows - done
    yield from (b"" for _ in range(missing))


def _payloads(parquet: pq.ParquetFile, group: int, columns: _Columns, start: int) -> Iterator[bytes]:
    """Yield the payloads of a row group from a row on."""
    batches = parquet.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns.names, use_threads=False)
    for batch in batches:
        rows = batch.slice(min(start, batch.num_rows))
        start -= batch.num_rows - rows.num_rows
        if columns.fields is not None:
            arrays = dict(zip(batch.schema.names, rows.columns, strict=True))
            fields = rows.columns if columns.names is None else [arrays[name] for name in columns.names]
            yield from map(encoded_json, objects(columns.fields, fields, rows.num_rows))
        else:
            column = rows.column(0)
            raw = column.cast(pa.large_binary()) if _is_text(column.type) else column
            yield from (value or b"" for value in raw.to_pylist())


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
