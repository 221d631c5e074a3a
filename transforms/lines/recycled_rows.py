"""Recycled rows: the SQL that puts them in the place of the quarantined rows that they stand in for.

Pure text, run by DuckDB over ledger parts and recycled objects. A recycled row counts as long as its
quarantined row is there: an input that is read anew, under other settings, takes its rows back.
"""

from schemas.recycled import RECYCLED_COLUMNS, Suspended
from schemas.render import DUCKDB

_SHARED = ("source", "position", "length")
_KEY = ", ".join(Suspended._fields)
_IDENTITY = "from_date, source, position, length, from_reason, from_detail, payload_sha256, copy"


def _same(one: str, other: str) -> str:
    """Whether a recycled row (or its origin) and a quarantined one are alike; a NULL is like a NULL."""
    pairs = [(name, name if name in _SHARED else f"from_{name}") for name in Suspended._fields]
    return " AND ".join(f"{one}.{theirs} IS NOT DISTINCT FROM {other}.{name}" for name, theirs in pairs)


SUSPENDED = """
    CREATE OR REPLACE TEMP TABLE suspended (
        from_date TEXT, source TEXT, position TEXT, length BIGINT, reason TEXT, detail TEXT, rows BIGINT
    )
"""


def load_suspended(parts_parameter: str) -> str:
    """How many quarantined rows of a date ($date) are alike, whatever was recycled."""
    return f"""
        INSERT INTO suspended
        SELECT $date, {_KEY}, count(*) FROM read_parquet({parts_parameter})
        WHERE outcome = 'quarantined' GROUP BY {_KEY}
    """


NO_OBJECTS = "(SELECT {}, '' AS filename WHERE false)".format(
    ", ".join(f"NULL::{DUCKDB[c.kind]} AS {c.name}" for c in RECYCLED_COLUMNS)
)


def objects(parameter: str) -> str:
    """The rows of recycled objects, with the object's name."""
    return f"read_parquet({parameter}, filename = true)"


def recycled(source: str) -> str:
    """The recycled rows that count: of two recycles of a row the first by name, and no more than there are rows.

    In: objects, or NO_OBJECTS.
    """
    return f"""
        CREATE OR REPLACE TEMP TABLE recycled AS
        WITH told AS (
            SELECT *, row_number() OVER (PARTITION BY {_IDENTITY} ORDER BY filename) AS nth
            FROM {source}
        )
        SELECT told.* FROM told
        JOIN suspended ON suspended.from_date = told.from_date AND {_same("told", "suspended")}
        WHERE nth = 1
        QUALIFY row_number() OVER (
            PARTITION BY told.from_date, told.source, told.position, told.length, told.from_reason, told.from_detail
            ORDER BY told.payload_sha256, told.copy
        ) <= suspended.rows
    """


def without_recycled(table: str) -> str:
    """A table of a date's ($date) ledger rows without those that were recycled; alike ones are interchangeable."""
    return f"""
        (SELECT ledger.* EXCLUDE (nth)
         FROM (SELECT *, CASE WHEN outcome = 'quarantined' THEN row_number() OVER (PARTITION BY outcome, {_KEY}) END
                         AS nth FROM {table}) AS ledger
         LEFT JOIN (SELECT source, position, length, from_reason, from_detail, count(*) AS rows
                    FROM recycled WHERE from_date = $date GROUP BY ALL) AS gone
           ON nth IS NOT NULL AND {_same("gone", "ledger")}
         WHERE coalesce(nth > gone.rows, true))
    """


# The recycled rows that have become a date's ($date).
RECYCLED_INTO_DATE = "(SELECT * FROM recycled WHERE billing_date = $date)"

# What of a date ($date) is quarantined still: rows that are alike, and how many.
STILL_QUARANTINED = f"""
    SELECT {_KEY}, rows - (SELECT count(*) FROM recycled WHERE from_date = $date AND {_same("recycled", "suspended")})
    FROM suspended WHERE from_date = $date
    ORDER BY source, length(position), position, suspended.length, reason, detail
"""

# Which payloads of a date ($date) were recycled.
RECYCLED_FROM_DATE = """
    SELECT source, position, length, from_reason, from_detail, payload_sha256, copy FROM recycled
    WHERE from_date = $date
"""


def at_place(table: str) -> str:
    """What ledger rows of a date ($date), and recycled ones, say of a place ($source, $position)."""
    return f"""
        SELECT outcome, reason, detail, length, NULL AS now, NULL AS now_on FROM {without_recycled(table)}
        WHERE source = $source AND position = $position
        UNION ALL
        SELECT 'quarantined', from_reason, from_detail, length, outcome, billing_date FROM recycled
        WHERE from_date = $date AND source = $source AND position = $position
        ORDER BY ALL
    """


# Held rows with where they came from; of deliveries that are alike the first.
HELD = """
    SELECT agent_id, contact_id, place.source, place.position
    FROM (SELECT joined.agent_id, joined.contact_id,
                 min({'source': deliveries.source, 'position': deliveries.position}) AS place
          FROM joined JOIN deliveries USING (contact_id, updated_at, content)
          WHERE joined.provider_extension IS NULL
          GROUP BY joined.agent_id, joined.contact_id)
    ORDER BY agent_id, place
"""
