"""Every kind of column has a type in every target."""

from pathlib import Path

import duckdb
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, Kind
from schemas.outcome import LEDGER_COLUMNS, QUARANTINE_COLUMNS
from schemas.render import ARROW, AVRO, DUCKDB, FLINK, arrow_schema, avro_schema, csv_header, flink_columns

TABLES = {"arrow": ARROW, "flink": FLINK, "avro": AVRO, "duckdb": DUCKDB}
EVERY_KIND = tuple(
    Column(f"{kind.value}_{nullable}", kind, nullable, "x") for kind in Kind for nullable in (True, False)
)


@pytest.mark.parametrize("target", TABLES)
def test_every_kind_has_a_type(target: str) -> None:
    assert set(TABLES[target]) == set(Kind)


def test_the_arrow_schema_keeps_order_type_and_nullability() -> None:
    schema = arrow_schema((Column("b", Kind.INSTANT, False, ""), Column("a", Kind.TEXT, True, "")))
    assert schema == pa.schema(
        [pa.field("b", pa.timestamp("us", tz="UTC"), nullable=False), pa.field("a", pa.string(), nullable=True)]
    )


def test_the_flink_columns() -> None:
    columns = (Column("at", Kind.INSTANT, False, ""), Column("method", Kind.TEXT, True, ""))
    assert flink_columns(columns) == "`at` TIMESTAMP_LTZ(6) NOT NULL,\n`method` STRING"


@pytest.mark.parametrize("columns", [LEDGER_COLUMNS, QUARANTINE_COLUMNS, BILLING_COLUMNS, EVERY_KIND])
def test_the_avro_schema_can_be_written_and_nulls_are_the_default(columns: tuple[Column, ...]) -> None:
    schema = avro_schema("row", columns)
    fastavro.parse_schema(schema)
    assert [f["name"] for f in schema["fields"]] == [c.name for c in columns]
    for field, column in zip(schema["fields"], columns, strict=True):
        assert field["doc"] == column.doc
        if column.nullable:
            assert field["type"] == ["null", AVRO[column.kind]]
            assert field["default"] is None
        else:
            assert field["type"] == AVRO[column.kind]
            assert "default" not in field


@pytest.mark.parametrize("kind", Kind)
def test_the_duckdb_type_reads_what_the_arrow_type_holds(kind: Kind, tmp_path: Path) -> None:
    value = {
        Kind.TEXT: "x",
        Kind.INTEGER: 2**63 - 1,
        Kind.BOOLEAN: True,
        Kind.INSTANT: 1_772_366_400_000_001,
        Kind.DATE: 20_513,
        Kind.BYTES: b"\xff",
    }[kind]
    path = tmp_path / "one.parquet"
    pq.write_table(pa.table({"value": pa.array([value, None], ARROW[kind])}), path)
    (found,) = duckdb.execute("SELECT typeof(value) FROM read_parquet(?)", [str(path)]).fetchone()
    (wanted,) = duckdb.execute(f"SELECT typeof(NULL::{DUCKDB[kind]})").fetchone()
    assert found == wanted


def test_the_csv_header_is_the_contract() -> None:
    assert csv_header(BILLING_COLUMNS) == [
        "contact_id",
        "billing_date",
        "call_type",
        "initiated_at",
        "call_duration_seconds",
        "talk_seconds",
        "hold_seconds",
        "contact_duration_seconds",
        "patient_phone",
        "provider_extension",
        "revision",
    ]
