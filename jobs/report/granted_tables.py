"""Query a database that contains only the columns granted to a role."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from jobs.sql.connection import connect, second_connection
from transforms.report.query import Query

if TYPE_CHECKING:
    import duckdb

Row = tuple[Any, ...]


def parameters_of(statement: str, values: Mapping[str, object]) -> dict[str, object] | None:
    """Return the values whose names are in a statement: DuckDB rejects others."""
    return {name: value for name, value in values.items() if f"${name}" in statement} or None


class GrantedTables:
    """One table in memory, and the columns granted to the role."""

    def __init__(self, granted: tuple[str, ...]) -> None:
        self.granted = granted
        self._sql = connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    def private_connection(self) -> "duckdb.DuckDBPyConnection":
        """Return a connection that fills the table; its temporary tables are invisible to queries."""
        return second_connection(self._sql)

    def missing_columns(self, query: Query) -> tuple[str, ...]:
        """Return the columns that a query needs and that are not granted."""
        return tuple(name for name in query.needs if name not in self.granted)

    def query(self, query: Query, **parameters: object) -> list[Row]:
        """Return the rows of a query; none if it needs a column that is not granted."""
        if self.missing_columns(query):
            return []
        return self._sql.execute(query.sql, parameters_of(query.sql, parameters)).fetchall()

    def names(self) -> set[str]:
        """Return the names of all columns of the database."""
        rows = self._sql.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
        return {name for (name,) in rows}
