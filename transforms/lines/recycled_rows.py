"""SQL that replaces quarantined rows with the rows that were recycled from them.

DuckDB runs it over ledger parts and recycled objects. A recycled row counts as long as its quarantined row exists: an
input that is read again, under other settings, replaces both.
"""

from schemas.recycled import RECYCLED_COLUMNS, Suspended
from schemas.render import DUCKDB

_SHARED = ("source", "position", "length")
_KEY = ", ".join(Suspended._fields)
_IDENTITY = "from_date, source, position, length, from_reason, from_detail, payload_sha256, copy"


def _same_row(recycled: str, quarantined: str) -> str:
    """Return SQL for whether a recycled row (or its origin) and a quarantined one are equal; NULL equals NULL."""
    pairs = [(name, name if name in _SHARED else f"from_{name}") for name in Suspended._fields]
    return " AND ".join(f"{recycled}.{origin} IS NOT DISTINCT FROM {quarantined}.{name}" for name, origin in pairs)


QUARANTINED_ROWS = """
    CREATE OR REPLACE TEMP TABLE quarantined_rows (
        from_date TEXT, source TEXT, position TEXT, length BIGINT, reason TEXT, detail TEXT, rows BIGINT
    )
"""


def load_quarantined_rows(parts_parameter: str) -> str:
    """Return SQL that counts equal quarantined rows of a date ($date), recycled or not."""
    return f"""
        INSERT INTO quarantined_rows
        SELECT $date, {_KEY}, count(*) FROM read_parquet({parts_parameter})
        WHERE outcome = 'quarantined' GROUP BY {_KEY}
    """


# An empty table of recycled objects' rows.
NO_OBJECTS = "(SELECT {}, '' AS filename WHERE false)".format(
    ", ".join(f"NULL::{DUCKDB[c.kind]} AS {c.name}" for c in RECYCLED_COLUMNS)
)


def objects(parameter: str) -> str:
    """Return SQL for the rows of recycled objects, with the object's name."""
    return f"read_parquet({parameter}, filename = true)"


def recycled_rows(source: str) -> str:
    """Return SQL for the recycled rows that count, from `objects` or NO_OBJECTS.

    If a row was recycled twice, the first object by name counts; and there are never more than quarantined rows.
    """
    return f"""
        CREATE OR REPLACE TEMP TABLE recycled_rows AS
        WITH candidates AS (
            SELECT *, row_number() OVER (PARTITION BY {_IDENTITY} ORDER BY filename) AS nth
            FROM {source}
        )
        SELECT candidates.* FROM candidates
        JOIN quarantined_rows
          ON quarantined_rows.from_date = candidates.from_date AND {_same_row("candidates", "quarantined_rows")}
        WHERE nth = 1
        QUALIFY row_number() OVER (
            PARTITION BY candidates.from_date, candidates.source, candidates.position, candidates.length,
                         candidates.from_reason, candidates.from_detail
            ORDER BY candidates.payload_sha256, candidates.copy
        ) <= quarantined_rows.rows
    """


def without_recycled(table: str) -> str:
    """Return SQL for a date's ($date) ledger rows without the recycled ones; equal rows are interchangeable."""
    return f"""
        (SELECT ledger.* EXCLUDE (nth)
         FROM (SELECT *, CASE WHEN outcome = 'quarantined' THEN row_number() OVER (PARTITION BY outcome, {_KEY}) END
                         AS nth FROM {table}) AS ledger
         LEFT JOIN (SELECT source, position, length, from_reason, from_detail, count(*) AS rows
                    FROM recycled_rows WHERE from_date = $date GROUP BY ALL) AS recycled_counts
           ON nth IS NOT NULL AND {_same_row("recycled_counts", "ledger")}
         WHERE coalesce(nth > recycled_counts.rows, true))
    """


# The rows that were recycled into a date ($date).
RECYCLED_INTO_DATE = "(SELECT * FROM recycled_rows WHERE billing_date = $date)"

# The rows of a date ($date) that are still quarantined, with the number of equal ones.
STILL_QUARANTINED = f"""
    SELECT {_KEY}, rows - (SELECT count(*) FROM recycled_rows
                           WHERE from_date = $date AND {_same_row("recycled_rows", "quarantined_rows")})
    FROM quarantined_rows WHERE from_date = $date
    ORDER BY source, length(position), position, quarantined_rows.length, reason, detail
"""

# The payloads of a date ($date) that were recycled.
RECYCLED_FROM_DATE = """
    SELECT source, position, length, from_reason, from_detail, payload_sha256, copy FROM recycled_rows
    WHERE from_date = $date
"""


def rows_at_position(table: str) -> str:
    """Return SQL for the ledger rows and recycled rows of a date ($date) at a position ($source, $position)."""
    return f"""
        SELECT outcome, reason, detail, length, NULL AS new_outcome, NULL AS new_date FROM {without_recycled(table)}
        WHERE source = $source AND position = $position
        UNION ALL
        SELECT 'quarantined', from_reason, from_detail, length, outcome, billing_date FROM recycled_rows
        WHERE from_date = $date AND source = $source AND position = $position
        ORDER BY ALL
    """


# Held rows with their position; of equal deliveries the first.
HELD = """
    SELECT agent_id, contact_id, first_delivery.source, first_delivery.position
    FROM (SELECT held.agent_id, held.contact_id,
                 min({'source': deliveries.source, 'position': deliveries.position}) AS first_delivery
          FROM billable_contacts AS held JOIN deliveries USING (contact_id, updated_at, content)
          WHERE held.provider_extension IS NULL
          GROUP BY held.agent_id, held.contact_id)
    ORDER BY agent_id, first_delivery
"""
