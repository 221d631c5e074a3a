"""Render columns for each target: Arrow schema, Flink and DuckDB types.

One type table per target; a test checks that every table has every kind.
"""

from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow_hotfix  # noqa: F401  closes CVE-2023-47248 in every process that reads Parquet

from schemas.columns import Column, Kind
from schemas.contract import Contract

ARROW: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.DATE: pa.date32(),
    Kind.BYTES: pa.binary(),
}

FLINK: dict[Kind, str] = {
    Kind.TEXT: "STRING",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INSTANT: "TIMESTAMP_LTZ(6)",
    Kind.DATE: "DATE",
    Kind.BYTES: "BYTES",
}

DUCKDB: dict[Kind, str] = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INSTANT: "TIMESTAMPTZ",
    Kind.DATE: "DATE",
    Kind.BYTES: "BLOB",
}


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the Arrow schema of the columns, with nullability."""
    return pa.schema([pa.field(c.name, ARROW[c.kind], nullable=c.nullable) for c in columns])


def contract_schema(contract: Contract) -> pa.Schema:
    """Return the Arrow schema of a contract's Parquet file, with the partner's names."""
    return arrow_schema([msgspec.structs.replace(c.column, name=c.name) for c in contract.columns])


def flink_columns(columns: Sequence[Column]) -> str:
    """Return the column list of a Flink DDL statement: `name TYPE [NOT NULL]` for each column."""
    return ",\n".join(f"`{c.name}` {FLINK[c.kind]}{'' if c.nullable else ' NOT NULL'}" for c in columns)
