"""Fill the table `contacts` from the ledger; enforces which columns of the ledger a role may see.

Columns that no role may see decide which row of a contact counts. They stay in temporary tables that no query of a
figure can read, and that no longer exist when the figures are made; only granted columns leave them.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jobs.report.granted_tables import GrantedTables, parameters_of
from jobs.runtime.progress import progress
from jobs.sql.ledger_rows import DateParts, read_date_parts
from jobs.sql.recycled_rows import parts_errors, read_recycled, sources, values
from sinks.ledger import Ledger
from transforms.lines import latest_version as latest
from transforms.report import granted_columns

if TYPE_CHECKING:
    import duckdb

_NO_DATE = DateParts("", {})


class DateObjects(msgspec.Struct, frozen=True):
    """The number and the total size (bytes) of the ledger objects of a date."""

    count: int = 0
    size: int = 0


def read_contacts(ledger: Ledger, dates: list[str], tables: GrantedTables) -> dict[str, DateObjects]:
    """Fill `contacts` with all rows of these dates. Return the ledger objects of each date."""
    objects, recycled = {}, ledger.recycled.names()
    with tables.private_connection() as private:
        _gather(private, _NO_DATE, tables.granted)
        with progress(dates, "read", "date") as remaining:
            for date in remaining:
                with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
                    rows = read_date_parts(ledger, date, recycled, Path(scratch))
                    _gather(private, rows, tables.granted)
                    objects[date] = _objects(rows)
        private.execute(granted_columns.granted_rows(tables.granted))
    return objects


def _gather(private: "duckdb.DuckDBPyConnection", rows: DateParts, granted: tuple[str, ...]) -> None:
    """Decide which of a date's rows count, and copy their granted columns."""
    parts = list(rows.parts.values())
    if rows.recycled is not None:
        read_recycled(private, rows.recycled)
    selects = [latest.rows(source, *granted_columns.extra_columns(granted)) for source in sources(parts, rows.recycled)]
    with parts_errors(rows.date, parts):
        private.execute(latest.deliveries(*selects), values(rows.date, parts, rows.recycled) or None)
    private.execute(latest.VERSION_STATUS)
    statement = granted_columns.gather(granted, first=rows is _NO_DATE)
    private.execute(statement, parameters_of(statement, {"date": rows.date}))
    private.execute("DROP TABLE deliveries; DROP TABLE version_status")


def _objects(rows: DateParts) -> DateObjects:
    sizes = [Path(path).stat().st_size for path in rows.objects.values()]
    return DateObjects(len(sizes), sum(sizes))
