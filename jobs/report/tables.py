"""Tables: a database with what a role was granted and nothing else, to be asked queries."""

from typing import TYPE_CHECKING, Any, Self

from jobs.sql import aside, connect
from transforms.figures import Query

if TYPE_CHECKING:
    import duckdb

Row = tuple[Any, ...]


class Tables:
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
        return aside(self._sql)

    def lacks(self, query: Query) -> tuple[str, ...]:
        """The columns that a query needs, and that were not granted."""
        return tuple(name for name in query.needs if name not in self.granted)

    def ask(self, query: Query, **named: object) -> list[Row]:
        """The rows of a query; none where a column was not granted that it needs."""
        if self.lacks(query):
            return []
        wanted = {name: value for name, value in named.items() if f"${name}" in query.sql}
        return self._sql.execute(query.sql, wanted or None).fetchall()

    def names(self) -> set[str]:
        """The names of all columns that are there."""
        found = self._sql.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
        return {name for (name,) in found}
