"""SQL that copies only the columns granted to a role from the rows of the ledger.

DuckDB runs `gather` per date over the tables `deliveries` and `version_status` of transforms/lines/latest_version.py,
and `granted_rows` once at the end over the table `gathered`. Instants are microseconds. A phone is needed to find
when the same patient called before and after: it is in `gathered` until then, and never in `contacts`.
"""

from collections.abc import Iterable

from schemas.outcome import LEDGER_COLUMNS
from schemas.report_columns import FROM_CALLS_BEFORE_AND_AFTER
from transforms.lines.latest_version import NEEDED

_LEDGER = {c.name for c in LEDGER_COLUMNS}
_FIRST_LEG = """
    coalesce(standing = 'counts' AND call_type = 'inbound' AND reason IS DISTINCT FROM 'channel'
             AND coalesce(initial_contact_id, contact_id) = contact_id, false)
"""
_EXPRESSIONS = {
    "chain": "coalesce(initial_contact_id, contact_id)",
    "first_leg": _FIRST_LEG,
    "phone_withheld": "patient_phone IS NULL",
    "billing_date": "$date",
}
_CALLS = f"CASE WHEN {_FIRST_LEG} THEN patient_phone END AS patient, initiated_at AS begins, contact_id AS id"


def extra_columns(granted: Iterable[str]) -> tuple[str, ...]:
    """Return the granted ledger columns beyond those that decide which row counts."""
    return tuple(name for name in granted if name in _LEDGER and name not in NEEDED)


def gather(granted: Iterable[str], first: bool) -> str:
    """Return the statement that copies the granted columns of a date's ($date) rows."""
    names = [name for name in granted if name not in FROM_CALLS_BEFORE_AND_AFTER]
    columns = ", ".join(f"{_EXPRESSIONS.get(name, name)} AS {name}" for name in names)
    into = "CREATE TEMP TABLE gathered AS" if first else "INSERT INTO gathered"
    return f"""
        {into} SELECT {", ".join(filter(None, (columns, _CALLS)))}
        FROM (FROM version_status
              UNION ALL BY NAME SELECT *, 'quarantined' AS standing FROM deliveries WHERE outcome = 'quarantined')
    """


def granted_rows(granted: Iterable[str]) -> str:
    """Return the statement that makes `contacts` from the gathered rows, with the granted columns alone."""
    return f"""
        CREATE TABLE contacts AS
        WITH calls AS (
            SELECT rowid AS row,
                   (begins - lag(begins) OVER calls) // 1000000 AS since_last_call_seconds,
                   (lead(begins) OVER calls - begins) // 1000000 AS until_next_call_seconds
            FROM gathered WHERE patient IS NOT NULL
            WINDOW calls AS (PARTITION BY patient ORDER BY begins, id)
        )
        SELECT {", ".join(granted) or "NULL AS nothing"} FROM gathered LEFT JOIN calls ON calls.row = gathered.rowid
    """
