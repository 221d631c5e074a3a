"""Verified: the SQL that holds the files of a version against one another, with nothing but them.

Pure text, run by DuckDB over the tables `shown` (billing.parquet under the names of the billing line),
`texts` and `texts_before` (billing.csv of the version and of the one before, as texts), `changes`
(amendments.csv, as texts) and `instants` (see transforms/lines/line_versions.py).
"""

from schemas.contract import Contract
from transforms.lines.line_versions import different, gate_lines, lines_in, read_csv

SECONDS = {"call_duration_seconds": "call_seconds", "talk_seconds": "talk_seconds", "hold_seconds": "hold_seconds"}
AMENDMENTS = "SELECT amendment, count(*) FROM changes GROUP BY amendment ORDER BY amendment"
# Amended lines that do not have the version as their revision.
MISNUMBERED = """
    SELECT count(*) FROM changes WHERE amendment <> 'WITHDRAWN' AND revision IS DISTINCT FROM $version
"""
ROWS = "SELECT (SELECT count(*) FROM shown), (SELECT count(*) FROM texts)"


def lines_table(contract: Contract) -> str:
    """The lines of a billing.parquet."""
    return f"CREATE TEMP TABLE shown AS {lines_in('$file', contract)}"


def csv_table(table: str, contract: Contract) -> str:
    """The cells of a billing.csv."""
    return f"CREATE TEMP TABLE {table} AS FROM {read_csv(_names(contract), '$file', contract)}"


def amendments_table(contract: Contract) -> str:
    """The cells of an amendments.csv."""
    names = ["amendment", *_names(contract), *(f"previous_{name}" for name in _names(contract))]
    return f"CREATE TEMP TABLE changes AS FROM {read_csv(names, '$file', contract)}"


def total(column: str) -> str:
    """The sum of a column in seconds."""
    return f"SELECT coalesce(sum({column}), 0)::HUGEINT FROM shown"


def applied_amendments(contract: Contract) -> str:
    """How many lines differ between this version and the one before with the amendments applied."""
    now = ", ".join(_names(contract))
    before = ", ".join(f"previous_{name}" for name in _names(contract))
    amended = f"""
        (FROM texts_before EXCEPT ALL SELECT {before} FROM changes WHERE amendment <> 'ADDED')
        UNION ALL SELECT {now} FROM changes WHERE amendment <> 'WITHDRAWN'
    """
    return different(amended, "FROM texts")


def unknown_amendments(contract: Contract) -> str:
    """How many amendments speak of lines that the version before has not."""
    before = ", ".join(f"previous_{name}" for name in _names(contract))
    return f"""
        SELECT count(*) FROM (SELECT {before} FROM changes WHERE amendment <> 'ADDED' EXCEPT ALL FROM texts_before)
    """


def gate_select(contract: Contract) -> str:
    """The lines for the gate, as far as the contract shows them."""
    return gate_lines(_names(contract), "shown")


def _names(contract: Contract) -> list[str]:
    return [c.column.name for c in contract.columns]
