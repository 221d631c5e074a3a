"""Columns of instants: however many a contract has, each is written, and its empty cells are differences."""

from pathlib import Path

from jobs.sql.connection import connect, instants, literal
from schemas.columns import Column, Kind
from schemas.contract import ChosenColumn, Contract, choose
from transforms.lines import line_versions

CONNECTED = ChosenColumn(Column("connected_at", Kind.INSTANT, True, "when the provider was connected"), "connected_at")
CONTRACT = Contract("own", (choose("contact_id"), choose("initiated_at"), CONNECTED), time_format="%H:%M:%S")
# Every second occurs in one of the columns alone; the last call has no connection.
REVISED = """
    CREATE TABLE revised AS
    SELECT * FROM (VALUES ('a', TIMESTAMP '2026-03-01 10:00:00', TIMESTAMP '2026-03-01 10:00:20'),
                          ('b', TIMESTAMP '2026-03-01 11:00:00', NULL)) AS t(contact_id, initiated_at, connected_at)
"""


def write(folder: Path, select: str) -> dict[str, list[str]]:
    """The release's two files of these lines, as paths by name."""
    files = {name: str(folder / f"billing.{name}") for name in ("csv", "parquet")}
    with connect() as sql:
        sql.execute(REVISED)
        seconds = [second for (second,) in sql.execute(line_versions.seconds(CONTRACT, "revised")).fetchall()]
        sql.register("instants", instants(seconds, CONTRACT))
        sql.execute(line_versions.write_csv(select, "$file", CONTRACT), {"file": files["csv"]})
        sql.execute(
            f"COPY ({line_versions.parquet_lines(CONTRACT)}) TO $file (FORMAT PARQUET)", {"file": files["parquet"]}
        )
    return {name: literal([file]) for name, file in files.items()}


def differences(files: dict[str, list[str]]) -> int:
    with connect() as sql:
        sql.register("instants", instants([], CONTRACT))
        (row,) = sql.execute(line_versions.file_differences(CONTRACT), files).fetchall()
    return int(row[0])


def test_every_column_of_instants_is_written(tmp_path: Path) -> None:
    write(tmp_path, line_versions.csv_lines(CONTRACT))
    assert (tmp_path / "billing.csv").read_text().splitlines() == [
        "contact_id,initiated_at,connected_at",
        "a,10:00:00,10:00:20",
        "b,11:00:00,",
    ]


def test_an_instant_that_was_written_as_nothing_is_a_difference(tmp_path: Path) -> None:
    """Even where nobody knows how it is to be written."""
    empty = "SELECT contact_id, NULL AS initiated_at, NULL AS connected_at FROM revised ORDER BY contact_id"
    files = write(tmp_path, empty)
    assert differences(files) == 2
