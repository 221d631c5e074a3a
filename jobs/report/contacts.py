"""Contacts: the ledger's rows in, the table `contacts` out. Here is enforced what a role may see of the ledger.

Which row of a contact counts is decided over columns that no role may see, in temporary tables that no query of a
figure can see. Only granted columns come out of them, and they are gone before anything is made of these.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jobs.report.granted_tables import GrantedTables, named_in
from jobs.runtime.progress import progress
from jobs.sql.ledger_rows import DateParts, read_date_parts
from jobs.sql.recycled_rows import parts_errors, read_recycled, sources, values
from sinks.ledger import Ledger
from transforms.lines import latest_version as latest
from transforms.report import granted_columns as gathered

if TYPE_CHECKING:
    import duckdb

_NO_DATE = DateParts("", {})


class DateObjects(msgspec.Struct, frozen=True):
    """How many objects of the ledger a date consists of, and their size in bytes."""

    count: int = 0
    size: int = 0


def read_contacts(ledger: Ledger, dates: list[str], tables: GrantedTables) -> dict[str, DateObjects]:
    """Fills `contacts` with all rows of these dates. Out: the objects that each consists of."""
    objects, recycled = {}, ledger.recycled.names()
    with tables.aside() as private:
        _gather(private, _NO_DATE, tables.granted)
        with progress(dates, "read", "date") as shown:
            for date in shown:
                with tempfile.TemporaryDirectory(prefix="contact-billing-") as scratch:
                    rows = read_date_parts(ledger, date, recycled, Path(scratch))
                    _gather(private, rows, tables.granted)
                    objects[date] = _objects(rows)
        private.execute(gathered.granted_rows(tables.granted))
    return objects


def _gather(private: "duckdb.DuckDBPyConnection", rows: DateParts, granted: tuple[str, ...]) -> None:
    """Decides which of a date's rows count, and keeps what was granted of them."""
    parts = list(rows.parts.values())
    if rows.recycled is not None:
        read_recycled(private, rows.recycled)
    found = [latest.rows(source, *gathered.more(granted)) for source in sources(parts, rows.recycled)]
    with parts_errors(rows.date, parts):
        private.execute(latest.deliveries(*found), values(rows.date, parts, rows.recycled) or None)
    private.execute(latest.VERSION_STATUS)
    statement = gathered.gather(granted, first=rows is _NO_DATE)
    private.execute(statement, named_in(statement, {"date": rows.date}))
    private.execute("DROP TABLE deliveries; DROP TABLE standings")


def _objects(rows: DateParts) -> DateObjects:
    sizes = [Path(path).stat().st_size for path in rows.objects.values()]
    return DateObjects(len(sizes), sum(sizes))
