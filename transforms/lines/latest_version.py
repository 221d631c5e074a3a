"""Latest version: the SQL that turns a date's deliveries into its billing lines.

Pure text, run by DuckDB over two tables: `deliveries` (ledger rows) and `agents` (the history:
agent_id, extension, valid_from, valid_to in microseconds). Each statement reads as one sentence of
the rules.
"""

from schemas import outcome
from schemas.billing_rules import Precedence
from schemas.outcome import CONTENT_COLUMNS, LEDGER_COLUMNS, UNMATCHED
from schemas.render import DUCKDB

_INSTANTS = ("initiated_at", "connected_at", "disconnected_at", "updated_at")
NEEDED = ("outcome", "contact_id", *CONTENT_COLUMNS, "updated_at", "initial_contact_id")


NO_ROWS = "(SELECT {} WHERE false)".format(", ".join(f"NULL::{DUCKDB[c.kind]} AS {c.name}" for c in LEDGER_COLUMNS))


def rows(source: str, *more: str) -> str:
    """What is needed of a table of ledger rows, its instants in microseconds; and these columns more."""
    columns = ", ".join(f"epoch_us({c}) AS {c}" if c in _INSTANTS else c for c in (*NEEDED, *more))
    return f"SELECT {columns} FROM {source}"


def deliveries(*selects: str) -> str:
    """Every record read of the date, with the digest of its content; out of `rows` of parts, or of NO_ROWS."""
    # Held is billable without an extension yet: the table must not change which delivery counts.
    content = ", ".join(map(_content, CONTENT_COLUMNS))
    return f"""
        CREATE TEMP TABLE deliveries AS
        SELECT *, md5(concat_ws(chr(31), replace(outcome, 'held', 'billable'), {content})) AS content
        FROM ({" UNION ALL ".join(selects)})
    """


def _content(column: str) -> str:
    if column == "reason":
        return f"coalesce(nullif(reason, '{UNMATCHED}'), '\\N')"
    # No hold and a hold of 0 seconds are the same.
    absent = "0" if column == "hold_seconds" else "\\N"
    return f"coalesce({column}::VARCHAR, '{absent}')"


# A contact's greatest (updated_at, content) counts; its equals are duplicates, the rest superseded.
# Quarantined rows and agent events take no part. A contact's chain is no part of its content: of equals the
# greatest is taken, so that it does not matter which of them is the duplicate.
# Nearly every contact is delivered once, and need not be sorted.
VERSION_STATUS = """
    CREATE TEMP TABLE standings AS
    WITH delivered_again AS (
        SELECT contact_id FROM deliveries WHERE outcome <> 'quarantined' GROUP BY contact_id HAVING count(*) > 1
    ), ranked AS (
        SELECT rowid AS delivery,
               max(initial_contact_id) OVER newest AS first_leg,
               CASE WHEN row_number() OVER newest = 1 THEN 'counts'
                    WHEN rank() OVER newest = 1 THEN 'duplicate'
                    ELSE 'superseded' END AS standing
        FROM deliveries
        WHERE outcome <> 'quarantined' AND contact_id IN (FROM delivered_again)
        WINDOW newest AS (PARTITION BY contact_id ORDER BY updated_at DESC, content DESC)
    )
    SELECT deliveries.* REPLACE (coalesce(first_leg, initial_contact_id) AS initial_contact_id),
           coalesce(standing, 'counts') AS standing
    FROM deliveries LEFT JOIN ranked ON delivery = deliveries.rowid
    WHERE outcome <> 'quarantined'
"""


# Of a date of which nothing is billed.
NOT_BILLED = f"""
    UPDATE standings SET outcome = 'excluded', reason = '{outcome.NOT_BILLED}' WHERE outcome IN ('billable', 'held')
"""


def joined(precedence: Precedence) -> str:
    """The billable records that count, with their extension as of the moment of connection."""
    first, second = "attribute_extension", "agents.extension"
    if precedence == "directory_first":
        first, second = second, first
    return f"""
        CREATE TEMP TABLE joined AS
        SELECT standings.*,
               coalesce({first}, {second}) AS provider_extension,
               coalesce(attribute_extension <> agents.extension, false) AS extension_conflict
        FROM standings
        LEFT JOIN (SELECT * FROM agents WHERE extension <> '') AS agents
          ON agents.agent_id = standings.agent_id
         AND agents.valid_from <= standings.connected_at
         AND standings.connected_at < agents.valid_to
        WHERE standing = 'counts' AND outcome IN ('billable', 'held')
    """


# The billing lines, without their revision. Fractions of a second are dropped.
LINES = """
    CREATE TEMP TABLE lines AS
    SELECT contact_id,
           $billing_date::DATE AS billing_date,
           call_type,
           date_trunc('second', make_timestamp(initiated_at)) AS initiated_at,
           talk_seconds + coalesce(hold_seconds, 0) AS call_duration_seconds,
           talk_seconds,
           coalesce(hold_seconds, 0) AS hold_seconds,
           (disconnected_at - initiated_at) // 1000000 AS contact_duration_seconds,
           patient_phone,
           provider_extension
    FROM joined
    WHERE provider_extension IS NOT NULL
"""


def span(table: str) -> str:
    """The earliest and the latest call initiation of a table of lines, as texts."""
    return f"""
        SELECT strftime(min(initiated_at), '%Y-%m-%dT%H:%M:%SZ'), strftime(max(initiated_at), '%Y-%m-%dT%H:%M:%SZ')
        FROM {table}
    """


# The sums are those of the ledger; the gate holds the lines' against them.
CONTROL = """
    WITH billed AS (FROM joined WHERE provider_extension IS NOT NULL)
    SELECT (SELECT count(*) FROM deliveries) AS read,
           (SELECT count(*) FROM lines) AS billed,
           (SELECT count(*) FROM joined WHERE provider_extension IS NULL) AS held,
           (SELECT count(*) FROM standings WHERE standing = 'superseded') AS superseded,
           (SELECT count(*) FROM standings WHERE standing = 'duplicate') AS duplicate,
           (SELECT coalesce(sum(talk_seconds::HUGEINT + coalesce(hold_seconds, 0)), 0) FROM billed) AS call_seconds,
           (SELECT coalesce(sum(talk_seconds), 0)::HUGEINT FROM billed) AS talk_seconds,
           (SELECT coalesce(sum(hold_seconds), 0)::HUGEINT FROM billed) AS hold_seconds
"""

EXCLUDED = """
    SELECT reason, count(*) FROM standings
    WHERE standing = 'counts' AND outcome = 'excluded' GROUP BY reason ORDER BY reason
"""

QUARANTINED = """
    SELECT reason, count(*) FROM deliveries
    WHERE outcome = 'quarantined' GROUP BY reason ORDER BY reason
"""

WARNINGS = """
    SELECT count(*) FILTER (extension_conflict AND provider_extension IS NOT NULL),
           count(*) FILTER (patient_phone IS NULL AND provider_extension IS NOT NULL)
    FROM joined
"""

# The rows that count, by content: the same whether they were read live or replayed.
LEDGER_DIGEST = """
    SELECT count(*),
           sha256(coalesce(string_agg(concat_ws(chr(31), contact_id, updated_at, content), chr(30)
                                      ORDER BY contact_id, content), ''))
    FROM standings WHERE standing = 'counts'
"""


def on_neighboring_dates(*sources: str) -> str:
    """How many contacts of the date are billable in these rows of neighbouring dates as well.

    There is one where a delivery has changed the contact's InitiationTimestamp.
    """
    contacts = (f"SELECT contact_id FROM {source} WHERE outcome IN ('billable', 'held')" for source in sources)
    return f"SELECT count(*) FROM joined WHERE contact_id IN ({' UNION ALL '.join(contacts)})"


# Rows that were recycled into neighbouring dates ($date).
NEAR = "CREATE TEMP TABLE near (contact_id TEXT, outcome TEXT)"
RECYCLED_NEAR = "INSERT INTO near SELECT contact_id, outcome FROM recycled WHERE billing_date = $date"
