"""The SQL of a version's lines: its two files against each other, and lines that tables do not share."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.sql.connection import connect, instants, literal
from schemas.columns import Column, Kind
from schemas.contract import ChosenColumn, Contract, choose
from schemas.render import contract_schema
from transforms.lines import line_versions
from transforms.lines.line_versions import file_differences, row_differences

CONTRACT = Contract("own", (choose("contact_id"), choose("patient_phone", "there"), choose("talk_seconds")))
Row = tuple[str | None, str | None, int | None]
A: Row = ("a", "+12025550101", 1)
B: Row = ("b", None, 2)
EMPTY: Row = (None, None, None)
CONNECTED = ChosenColumn(Column("connected_at", Kind.INSTANT, True, "when the provider was connected"), "connected_at")
INSTANTS = Contract("own", (choose("contact_id"), choose("initiated_at"), CONNECTED), time_format="%H:%M:%S")
# Every second occurs in one of the columns alone; the last call has no connection.
REVISED = """
    CREATE TABLE revised_lines AS
    SELECT * FROM (VALUES ('a', TIMESTAMP '2026-03-01 10:00:00', TIMESTAMP '2026-03-01 10:00:20'),
                          ('b', TIMESTAMP '2026-03-01 11:00:00', NULL)) AS t(contact_id, initiated_at, connected_at)
"""


def differences(folder: Path, csv: bytes, parquet: list[Row]) -> int:
    schema = pa.schema([field.with_nullable(True) for field in contract_schema(CONTRACT)])
    columns = zip(*parquet, strict=True) if parquet else [[]] * len(schema)
    table = pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    pq.write_table(table, folder / "billing.parquet", row_group_size=50_000)
    (folder / "billing.csv").write_bytes(csv)
    paths = {name: literal([str(folder / f"billing.{name}")]) for name in ("csv", "parquet")}
    with connect() as sql:
        ((found,),) = sql.execute(file_differences(CONTRACT), paths).fetchall()
    return int(found)


def csv_of(*rows: Row) -> bytes:
    lines = [("contact_id", "there", "talk_seconds"), *rows]
    return b"".join(",".join("" if c is None else str(c) for c in line).encode() + b"\r\n" for line in lines)


@pytest.mark.parametrize(
    ("csv", "parquet", "count"),
    [
        ([A, B], [A, B], 0),
        ([], [], 0),
        ([B, A], [A, B], 2),
        ([A], [A, B], 1),
        ([A, B], [A], 1),
        ([A, B], [], 2),
        ([A, A, B], [A, B, B], 1),
        ([("a", "+12025550101", 2), B], [A, B], 1),
        ([("a", None, 1), B], [A, B], 1),
        ([A, ("b", '""', 2)], [A, B], 1),
        ([A, EMPTY], [A], 1),
        ([A], [A, EMPTY], 1),
    ],
)
def test_each_row_is_held_against_the_one_in_its_place(
    csv: list[Row], parquet: list[Row], count: int, tmp_path: Path
) -> None:
    assert differences(tmp_path, csv_of(*csv), parquet) == count


def test_places_are_kept_where_files_are_read_in_pieces(tmp_path: Path) -> None:
    """Several row groups, and more text than a reader takes at once."""
    rows: list[Row] = [(f"{n * 7919 % 1_000_003:0350d}", None, n) for n in range(110_000)]
    assert len(csv_of(*rows)) > 36 << 20
    assert differences(tmp_path, csv_of(*rows), rows) == 0
    assert differences(tmp_path, csv_of(*rows[:-2], rows[-1], rows[-2]), rows) == 2


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("a", "a", 0),
        ("aa", "a", 1),
        ("a", "aa", 1),
        ("aab", "abb", 2),
        ("ab", "ba", 0),
        ("aaa", "bb", 5),
        ("", "aa", 2),
    ],
)
def test_rows_that_two_tables_do_not_share(one: str, other: str, count: int) -> None:
    """Each counts as often as it is there, and null is like null."""
    selects = [f"SELECT unnest([{', '.join([*map(repr, letters), 'NULL'])}])" for letters in (one, other)]
    with connect() as sql:
        assert sql.execute(row_differences(*selects)).fetchall() == [(count,)]


def write_files(folder: Path, select: str) -> dict[str, list[str]]:
    """The release's two files of these lines, as paths by name."""
    files = {name: str(folder / f"billing.{name}") for name in ("csv", "parquet")}
    with connect() as sql:
        sql.execute(REVISED)
        seconds = [second for (second,) in sql.execute(line_versions.seconds(INSTANTS, "revised_lines")).fetchall()]
        sql.register("instants", instants(seconds, INSTANTS))
        sql.execute(line_versions.write_csv(select, "$file", INSTANTS), {"file": files["csv"]})
        sql.execute(
            f"COPY ({line_versions.parquet_lines(INSTANTS)}) TO $file (FORMAT PARQUET)", {"file": files["parquet"]}
        )
    return {name: literal([file]) for name, file in files.items()}


def instant_differences(files: dict[str, list[str]]) -> int:
    with connect() as sql:
        sql.register("instants", instants([], INSTANTS))
        (row,) = sql.execute(line_versions.file_differences(INSTANTS), files).fetchall()
    return int(row[0])


def test_every_column_of_instants_is_written(tmp_path: Path) -> None:
    write_files(tmp_path, line_versions.csv_lines(INSTANTS))
    assert (tmp_path / "billing.csv").read_text().splitlines() == [
        "contact_id,initiated_at,connected_at",
        "a,10:00:00,10:00:20",
        "b,11:00:00,",
    ]


def test_an_instant_that_was_written_as_nothing_is_a_difference(tmp_path: Path) -> None:
    """Even where nobody knows how it is to be written."""
    empty = "SELECT contact_id, NULL AS initiated_at, NULL AS connected_at FROM revised_lines ORDER BY contact_id"
    files = write_files(tmp_path, empty)
    assert instant_differences(files) == 2
