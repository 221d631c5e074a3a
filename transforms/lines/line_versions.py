"""SQL that compares a date's lines with the previous version's and formats them for a contract's files.

DuckDB runs it over the tables `lines` (see transforms/lines/latest_version.py), `previous_lines` (the contract's
columns of the previous version) and `instants` (`second` since 1970, and its `text` in the CSV files). Tables have the
billing line's column names; only files have the contract's.
"""

from collections.abc import Iterable

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Kind
from schemas.contract import KEY, ChosenColumn, Contract
from schemas.data_rules import E164, FORMULA
from schemas.render import DUCKDB

# Qualified, to sort by the table's columns: formatted values with the same names may sort differently.
_ORDER = "revised_lines.initiated_at, revised_lines.contact_id"


def previous_lines(contract: Contract, file: str) -> str:
    """Return SQL that loads the lines of the previous version."""
    return f"CREATE TEMP TABLE previous_lines AS SELECT *, {_copy(contract)} AS copy FROM ({lines_in(file, contract)})"


def no_previous_lines(contract: Contract) -> str:
    """Return SQL for an empty table: there is no previous version, or it has another contract."""
    nulls = ", ".join(f"NULL::{_type(c)} AS {c.column.name}" for c in contract.columns)
    return f"CREATE TEMP TABLE previous_lines AS SELECT {nulls}, 0::BIGINT AS copy WHERE false"


def revised_lines(contract: Contract) -> str:
    """Return SQL for the lines with their revision: the previous one, unless a column of the contract changed."""
    previous_revision = "previous_lines.revision" if contract.has("revision") else "NULL"
    # Sorting once here makes the sort for each file nearly free.
    return f"""
        CREATE TEMP TABLE revised_lines AS
        SELECT new_lines.*, coalesce({previous_revision}, $version)::BIGINT AS revision
        FROM (SELECT *, {_copy(contract)} AS copy FROM lines) AS new_lines
        LEFT JOIN previous_lines ON {_same("new_lines", contract)}
        ORDER BY new_lines.initiated_at, new_lines.contact_id
    """


def amendments(contract: Contract) -> str:
    """Return SQL for the changes since the previous version: one row per added, changed or withdrawn line."""
    # Without a contact's id, a changed line looks like a withdrawn and an added one.
    pair = f"revised_lines.{KEY} = previous_lines.{KEY}" if contract.has(KEY) else _same("revised_lines", contract)
    names = [c.column.name for c in contract.columns]
    values = ", ".join(f"revised_lines.{name}" for name in names)
    previous_values = ", ".join(f"previous_lines.{name} AS previous_{name}" for name in names)
    return f"""
        CREATE TEMP TABLE amendments AS
        SELECT CASE WHEN previous_lines.copy IS NULL THEN 'ADDED'
                    WHEN revised_lines.copy IS NULL THEN 'WITHDRAWN'
                    ELSE 'CHANGED' END AS amendment, {values}, {previous_values}
        FROM revised_lines FULL JOIN previous_lines ON {pair}
        WHERE previous_lines.copy IS NULL OR revised_lines.copy IS NULL OR NOT ({_same("revised_lines", contract)})
    """


def no_amendments(contract: Contract) -> str:
    """Return SQL for no amendments: in the first version, and after a change of contract."""
    return f"{amendments(contract)} LIMIT 0"


AMENDMENTS = "SELECT amendment, count(*) FROM amendments GROUP BY amendment ORDER BY amendment"


def seconds(contract: Contract, *tables: str) -> str:
    """Return SQL for every instant in the contract's columns of these tables, in seconds since 1970."""
    names = [c.column.name for c in contract.columns if c.column.kind is Kind.INSTANT]
    selects = [
        f"SELECT DISTINCT epoch_us({name}) // 1000000 FROM {table} WHERE {name} IS NOT NULL"
        for table in tables
        for name in names
    ]
    return " UNION ".join(selects) or "SELECT 0 WHERE false"


def csv_lines(contract: Contract) -> str:
    """Return SQL for the lines of billing.csv."""
    cells = ", ".join(f"{_cell(c, c.column.name)} AS {_quoted(c.name)}" for c in contract.columns)
    return f"SELECT {cells} FROM revised_lines ORDER BY {_ORDER}"


def csv_amendments(contract: Contract) -> str:
    """Return SQL for the rows of amendments.csv: new values, then previous values; sorted by all of them."""
    values = [f"{_cell(c, c.column.name)} AS {_quoted(c.name)}" for c in contract.columns]
    previous = [f"{_cell(c, f'previous_{c.column.name}')} AS {_quoted(previous_name(c))}" for c in contract.columns]
    return f"SELECT amendment, {', '.join(values + previous)} FROM amendments ORDER BY ALL"


def parquet_lines(contract: Contract) -> str:
    """Return SQL for the lines of billing.parquet."""
    columns = ", ".join(f"{c.column.name} AS {_quoted(c.name)}" for c in contract.columns)
    return f"SELECT {columns} FROM revised_lines ORDER BY {_ORDER}"


def gate_lines(names: Iterable[str], table: str) -> str:
    """Return SQL for these columns of a table of lines, for the gate; dates as text, instants in microseconds."""
    expressions = {"billing_date": "billing_date::VARCHAR", "initiated_at": "epoch_us(initiated_at)"}
    return f"SELECT {', '.join(f'{expressions.get(name, name)} AS {name}' for name in names)} FROM {table}"


def revised_gate_lines() -> str:
    """Return SQL for all columns of the version's lines, for the gate, whatever the contract."""
    return gate_lines((column.name for column in BILLING_COLUMNS), "revised_lines")


def previous_name(chosen: ChosenColumn) -> str:
    """Return the name, in amendments.csv, of a column's previous value."""
    return f"previous_{chosen.name}"


def write_csv(select: str, file: str, contract: Contract) -> str:
    """Return SQL that writes a CSV file: RFC 4180, CRLF; a null is an empty cell, an empty text is ""."""
    return f"COPY ({select}) TO {file} (FORMAT CSV, HEADER, DELIMITER '{contract.delimiter}', NEW_LINE '\\r\\n')"


def read_parquet(file: str) -> str:
    """Return SQL that reads a Parquet file; the date in its path does not become a column."""
    return f"read_parquet({file}, hive_partitioning = false)"


def read_csv(names: list[str], file: str, contract: Contract) -> str:
    """Return SQL that reads the cells of a CSV file as text, under these names."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    return f"""
        read_csv({file}, header = true, columns = {{{columns}}}, delim = '{contract.delimiter}', quote = '"',
                 escape = '"', new_line = '\\r\\n', allow_quoted_nulls = false, auto_detect = false,
                 hive_partitioning = false)
    """


def lines_in(file: str, contract: Contract) -> str:
    """Return SQL for the lines of a billing.parquet, under the names of the billing line."""
    columns = ", ".join(f"{_parquet_value(c)} AS {c.column.name}" for c in contract.columns)
    return f"SELECT {columns} FROM {read_parquet(file)}"


def file_differences(contract: Contract) -> str:
    """Return SQL for the number of CSV rows, read as text, that differ from the Parquet row at the same position."""
    names = [c.column.name for c in contract.columns]
    cells = [f"{_cell(c, f'parquet_row.{c.column.name}')}::VARCHAR" for c in contract.columns]
    # An empty cell never equals a value, even if that value is formatted as null here.
    differences = " OR ".join(
        f"csv_row.{name} IS DISTINCT FROM {cell} OR (csv_row.{name} IS NULL) <> (parquet_row.{name} IS NULL)"
        for name, cell in zip(names, cells, strict=True)
    )
    # The join pads the shorter file with nulls, which must not equal a row of empty cells.
    return f"""
        SELECT count(*)
        FROM (SELECT true AS is_row, * FROM {read_csv(names, "$csv", contract)}) AS csv_row
        POSITIONAL JOIN (SELECT true AS is_row, * FROM ({lines_in("$parquet", contract)})) AS parquet_row
        WHERE csv_row.is_row IS DISTINCT FROM parquet_row.is_row OR {differences}
    """


def row_differences(left: str, right: str) -> str:
    """Return SQL for the number of rows that are in only one of two selects; repeated rows count each time."""
    return f"""
        WITH left_rows AS ({left}), right_rows AS ({right})
        SELECT count(*) FROM ((FROM left_rows EXCEPT ALL FROM right_rows)
                              UNION ALL (FROM right_rows EXCEPT ALL FROM left_rows))
    """


def _cell(chosen: ChosenColumn, value: str) -> str:
    """Return SQL for a value as a cell of the CSV files."""
    if chosen.column.kind is Kind.INSTANT:
        return f"(SELECT text FROM instants WHERE second = epoch_us({value}) // 1000000)"
    if chosen.column.free and chosen.spreadsheet == "quote":
        is_formula, is_phone = f"regexp_matches({value}, '^{FORMULA}')", f"regexp_full_match({value}, '{E164}')"
        return f"CASE WHEN {is_formula} AND NOT {is_phone} THEN '''' || {value} ELSE {value} END"
    return value


def _parquet_value(chosen: ChosenColumn) -> str:
    """Return SQL for a value of the Parquet file, in the type of `lines`."""
    name = _quoted(chosen.name)
    return f"make_timestamp(epoch_us({name}))" if chosen.column.kind is Kind.INSTANT else name


def _type(chosen: ChosenColumn) -> str:
    return "TIMESTAMP" if chosen.column.kind is Kind.INSTANT else DUCKDB[chosen.column.kind]


def _same(table: str, contract: Contract) -> str:
    names = [*(c.column.name for c in contract.columns if c.column.name != "revision"), "copy"]
    return " AND ".join(f"{table}.{name} IS NOT DISTINCT FROM previous_lines.{name}" for name in names)


def _copy(contract: Contract) -> str:
    """Return SQL that numbers equal lines; with a contact's id no two are equal."""
    if contract.has(KEY):
        return "1::BIGINT"
    columns = ", ".join(c.column.name for c in contract.columns if c.column.name != "revision")
    return f"row_number() OVER (PARTITION BY {columns})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
