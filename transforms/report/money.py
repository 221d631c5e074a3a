"""Queries of the billing page, over the lines of the newest versions (`lines`: billing_date and granted columns)."""

from collections.abc import Iterable

from schemas.billing import BILLING_COLUMNS
from schemas.contract import Contract
from schemas.render import DUCKDB
from transforms.lines.line_versions import lines_in
from transforms.report.query import Query

# Dates are text, as everywhere on a page.
_KINDS = {c.name: DUCKDB[c.kind] for c in BILLING_COLUMNS} | {"billing_date": "VARCHAR"}

# Compared with the manifest of the date.
LINES = Query(("billing_date",), "SELECT billing_date, count(*) FROM lines GROUP BY ALL ORDER BY ALL")
SECONDS = Query(
    ("billing_date", "call_duration_seconds"),
    "SELECT billing_date, sum(call_duration_seconds)::BIGINT FROM lines GROUP BY ALL ORDER BY ALL",
)

BY_CALL_TYPE = Query(
    ("billing_date", "call_type", "call_duration_seconds"),
    """
    SELECT billing_date, call_type, count(*), sum(call_duration_seconds)::BIGINT
    FROM lines GROUP BY ALL ORDER BY ALL
    """,
)

BY_EXTENSION = Query(
    ("provider_extension", "call_type", "call_duration_seconds"),
    """
    SELECT provider_extension, count(*) FILTER (call_type = 'inbound'), count(*) FILTER (call_type = 'outbound'),
           count(*), sum(call_duration_seconds)::BIGINT AS seconds
    FROM lines GROUP BY ALL ORDER BY seconds DESC, provider_extension
    """,
)

BY_DATE_AND_EXTENSION = Query(
    ("billing_date", "provider_extension", "call_duration_seconds"),
    """
    SELECT billing_date, provider_extension, count(*), sum(call_duration_seconds)::BIGINT
    FROM lines GROUP BY ALL ORDER BY ALL
    """,
)


def lines_table(granted: Iterable[str]) -> str:
    """Return the statement that creates the empty table of lines."""
    return f"CREATE TABLE lines ({', '.join(f'{name} {_KINDS[name]}' for name in granted) or 'nothing VARCHAR'})"


def granted_lines(granted: Iterable[str], contract: Contract) -> str:
    """Return the statement that adds a date's ($date) billing.parquet ($file): granted columns, null if not in it."""
    expressions = {name: name for name in granted if contract.has(name)} | {"billing_date": "$date"}
    columns = ", ".join(f"{expressions.get(name, 'NULL')} AS {name}" for name in granted)
    return f"INSERT INTO lines SELECT {columns or 'NULL AS nothing'} FROM ({lines_in('$file', contract)})"
