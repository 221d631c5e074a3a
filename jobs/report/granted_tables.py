"""Tables: a database with what a role was granted and nothing else, to be asked queries."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from jobs.sql.connection import connect, second_connection
from transforms.report.query import Query

if TYPE_CHECKING:
    import duckdb

Row = tuple[Any, ...]


def named_in(statement: str, values: Mapping[str, object]) -> dict[str, object] | None:
    """The values that a statement names: DuckDB takes no others."""
    return {name: value for name, value in values.items() if f"${name}" in statement} or None


class GrantedTables:
    """One table in memory, and which columns it was granted."""

    def __init__(self, granted: tuple[str, ...]) -> None:
        self.granted = granted
        self._sql = connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    def aside(self) -> "duckdb.DuckDBPyConnection":
        """A connection over which the table is made. What it keeps in temporary tables no query can see."""
        return second_connection(self._sql)

    def missing_columns(self, query: Query) -> tuple[str, ...]:
        """The columns that a query needs, and that were not granted."""
        return tuple(name for name in query.needs if name not in self.granted)

    def query(self, query: Query, **named: object) -> list[Row]:
        """The rows of a query; none where a column was not granted that it needs."""
        if self.missing_columns(query):
            return []
        return self._sql.execute(query.sql, named_in(query.sql, named)).fetchall()

    def names(self) -> set[str]:
        """The names of all columns that are there."""
        found = self._sql.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
        return {name for (name,) in found}
