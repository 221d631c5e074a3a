"""A date's billing lines against those of the version before, in the form of a contract; and the release's files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jobs.sql.connection import frame, instants, literal, storage_errors
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
    """The lines of a version that is about to be made; its tables live in the database of `DateTables`."""

    def __init__(
        self, sql: "duckdb.DuckDBPyConnection", contract: Contract, before: str | None, version: int, restate: bool
    ) -> None:
        """Compares the lines with `before`, the path of a billing.parquet, as far as the contract shows them.

        Restated lines keep their revision, and nothing is said of what they were before.
        StorageError: the version before cannot be read.
        """
        self._sql, self._contract = sql, contract
        if before is None:
            sql.execute(versions.no_previous(contract))
        else:
            with storage_errors(f"cannot read {before}, the version before; restore it from a copy"):
                sql.execute(versions.previous(contract, "$file"), {"file": literal([before])})
        sql.execute(versions.revised(contract), {"version": version})
        sql.execute(versions.amended(contract) if before and not restate else versions.no_amendments(contract))

    def amendments(self) -> dict[str, int]:
        """How many lines were added, changed and withdrawn since the version before."""
        return dict(self._all(versions.AMENDMENTS))

    def frame(self) -> "pd.DataFrame":
        """The lines for the gate."""
        return frame(self._sql, versions.revised_gate_lines())

    def files(self, scratch: Path) -> dict[str, bytes]:
        """The release's files. AuditFailed: CSV and Parquet do not hold the same rows."""
        contract = self._contract
        csv, parquet, amendments = (scratch / f"{name}" for name in FILES)
        seconds = [second for (second,) in self._all(versions.seconds(contract, "revised", "previous"))]
        self._sql.register("instants", instants(seconds, contract))
        data = parquet_bytes(as_lines(self._sql.sql(versions.parquet_lines(contract)).to_arrow_table(), contract))
        self._write(versions.csv_lines(contract), csv)
        self._write(versions.csv_amendments(contract), amendments)
        with storage_errors(f"cannot write {parquet}; check the disk's space"):
            parquet.write_bytes(data)
        with storage_errors(f"cannot read the files written to {scratch}"):
            (different,) = self._one(
                versions.file_differences(contract),
                {"csv": literal([str(csv)]), "parquet": literal([str(parquet)])},
            )
            written = {path.name: path.read_bytes() for path in (csv, parquet, amendments)}
        if different:
            raise AuditFailed(f"{csv.name} and {parquet.name} differ in {different} rows, taken in their order")
        return written

    def _write(self, select: str, file: Path) -> None:
        with storage_errors(f"cannot write {file}; check the disk's space"):
            self._sql.execute(versions.write_csv(select, "$file", self._contract), {"file": str(file)})

    def _one(self, statement: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
        (row,) = self._sql.execute(statement, values).fetchall()
        return tuple(row)

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._sql.execute(statement).fetchall()


def as_lines(rows: pa.Table, contract: Contract) -> pa.Table:
    """The rows with the types of the contract."""
    schema = contract_schema(contract)
    arrays = [rows.column(f.name).cast(f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
