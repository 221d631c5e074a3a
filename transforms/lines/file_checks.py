"""SQL that compares the files of a version with each other, without the ledger.

DuckDB runs it over the tables `parquet_lines` (billing.parquet under the names of the billing line), `csv_lines` and
`previous_csv_lines` (billing.csv of the version and of the previous one, as text), `csv_amendments` (amendments.csv,
as text) and `instants` (see transforms/lines/line_versions.py).
"""

from schemas.contract import Contract
from transforms.lines.line_versions import gate_lines, lines_in, read_csv, row_differences

# Columns of the billing line and their control totals.
SECONDS = {"call_duration_seconds": "call_seconds", "talk_seconds": "talk_seconds", "hold_seconds": "hold_seconds"}
AMENDMENTS = "SELECT amendment, count(*) FROM csv_amendments GROUP BY amendment ORDER BY amendment"
# Amended lines whose revision is not the version.
MISNUMBERED = """
    SELECT count(*) FROM csv_amendments WHERE amendment <> 'WITHDRAWN' AND revision IS DISTINCT FROM $version
"""
ROWS = "SELECT (SELECT count(*) FROM parquet_lines), (SELECT count(*) FROM csv_lines)"


def lines_table(contract: Contract) -> str:
    """Return SQL that loads the lines of a billing.parquet."""
    return f"CREATE TEMP TABLE parquet_lines AS {lines_in('$file', contract)}"


def csv_table(table: str, contract: Contract) -> str:
    """Return SQL that loads the cells of a billing.csv into a table."""
    return f"CREATE TEMP TABLE {table} AS FROM {read_csv(_names(contract), '$file', contract)}"


def amendments_table(contract: Contract) -> str:
    """Return SQL that loads the cells of an amendments.csv."""
    names = ["amendment", *_names(contract), *(f"previous_{name}" for name in _names(contract))]
    return f"CREATE TEMP TABLE csv_amendments AS FROM {read_csv(names, '$file', contract)}"


def total(column: str) -> str:
    """Return SQL for the sum of a column in seconds."""
    return f"SELECT coalesce(sum({column}), 0)::HUGEINT FROM parquet_lines"


def applied_amendments(contract: Contract) -> str:
    """Return SQL for the number of lines that differ from the previous version's with the amendments applied."""
    values = ", ".join(_names(contract))
    previous_values = ", ".join(f"previous_{name}" for name in _names(contract))
    amended_lines = f"""
        (FROM previous_csv_lines EXCEPT ALL SELECT {previous_values} FROM csv_amendments WHERE amendment <> 'ADDED')
        UNION ALL SELECT {values} FROM csv_amendments WHERE amendment <> 'WITHDRAWN'
    """
    return row_differences(amended_lines, "FROM csv_lines")


def unknown_amendments(contract: Contract) -> str:
    """Return SQL for the number of amendments to lines that the previous version does not have."""
    previous_values = ", ".join(f"previous_{name}" for name in _names(contract))
    return f"""
        SELECT count(*)
        FROM (SELECT {previous_values} FROM csv_amendments WHERE amendment <> 'ADDED'
              EXCEPT ALL FROM previous_csv_lines)
    """


def parquet_gate_lines(contract: Contract) -> str:
    """Return SQL for the contract's columns of the lines, for the gate."""
    return gate_lines(_names(contract), "parquet_lines")


def _names(contract: Contract) -> list[str]:
    return [c.column.name for c in contract.columns]
