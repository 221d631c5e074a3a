"""The package for Managed Service for Apache Flink: what is in it, and that the job starts from it alone."""

import json
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.sample.archive import write_agents
from tests.deploy.stacks import deployed
from tests.services.flink import FlinkCluster
from tests.services.kinesis import REGION, Kinesis
from tests.services.process import BUILD, ROOT, await_that, installed
from tests.support.cluster import System
from tests.support.records import changed

SCRIPT = (sys.executable, "-m", "deploy.aws.package")
# What the service calls `python`, `jarfile` and `pyFiles`.
ENTRY, JAR, FILES = "main.py", "lib/connectors.jar", "dep"
RUN_OPTIONS = "kinesis.analytics.flink.run.options"
CALLS = 50


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "contact-billing.zip"
    installed(BUILD / "connectors.jar", "jars")
    subprocess.run([*SCRIPT, path], check=True, cwd=ROOT)
    return path


def test_it_holds_the_entry_point_one_jar_and_what_they_import(package: Path) -> None:
    names = zipfile.ZipFile(package).namelist()
    assert names == sorted(set(names))
    assert Counter(name.partition("/")[0] for name in names if not name.startswith(f"{FILES}/")) == {ENTRY: 1, "lib": 1}
    assert [name for name in names if name.endswith(".jar")] == [JAR]
    folders = {name.split("/")[1] for name in names if name.startswith(f"{FILES}/")}
    assert {"jobs", "schemas", "sinks", "transforms", "conf", "msgspec", "click", "boto3", "botocore"} <= folders
    unwanted = {"tests", "deploy", "pyflink", "pyarrow", "pandas", "duckdb", "great_expectations", "pytest", "moto"}
    assert not folders & unwanted
    assert not [name for name in names if "__pycache__" in name or name.startswith(f"{FILES}/jobs/sample/")]


def test_the_application_is_told_these_names() -> None:
    told = deployed()["stream"].properties(RUN_OPTIONS)
    assert told == {"python": ENTRY, "jarfile": JAR, "pyFiles": f"{FILES}/"}


def test_the_same_files_give_the_same_bytes(package: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    subprocess.run([*SCRIPT, again], check=True, cwd=ROOT)
    assert again.read_bytes() == package.read_bytes()


def test_the_job_starts_from_it_alone(
    package: Path, system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = system.stream
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", stream.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", stream.secret_key)
    unpacked, nothing, place = (tmp_path / name for name in ("unpacked", "nothing", "place"))
    zipfile.ZipFile(package).extractall(unpacked)
    nothing.mkdir()
    write_agents(place / "agents.csv", 1)
    stream.create_stream("calls")
    python = installed(BUILD / "flink-only" / "bin" / "python", "services")
    cluster = FlinkCluster(tmp_path / "cluster", 1, 2, {}, python, nothing)
    (cluster.home / "lib" / "connectors.jar").unlink()
    try:
        cluster.start()
        job = cluster.submit(
            unpacked / ENTRY,
            "--config",
            properties(tmp_path, stream, place),
            packed=("-j", unpacked / JAR, "-pyfs", unpacked / FILES),
        )
        cluster.await_running(job)
        stream.put("calls", [(json.dumps(changed(f'ContactId = "call-{n}"')).encode(), "key") for n in range(CALLS)])
        await_that("the ledger has all calls", lambda: rows(place / "ledger") == CALLS, log=cluster.logs)
    finally:
        cluster.stop()


def properties(folder: Path, stream: Kinesis, place: Path) -> Path:
    """The application's runtime properties, as the service writes them."""
    settings = {
        "storage.ledger": str(place / "ledger"),
        "storage.agents": str(place / "agents.csv"),
        "source.kind": "kinesis",
        "source.kinesis.stream": "calls",
        "source.kinesis.region": REGION,
        "source.kinesis.endpoint": stream.endpoint,
        "source.kinesis.start": "TRIM_HORIZON",
        "stream.checkpoint_seconds": "2",
        "stream.idle_seconds": "5",
    }
    path = folder / "application_properties.json"
    path.write_text(json.dumps([{"PropertyGroupId": "contact-billing", "PropertyMap": settings}]))
    return path


def rows(ledger: Path) -> int:
    """The rows of the parts that can be seen."""
    return sum(pq.ParquetFile(part).metadata.num_rows for part in (ledger / "outcomes").rglob("part-*"))
