"""The peers that the backfill is held against do its work: on a clean archive their lines are ours."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benchmarks.peers.archive import DAYS, sample, write_root
from tests.benchmarks.peers.commands import PEERS, peer
from tests.services.process import BUILD, installed, java
from tests.support.command import command
from tests.support.partner_files import HEADER, date_of, versions

CONTACTS = 4000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean archive, several files a day, and our backfill of it."""
    root = tmp_path_factory.mktemp("peers")
    write_root(root, sample(CONTACTS), per_file=500)
    options = ("--archive", root / "archive", "--agents", root / "agents.csv", "--out", root / "ours")
    finished = command("backfill", *options)
    assert finished.code == 0, finished.err
    return root


def run_peer(name: str, root: Path) -> Path:
    """Where a peer has written what it makes of the archive."""
    out, scratch = root / name, root / "tmp"
    installed(BUILD / "connectors.jar", "jars")
    home = {"JAVA_HOME": str(java().resolve().parents[1]), "TMPDIR": str(scratch)}
    scratch.mkdir()
    done = subprocess.run(peer(name, root, out), env={**os.environ, **home}, capture_output=True, check=False)
    shutil.rmtree(scratch, ignore_errors=True)
    assert done.returncode == 0, done.stderr.decode()
    return out


@pytest.mark.parametrize("name", [name for name in PEERS if name != "Flink SQL"])
def test_a_script_writes_our_bytes(root: Path, name: str) -> None:
    """Of CSV; of Parquet the same values and types."""
    out = run_peer(name, root)
    assert {folder.name for folder in out.iterdir()} == {version.parent.name for version in ours(root)}
    for version in ours(root):
        folder = out / version.parent.name
        assert (folder / "billing.csv").read_bytes() == (version / "billing.csv").read_bytes()
        assert nullable(pq.ParquetFile(folder / "billing.parquet").read()) == nullable(our_table(version))


def test_flink_sql_writes_our_lines(root: Path) -> None:
    """In several files a date, without order, and in CSV without a header."""
    out = run_peer("Flink SQL", root)
    dates = {f"date={date_of(version)}": version for version in ours(root)}
    assert {folder.name for form in out.iterdir() for folder in form.iterdir()} == set(dates)
    for date, version in dates.items():
        header, *lines = (version / "billing.csv").read_text(encoding="utf-8").splitlines()
        assert header == HEADER
        texts = [path.read_text(encoding="utf-8") for path in (out / "csv" / date).iterdir()]
        assert sorted(csv.reader("".join(texts).splitlines())) == sorted(csv.reader(lines))
        tables = [pq.ParquetFile(path).read() for path in (out / "parquet" / date).iterdir()]
        table = pa.concat_tables(tables).sort_by([("initiated_at", "ascending"), ("contact_id", "ascending")])
        assert in_utc(table) == nullable(our_table(version))


def ours(root: Path) -> list[Path]:
    """Our versions: one for every date."""
    found = versions(root / "ours" / "release")
    assert len(found) == DAYS
    return found


def our_table(version: Path) -> pa.Table:
    table = pq.read_table(version / "billing.parquet")
    assert table.num_rows > CONTACTS / 10
    return table


def nullable(table: pa.Table) -> pa.Table:
    """The table, of which no column is said never to be null: none but ours says so."""
    return table.cast(pa.schema([(field.name, field.type) for field in table.schema]))


def in_utc(table: pa.Table) -> pa.Table:
    """The table, whose instants say that they are in UTC: Flink writes UTC and does not say so."""
    place = table.schema.get_field_index("initiated_at")
    return table.set_column(place, "initiated_at", table["initiated_at"].cast(pa.timestamp("us", "UTC")))
