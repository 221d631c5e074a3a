"""Versions: the SQL that tells a date's lines from those of the version before, in the form of a contract.

Pure text, run by DuckDB over the tables `lines` (see transforms/lines/latest_version.py), `previous` (the version
before, as far as the contract shows it) and `instants` (`second` since 1970, and how it is `written`).
Tables have the billing line's column names; only files have the contract's.
"""

from collections.abc import Iterable

from schemas.billing import BILLING_COLUMNS
from schemas.columns import Kind
from schemas.contract import KEY, ChosenColumn, Contract
from schemas.data_rules import E164, FORMULA
from schemas.render import DUCKDB

# By the columns of the table: what is written under their names may sort otherwise.
_ORDER = "revised.initiated_at, revised.contact_id"


def previous(contract: Contract, file: str) -> str:
    """The lines of the version before."""
    return f"CREATE TEMP TABLE previous AS SELECT *, {_copy(contract)} AS copy FROM ({lines_in(file, contract)})"


def no_previous(contract: Contract) -> str:
    """Where there is no version before, or one of another contract."""
    shown = ", ".join(f"NULL::{_type(c)} AS {c.column.name}" for c in contract.columns)
    return f"CREATE TEMP TABLE previous AS SELECT {shown}, 0::BIGINT AS copy WHERE false"


def revised(contract: Contract) -> str:
    """The lines with their revision: the version before's, unless something that the contract shows has changed."""
    before = "previous.revision" if contract.has("revision") else "NULL"
    # Sorted once here, they are nearly free to sort for each file.
    return f"""
        CREATE TEMP TABLE revised AS
        SELECT numbered.*, coalesce({before}, $version)::BIGINT AS revision
        FROM (SELECT *, {_copy(contract)} AS copy FROM lines) AS numbered
        LEFT JOIN previous ON {_same("numbered", contract)}
        ORDER BY numbered.initiated_at, numbered.contact_id
    """


def amended(contract: Contract) -> str:
    """What makes this version out of the one before: one row per line that was added, changed or withdrawn."""
    # Without a contact's id nobody can tell a changed line from one that goes and one that comes.
    pair = f"revised.{KEY} = previous.{KEY}" if contract.has(KEY) else _same("revised", contract)
    names = [c.column.name for c in contract.columns]
    now = ", ".join(f"revised.{name}" for name in names)
    before = ", ".join(f"previous.{name} AS previous_{name}" for name in names)
    return f"""
        CREATE TEMP TABLE amended AS
        SELECT CASE WHEN previous.copy IS NULL THEN 'ADDED'
                    WHEN revised.copy IS NULL THEN 'WITHDRAWN'
                    ELSE 'CHANGED' END AS amendment, {now}, {before}
        FROM revised FULL JOIN previous ON {pair}
        WHERE previous.copy IS NULL OR revised.copy IS NULL OR NOT ({_same("revised", contract)})
    """


def no_amendments(contract: Contract) -> str:
    """The first version amends nothing, and neither does one of another contract."""
    return f"{amended(contract)} LIMIT 0"


AMENDMENTS = "SELECT amendment, count(*) FROM amended GROUP BY amendment ORDER BY amendment"


def seconds(contract: Contract, *tables: str) -> str:
    """Every instant of these tables that the contract shows, in seconds since 1970."""
    names = [c.column.name for c in contract.columns if c.column.kind is Kind.INSTANT]
    selects = [
        f"SELECT DISTINCT epoch_us({name}) // 1000000 FROM {table} WHERE {name} IS NOT NULL"
        for table in tables
        for name in names
    ]
    return " UNION ".join(selects) or "SELECT 0 WHERE false"


def csv_lines(contract: Contract) -> str:
    """The lines as billing.csv has them."""
    cells = ", ".join(f"{_cell(c, c.column.name)} AS {_quoted(c.name)}" for c in contract.columns)
    return f"SELECT {cells} FROM revised ORDER BY {_ORDER}"


def csv_amendments(contract: Contract) -> str:
    """The amendments as amendments.csv has them: the new values, then those before; in the order of all of them."""
    now = [f"{_cell(c, c.column.name)} AS {_quoted(c.name)}" for c in contract.columns]
    before = [f"{_cell(c, f'previous_{c.column.name}')} AS {_quoted(previous_name(c))}" for c in contract.columns]
    return f"SELECT amendment, {', '.join(now + before)} FROM amended ORDER BY ALL"


def parquet_lines(contract: Contract) -> str:
    """The lines as billing.parquet has them."""
    shown = ", ".join(f"{c.column.name} AS {_quoted(c.name)}" for c in contract.columns)
    return f"SELECT {shown} FROM revised ORDER BY {_ORDER}"


def gate_lines(names: Iterable[str], table: str) -> str:
    """These columns of a table of lines, for the gate; dates as texts, instants in microseconds."""
    forms = {"billing_date": "billing_date::VARCHAR", "initiated_at": "epoch_us(initiated_at)"}
    return f"SELECT {', '.join(f'{forms.get(name, name)} AS {name}' for name in names)} FROM {table}"


def revised_gate_lines() -> str:
    """All lines of the version, for the gate, whatever the contract shows."""
    return gate_lines((column.name for column in BILLING_COLUMNS), "revised")


def previous_name(chosen: ChosenColumn) -> str:
    """The name in amendments.csv of a column's value before."""
    return f"previous_{chosen.name}"


def write_csv(select: str, file: str, contract: Contract) -> str:
    """Writes a CSV file: RFC 4180, CRLF; an absent value is an empty cell, an empty text is ""."""
    return f"COPY ({select}) TO {file} (FORMAT CSV, HEADER, DELIMITER '{contract.delimiter}', NEW_LINE '\\r\\n')"


def read_parquet(file: str) -> str:
    """The rows of a Parquet file; the path, which names a date, adds no column."""
    return f"read_parquet({file}, hive_partitioning = false)"


def read_csv(names: list[str], file: str, contract: Contract) -> str:
    """The cells of a CSV file as texts, under these names."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    return f"""
        read_csv({file}, header = true, columns = {{{columns}}}, delim = '{contract.delimiter}', quote = '"',
                 escape = '"', new_line = '\\r\\n', allow_quoted_nulls = false, auto_detect = false,
                 hive_partitioning = false)
    """


def lines_in(file: str, contract: Contract) -> str:
    """The lines of a billing.parquet, under the names of the billing line."""
    shown = ", ".join(f"{_read(c)} AS {c.column.name}" for c in contract.columns)
    return f"SELECT {shown} FROM {read_parquet(file)}"


def file_differences(contract: Contract) -> str:
    """How many rows of the CSV file, read as texts, are not the row of the Parquet file in the same place."""
    names = [c.column.name for c in contract.columns]
    cells = [f"{_cell(c, f'other.{c.column.name}')}::VARCHAR" for c in contract.columns]
    # A cell that was written empty is not the text of a value, whatever is made of that value here.
    unlike = " OR ".join(
        f"one.{name} IS DISTINCT FROM {cell} OR (one.{name} IS NULL) <> (other.{name} IS NULL)"
        for name, cell in zip(names, cells, strict=True)
    )
    # The shorter file is filled up with nulls, which must not pass for a row of empty cells.
    return f"""
        SELECT count(*)
        FROM (SELECT true AS there, * FROM {read_csv(names, "$csv", contract)}) AS one
        POSITIONAL JOIN (SELECT true AS there, * FROM ({lines_in("$parquet", contract)})) AS other
        WHERE one.there IS DISTINCT FROM other.there OR {unlike}
    """


def different(one: str, other: str) -> str:
    """How many rows two tables do not share, each counted as often as it is there."""
    return f"""
        WITH one AS ({one}), other AS ({other})
        SELECT count(*) FROM ((FROM one EXCEPT ALL FROM other) UNION ALL (FROM other EXCEPT ALL FROM one))
    """


def _cell(chosen: ChosenColumn, value: str) -> str:
    """A value as the CSV files write it."""
    if chosen.column.kind is Kind.INSTANT:
        return f"(SELECT written FROM instants WHERE second = epoch_us({value}) // 1000000)"
    if chosen.column.free and chosen.spreadsheet == "quote":
        runs, phone = f"regexp_matches({value}, '^{FORMULA}')", f"regexp_full_match({value}, '{E164}')"
        return f"CASE WHEN {runs} AND NOT {phone} THEN '''' || {value} ELSE {value} END"
    return value


def _read(chosen: ChosenColumn) -> str:
    """A value of the Parquet file, in the type of `lines`."""
    name = _quoted(chosen.name)
    return f"make_timestamp(epoch_us({name}))" if chosen.column.kind is Kind.INSTANT else name


def _type(chosen: ChosenColumn) -> str:
    return "TIMESTAMP" if chosen.column.kind is Kind.INSTANT else DUCKDB[chosen.column.kind]


def _same(table: str, contract: Contract) -> str:
    names = [*(c.column.name for c in contract.columns if c.column.name != "revision"), "copy"]
    return " AND ".join(f"{table}.{name} IS NOT DISTINCT FROM previous.{name}" for name in names)


def _copy(contract: Contract) -> str:
    """Tells lines apart that look the same; with a contact's id none do."""
    if contract.has(KEY):
        return "1::BIGINT"
    shown = ", ".join(c.column.name for c in contract.columns if c.column.name != "revision")
    return f"row_number() OVER (PARTITION BY {shown})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
