"""DuckDB as it is used: nothing is fetched, instants are UTC, paths are literal, errors hold no value."""

from pathlib import Path

import duckdb
import pytest

from jobs.sql.connection import connect, frame, instants, literal, second_connection, storage_errors
from schemas.contract import BILLING_V1
from schemas.errors import StorageError


@pytest.mark.parametrize("setting", ["autoinstall_known_extensions", "autoload_known_extensions"])
def test_nothing_is_fetched(setting: str) -> None:
    with connect() as sql:
        assert sql.execute(f"SELECT current_setting('{setting}')").fetchall() == [(False,)]


def test_instants_are_utc_wherever_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    with connect() as sql, second_connection(sql) as other:
        for one in (sql, other):
            assert one.execute("SELECT '2026-03-01 10:00:00'::TIMESTAMPTZ::VARCHAR").fetchall() == [
                ("2026-03-01 10:00:00+00",)
            ]


def test_aside_sees_tables_and_none_that_are_temporary() -> None:
    with connect() as sql, second_connection(sql) as other:
        sql.execute("CREATE TABLE there AS SELECT 1")
        sql.execute("CREATE TEMP TABLE ours AS SELECT 1")
        assert other.execute("FROM there").fetchall() == [(1,)]
        with pytest.raises(duckdb.CatalogException):
            other.execute("FROM ours")


def test_paths_are_no_patterns(tmp_path: Path) -> None:
    with connect() as sql:
        for name in ("a*.csv", "ab.csv", "a[b].csv"):
            (tmp_path / name).write_text(f"n\n{len(name)}\n")
            found = sql.execute("FROM read_csv($1)", [literal([str(tmp_path / name)])]).fetchall()
            assert found == [(len(name),)]


def test_what_goes_wrong_is_told_without_a_value() -> None:
    with connect() as sql, pytest.raises(StorageError) as told, storage_errors("cannot be read"):
        sql.execute("SELECT 'MARK-7f3'::INT")
    assert str(told.value) == "cannot be read (ConversionException)"
    assert told.value.__suppress_context__
    with pytest.raises(StorageError, match=r"cannot be read \(FileNotFoundError\)"), storage_errors("cannot be read"):
        Path("/nowhere/at/all").read_bytes()


def test_the_gate_sees_absent_texts_as_absent() -> None:
    with connect() as sql:
        lines = frame(sql, "SELECT * FROM (VALUES ('1', 'x'), (NULL, NULL), ('1', 'y')) AS t(call_type, contact_id)")
    assert lines["call_type"].isna().tolist() == lines["contact_id"].isna().tolist() == [False, True, False]
    assert str(lines["call_type"].dtype) == "category"
    assert lines["call_type"].cat.categories.tolist() == ["1"]


def test_every_instant_has_its_text() -> None:
    told = instants([0, 1_772_359_200], BILLING_V1)
    assert told.to_dict("list") == {
        "second": [0, 1_772_359_200],
        "text": ["1970-01-01T00:00:00Z", "2026-03-01T10:00:00Z"],
    }
    assert instants([], BILLING_V1).dtypes.astype(str).to_dict() == {"second": "int64", "text": "object"}
