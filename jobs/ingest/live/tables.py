"""Where the live job writes: ledger, quarantine and archive, as Flink SQL.

All of it is Flink's filesystem connector with Parquet: files appear when a checkpoint completes,
each row in one of them, whatever is killed.
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

# No row of it goes on. Its watermark does, so that dates close while every partition is silent.
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

_VALUE = {Kind.TEXT: "''", Kind.BOOLEAN: "FALSE"}
_PLACE = "source, `position`, judged.r.length"


class Paths(msgspec.Struct, frozen=True):
    """Folders as Flink is told them: URIs. Without an archive nothing is archived."""

    ledger: str
    quarantine: str
    archive: str = ""


def sink_tables(paths: Paths, stream: Stream, time_zone: str) -> list[str]:
    """The statements that make the tables."""
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
    """When a billing date gets its `_SUCCESS`: a delay after its end, told by the records' arrival."""
    return {
        "sink.partition-commit.trigger": "partition-time",
        "sink.partition-commit.delay": f"{24 * 60 + stream.close_delay_minutes} min",
        "sink.partition-commit.policy.kind": "success-file",
        "sink.partition-commit.watermark-time-zone": time_zone,
        "partition.time-extractor.timestamp-pattern": "$billing_date 00:00:00",
    }


def inserts(paths: Paths) -> list[str]:
    """The statements that fill the tables, out of `received` and `judged`."""
    row = ", ".join([*(_field(c.name, c.kind) for c in OUTCOME_COLUMNS[:-1]), _PLACE])
    no_row = ", ".join(_nothing(c) for c in (*LEDGER_COLUMNS, OUTCOME_COLUMNS[-1]))
    dated = f"judged.r.billing_date <> '{UNKNOWN_DATE}'"
    quarantined = f"judged.r.reason, judged.r.detail, {_PLACE}, judged.r.payload, judged.r.billing_date"
    filled = {
        "ledger": f"{_select(f'{row}, judged.r.billing_date', 'judged', dated)} "
        f"UNION ALL {_select(no_row, 'clock', 'tick < 0')}",
        "undated": _select(row, "judged", f"NOT ({dated})"),
        "quarantine": _select(quarantined, "judged", "judged.r.outcome = 'quarantined'"),
    }
    if paths.archive:
        arrived = "DATE_FORMAT(arrived_at, 'yyyy-MM-dd')"
        filled["archive"] = _select(f"payload, source, `position`, {arrived}", "received", "TRUE")
    return [f"INSERT INTO {table} {select}" for table, select in filled.items()]


def _select(columns: str, table: str, condition: str) -> str:
    return f"SELECT {columns} FROM {table} WHERE {condition}"  # noqa: S608  nothing in it comes from outside


# The function is called once for all tables that are filled from it.
OUTCOMES_VIEW = "CREATE TEMPORARY VIEW judged AS SELECT outcome(payload) AS r, source, `position` FROM received"


def _field(name: str, kind: Kind) -> str:
    # A vectorised function cannot return instants with a zone; the session's zone is UTC.
    return f"CAST(judged.r.{name} AS TIMESTAMP_LTZ(6))" if kind is Kind.INSTANT else f"judged.r.{name}"


def _nothing(column: Column) -> str:
    return f"CAST({'NULL' if column.nullable else _VALUE[column.kind]} AS {FLINK[column.kind]})"


def _table(name: str, columns: str, path: str, partition: str = "", more: dict[str, str] | None = None) -> str:
    by = f"PARTITIONED BY ({partition})" if partition else ""
    partition_column = f", {partition} STRING" if partition else ""
    options = ",\n".join(
        f"{sql_literal(k)} = {sql_literal(v)}" for k, v in ({"path": path} | _PARQUET | (more or {})).items()
    )
    return f"CREATE TEMPORARY TABLE {name} ({columns}{partition_column}) {by} WITH ({options})"
