"""Every kind of column has a type in every target."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.columns import Column, Kind
from schemas.render import ARROW, DUCKDB, FLINK, arrow_schema, flink_columns

TABLES = {"arrow": ARROW, "flink": FLINK, "duckdb": DUCKDB}
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
