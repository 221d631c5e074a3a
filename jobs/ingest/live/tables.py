"""Flink SQL of the tables that the live job writes: ledger, quarantine and archive.

All use Flink's filesystem connector with Parquet: files appear when a checkpoint completes, each row in exactly one of
them, whatever is killed.
"""

import msgspec

from jobs.runtime.flink_sql import sql_literal
from jobs.settings.connections import Stream
from schemas.columns import Column, Kind
from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS, QUARANTINE_COLUMNS, UNKNOWN_DATE
from schemas.render import FLINK, flink_columns
from sinks.paths import OUTCOMES, outcomes_folder

_PARQUET = {
    "connector": "filesystem",
    "format": "parquet",
    "parquet.compression": "ZSTD",
    "parquet.write.int64.timestamp": "true",
    "parquet.timestamp.time.unit": "micros",
    "parquet.utc-timezone": "true",
}

# Its rows are dropped; its watermark is not, so that dates close while every partition is silent.
_CLOCK = """
    CREATE TEMPORARY TABLE clock (
        tick BIGINT,
        ticked_at AS CURRENT_TIMESTAMP,
        WATERMARK FOR ticked_at AS ticked_at
    ) WITH (
        'connector' = 'datagen',
        'rows-per-second' = '1',
        'scan.parallelism' = '1',
        'fields.tick.min' = '0'
    )
"""

_DEFAULTS = {Kind.TEXT: "''", Kind.BOOLEAN: "FALSE"}
_LOCATION = "source, `position`, judged.r.length"


class Paths(msgspec.Struct, frozen=True):
    """Folders as URIs for Flink. Without an archive nothing is archived."""

    ledger: str
    quarantine: str
    archive: str = ""


def sink_tables(paths: Paths, stream: Stream, time_zone: str) -> list[str]:
    """Return the statements that create the tables."""
    ledger, quarantine = flink_columns(LEDGER_COLUMNS), flink_columns(QUARANTINE_COLUMNS)
    tables = [
        _CLOCK,
        _table("ledger", ledger, f"{paths.ledger}/{OUTCOMES}", "billing_date", closing(stream, time_zone)),
        _table("undated", ledger, f"{paths.ledger}/{outcomes_folder(UNKNOWN_DATE)}"),
        _table("quarantine", quarantine, f"{paths.quarantine}", "billing_date"),
    ]
    if paths.archive:
        columns = "payload BYTES, source STRING, `position` STRING"
        tables.append(_table("archive", columns, paths.archive, "arrived_date"))
    return tables


def closing(stream: Stream, time_zone: str) -> dict[str, str]:
    """Return when a billing date gets its `_SUCCESS`: a delay after its end, by the records' arrival."""
    return {
        "sink.partition-commit.trigger": "partition-time",
        "sink.partition-commit.delay": f"{24 * 60 + stream.close_delay_minutes} min",
        "sink.partition-commit.policy.kind": "success-file",
        "sink.partition-commit.watermark-time-zone": time_zone,
        "partition.time-extractor.timestamp-pattern": "$billing_date 00:00:00",
    }


def inserts(paths: Paths) -> list[str]:
    """Return the statements that fill the tables from `received` and `judged`."""
    row = ", ".join([*(_field(c.name, c.kind) for c in OUTCOME_COLUMNS[:-1]), _LOCATION])
    clock_row = ", ".join(_placeholder(c) for c in (*LEDGER_COLUMNS, OUTCOME_COLUMNS[-1]))
    dated = f"judged.r.billing_date <> '{UNKNOWN_DATE}'"
    quarantined = f"judged.r.reason, judged.r.detail, {_LOCATION}, judged.r.payload, judged.r.billing_date"
    selects = {
        "ledger": f"{_select(f'{row}, judged.r.billing_date', 'judged', dated)} "
        f"UNION ALL {_select(clock_row, 'clock', 'tick < 0')}",
        "undated": _select(row, "judged", f"NOT ({dated})"),
        "quarantine": _select(quarantined, "judged", "judged.r.outcome = 'quarantined'"),
    }
    if paths.archive:
        arrived = "DATE_FORMAT(arrived_at, 'yyyy-MM-dd')"
        selects["archive"] = _select(f"payload, source, `position`, {arrived}", "received", "TRUE")
    return [f"INSERT INTO {table} {select}" for table, select in selects.items()]


def _select(columns: str, table: str, condition: str) -> str:
    return f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608  no input in it


# The function runs once for all tables that are filled from it.
OUTCOMES_VIEW = "CREATE TEMPORARY VIEW judged AS SELECT outcome(payload) AS r, source, `position` FROM received"


def _field(name: str, kind: Kind) -> str:
    # A vectorized function cannot return instants with a zone; the session's zone is UTC.
    return f"CAST(judged.r.{name} AS TIMESTAMP_LTZ(6))" if kind is Kind.INSTANT else f"judged.r.{name}"


def _placeholder(column: Column) -> str:
    return f"CAST({'NULL' if column.nullable else _DEFAULTS[column.kind]} AS {FLINK[column.kind]})"


def _table(name: str, columns: str, path: str, partition: str = "", options: dict[str, str] | None = None) -> str:
    partitioned_by = f"PARTITIONED BY ({partition})" if partition else ""
    partition_column = f", {partition} STRING" if partition else ""
    all_options = {"path": path} | _PARQUET | (options or {})
    settings = ",\n".join(f"{sql_literal(key)} = {sql_literal(value)}" for key, value in all_options.items())
    return f"CREATE TEMPORARY TABLE {name} ({columns}{partition_column}) {partitioned_by} WITH ({settings})"
