"""SQL that turns a date's deliveries into its billing lines.

DuckDB runs it over two tables: `deliveries` (ledger rows) and `agents` (the history: agent_id, extension, valid_from,
valid_to in microseconds). Each statement is one sentence of the rules.
"""

from schemas import outcome
from schemas.billing_rules import Precedence
from schemas.outcome import CONTENT_COLUMNS, LEDGER_COLUMNS, UNMATCHED
from schemas.render import DUCKDB

_INSTANTS = ("initiated_at", "connected_at", "disconnected_at", "updated_at")
# The ledger columns that every statement here needs.
NEEDED = ("outcome", "contact_id", *CONTENT_COLUMNS, "updated_at", "initial_contact_id", "initiation_method")

# An empty table of ledger rows.
NO_ROWS = "(SELECT {} WHERE false)".format(", ".join(f"NULL::{DUCKDB[c.kind]} AS {c.name}" for c in LEDGER_COLUMNS))


def rows(source: str, *extra_columns: str) -> str:
    """Return SQL for the needed columns of a table of ledger rows, and extra ones; instants in microseconds."""
    columns = ", ".join(f"epoch_us({c}) AS {c}" if c in _INSTANTS else c for c in (*NEEDED, *extra_columns))
    return f"SELECT {columns} FROM {source}"


def deliveries(*selects: str) -> str:
    """Return SQL for every record read for the date, with a digest of its content, from selects made by `rows`."""
    # Held counts as billable here: the agents' table must not change which delivery counts.
    content = ", ".join(map(_content, CONTENT_COLUMNS))
    return f"""
        CREATE TEMP TABLE deliveries AS
        SELECT *, md5(concat_ws(chr(31), replace(outcome, 'held', 'billable'), {content})) AS content
        FROM ({" UNION ALL ".join(selects)})
    """


def _content(column: str) -> str:
    if column == "reason":
        return f"coalesce(nullif(reason, '{UNMATCHED}'), '\\N')"
    # A null hold is the same as a hold of 0 seconds.
    absent = "0" if column == "hold_seconds" else "\\N"
    return f"coalesce({column}::VARCHAR, '{absent}')"


# A contact's greatest (updated_at, content) counts; equal rows are duplicates, the others superseded.
# Quarantined rows and agent events are left out. A contact's chain and method are not part of its content: the greatest
# among equal rows are taken, so that it does not matter which of them is the duplicate.
# Nearly every contact is delivered once and need not be sorted.
VERSION_STATUS = """
    CREATE TEMP TABLE version_status AS
    WITH repeated_contacts AS (
        SELECT contact_id FROM deliveries WHERE outcome <> 'quarantined' GROUP BY contact_id HAVING count(*) > 1
    ), ranked AS (
        SELECT rowid AS delivery,
               max(initial_contact_id) OVER newest AS first_leg,
               max(initiation_method) OVER newest AS method,
               CASE WHEN row_number() OVER newest = 1 THEN 'counts'
                    WHEN rank() OVER newest = 1 THEN 'duplicate'
                    ELSE 'superseded' END AS standing
        FROM deliveries
        WHERE outcome <> 'quarantined' AND contact_id IN (FROM repeated_contacts)
        WINDOW newest AS (PARTITION BY contact_id ORDER BY updated_at DESC, content DESC)
    )
    SELECT deliveries.* REPLACE (coalesce(first_leg, initial_contact_id) AS initial_contact_id,
                                 coalesce(method, initiation_method) AS initiation_method),
           coalesce(standing, 'counts') AS standing
    FROM deliveries LEFT JOIN ranked ON delivery = deliveries.rowid
    WHERE outcome <> 'quarantined'
"""


# For a date that is not billed.
NOT_BILLED = f"""
    UPDATE version_status SET outcome = 'excluded', reason = '{outcome.NOT_BILLED}'
    WHERE outcome IN ('billable', 'held')
"""

# For consult legs that are not billed (see transforms/lines/consult_legs.py).
CONSULT_LEGS_NOT_BILLED = f"""
    UPDATE version_status SET outcome = 'excluded', reason = '{outcome.CONSULT}'
    WHERE standing = 'counts' AND contact_id IN (SELECT contact_id FROM consult_legs)
"""


def billable_contacts(precedence: Precedence) -> str:
    """Return SQL for the billable records that count, with their extension at the time of connection."""
    first, second = "attribute_extension", "agents.extension"
    if precedence == "directory_first":
        first, second = second, first
    return f"""
        CREATE TEMP TABLE billable_contacts AS
        SELECT version_status.*,
               coalesce({first}, {second}) AS provider_extension,
               coalesce(attribute_extension <> agents.extension, false) AS extension_conflict
        FROM version_status
        LEFT JOIN (SELECT * FROM agents WHERE extension <> '') AS agents
          ON agents.agent_id = version_status.agent_id
         AND agents.valid_from <= version_status.connected_at
         AND version_status.connected_at < agents.valid_to
        WHERE standing = 'counts' AND outcome IN ('billable', 'held')
    """


# How many agents have billed or held calls, and how many of these the table has at any time; null if it is empty.
AGENTS = """
    SELECT count(DISTINCT agent_id),
           CASE WHEN EXISTS (FROM agents)
                THEN count(DISTINCT agent_id) FILTER (agent_id IN (SELECT agent_id FROM agents)) END
    FROM billable_contacts
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
    FROM billable_contacts
    WHERE provider_extension IS NOT NULL
"""


def span(table: str) -> str:
    """Return SQL for the earliest and the latest call initiation of a table of lines, as text."""
    return f"""
        SELECT strftime(min(initiated_at), '%Y-%m-%dT%H:%M:%SZ'), strftime(max(initiated_at), '%Y-%m-%dT%H:%M:%SZ')
        FROM {table}
    """


# The sums are those of the ledger; the gate compares the lines with them.
CONTROL = """
    WITH billed_contacts AS (FROM billable_contacts WHERE provider_extension IS NOT NULL)
    SELECT (SELECT count(*) FROM deliveries) AS read,
           (SELECT count(*) FROM lines) AS billed,
           (SELECT count(*) FROM billable_contacts WHERE provider_extension IS NULL) AS held,
           (SELECT count(*) FROM version_status WHERE standing = 'superseded') AS superseded,
           (SELECT count(*) FROM version_status WHERE standing = 'duplicate') AS duplicate,
           (SELECT coalesce(sum(talk_seconds::HUGEINT + coalesce(hold_seconds, 0)), 0)
            FROM billed_contacts) AS call_seconds,
           (SELECT coalesce(sum(talk_seconds), 0)::HUGEINT FROM billed_contacts) AS talk_seconds,
           (SELECT coalesce(sum(hold_seconds), 0)::HUGEINT FROM billed_contacts) AS hold_seconds
"""

EXCLUDED = """
    SELECT reason, count(*) FROM version_status
    WHERE standing = 'counts' AND outcome = 'excluded' GROUP BY reason ORDER BY reason
"""

QUARANTINED = """
    SELECT reason, count(*) FROM deliveries
    WHERE outcome = 'quarantined' GROUP BY reason ORDER BY reason
"""

WARNINGS = """
    SELECT count(*) FILTER (extension_conflict AND provider_extension IS NOT NULL),
           count(*) FILTER (patient_phone IS NULL AND provider_extension IS NOT NULL)
    FROM billable_contacts
"""

# A digest of the content of the rows that count: the same for live and replayed input.
LEDGER_DIGEST = """
    SELECT count(*),
           sha256(coalesce(string_agg(concat_ws(chr(31), contact_id, updated_at, content), chr(30)
                                      ORDER BY contact_id, content), ''))
    FROM version_status WHERE standing = 'counts'
"""


def on_neighboring_dates(*sources: str) -> str:
    """Return SQL for the number of the date's contacts that are also billable in these rows of neighboring dates.

    That happens if a delivery changed the contact's InitiationTimestamp.
    """
    contacts = (f"SELECT contact_id FROM {source} WHERE outcome IN ('billable', 'held')" for source in sources)
    return f"SELECT count(*) FROM billable_contacts WHERE contact_id IN ({' UNION ALL '.join(contacts)})"


# Rows that were recycled into neighboring dates ($date).
NEIGHBORING_ROWS = "CREATE TEMP TABLE neighboring_rows (contact_id TEXT, outcome TEXT)"
ADD_NEIGHBORING_ROWS = """
    INSERT INTO neighboring_rows SELECT contact_id, outcome FROM recycled_rows WHERE billing_date = $date
"""
