"""Compare a date's billing lines with those of the previous version, and write the release's files."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.sql.connection import fetch_row, fetch_rows, frame, instants, literal, storage_errors
from schemas.contract import Contract
from schemas.errors import AuditFailed
from schemas.render import contract_schema
from sinks.parquet import parquet_bytes
from sinks.release import FILES
from transforms.lines import line_versions as versions

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


class ComparedLines:
    """The lines of a candidate version, compared once; their tables live in the database of `DateTables`."""

    def __init__(
        self, sql: "duckdb.DuckDBPyConnection", contract: Contract, previous: str | None, version: int, restate: bool
    ) -> None:
        """Compare the contract's columns with `previous`, the path of a billing.parquet.

        Restated lines keep their revision and have no amendments, which would repeat their previous values.
        Raises StorageError if the previous version cannot be read.
        """
        self._sql, self._contract = sql, contract
        if previous is None:
            sql.execute(versions.no_previous_lines(contract))
        else:
            with storage_errors(f"cannot read {previous}, the version before; restore it from a copy"):
                sql.execute(versions.previous_lines(contract, "$file"), {"file": literal([previous])})
        sql.execute(versions.revised_lines(contract), {"version": version})
        sql.execute(versions.amendments(contract) if previous and not restate else versions.no_amendments(contract))

    def amendments(self) -> dict[str, int]:
        """Return how many lines were added, changed and withdrawn since the previous version."""
        return dict(fetch_rows(self._sql, versions.AMENDMENTS))

    def frame(self) -> "pd.DataFrame":
        """Return the lines for the gate."""
        return frame(self._sql, versions.revised_gate_lines())

    def files(self, scratch: Path) -> dict[str, bytes]:
        """Return the release's files by name. Raises AuditFailed if CSV and Parquet do not hold the same rows."""
        contract = self._contract
        csv, parquet, amendments = (scratch / f"{name}" for name in FILES)
        statement = versions.seconds(contract, "revised_lines", "previous_lines")
        seconds = [second for (second,) in fetch_rows(self._sql, statement)]
        self._sql.register("instants", instants(seconds, contract))
        data = parquet_bytes(as_lines(self._sql.sql(versions.parquet_lines(contract)).to_arrow_table(), contract))
        self._write(versions.csv_lines(contract), csv)
        self._write(versions.csv_amendments(contract), amendments)
        with storage_errors(f"cannot write {parquet}; check the disk's space"):
            parquet.write_bytes(data)
        with storage_errors(f"cannot read the files written to {scratch}"):
            (different,) = fetch_row(
                self._sql,
                versions.file_differences(contract),
                {"csv": literal([str(csv)]), "parquet": literal([str(parquet)])},
            )
            files = {path.name: path.read_bytes() for path in (csv, parquet, amendments)}
        if different:
            raise AuditFailed(f"{csv.name} and {parquet.name} differ in {different} rows, taken in their order")
        return files

    def _write(self, select: str, file: Path) -> None:
        with storage_errors(f"cannot write {file}; check the disk's space"):
            self._sql.execute(versions.write_csv(select, "$file", self._contract), {"file": str(file)})


def as_lines(rows: pa.Table, contract: Contract) -> pa.Table:
    """Return the rows with the column types of the contract."""
    schema = contract_schema(contract)
    arrays = [rows.column(f.name).cast(f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
