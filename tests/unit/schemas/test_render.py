"""Columns and their renderings: every kind has a type in every target."""

from pathlib import Path
from typing import Annotated

import duckdb
import fastavro
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Column, Kind, columns_of, instant, text
from schemas.outcome import LEDGER_COLUMNS, OUTCOME_COLUMNS, QUARANTINE_COLUMNS, OutcomeRow
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


def test_columns_say_what_the_annotations_say() -> None:
    class Row(msgspec.Struct):
        at: Annotated[int, instant("when")]
        method: Annotated[str | None, text("how", "a", "b")] = None

    assert columns_of(Row) == (
        Column("at", Kind.INSTANT, False, "when", "UTC"),
        Column("method", Kind.TEXT, True, "how", "", ("a", "b")),
    )


def test_a_field_without_a_description_is_refused() -> None:
    class Row(msgspec.Struct):
        at: int

    with pytest.raises(TypeError, match="at"):
        columns_of(Row)


def test_names_carry_their_units() -> None:
    for column in (*BILLING_COLUMNS, *LEDGER_COLUMNS):
        assert (column.unit == "s") == column.name.endswith("_seconds"), column.name
        assert (column.kind is Kind.INSTANT) == column.name.endswith("_at"), column.name
        assert column.doc, column.name


def test_the_ledgers_partition_is_the_last_column_of_an_outcome() -> None:
    assert OUTCOME_COLUMNS[-1].name == "billing_date"
    assert OutcomeRow.__struct_fields__[-1] == "billing_date"
    assert "billing_date" not in [c.name for c in LEDGER_COLUMNS]
