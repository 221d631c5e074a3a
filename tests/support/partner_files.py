"""The files of a run: their digests, and billing lines as rows of Python values."""

import csv
import hashlib
import io
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

HEADER = (
    "contact_id,billing_date,call_type,initiated_at,call_duration_seconds,talk_seconds,hold_seconds,"
    "contact_duration_seconds,patient_phone,provider_extension,revision"
)
FILES = {"amendments.csv", "billing.csv", "billing.parquet"}
NUMBERS = {name for name in HEADER.split(",") if name.endswith("_seconds") or name == "revision"}


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones too, with the digest of its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def versions(release: Path) -> list[Path]:
    """The folders of all versions of all dates."""
    return sorted(path for path in release.glob("billing_date=*/v*") if path.is_dir())


def date_of(version: Path) -> str:
    """The billing date of a version's folder."""
    return version.parent.name.removeprefix("billing_date=")


def document(path: Path) -> Any:
    """A JSON file's content."""
    return json.loads(path.read_bytes())


def csv_rows(version: Path) -> list[dict[str, Any]]:
    """The lines of billing.csv; an empty cell is None."""
    reader = csv.DictReader(io.StringIO((version / "billing.csv").read_bytes().decode(), newline=""), strict=True)
    return [{name: _value(name, cell) for name, cell in row.items()} for row in reader]


def parquet_rows(version: Path) -> list[dict[str, Any]]:
    """The lines of billing.parquet, with dates and instants as the texts of the CSV file."""
    rows = pq.read_table(version / "billing.parquet").to_pylist()
    for row in rows:
        row["billing_date"] = row["billing_date"].isoformat()
        at = row["initiated_at"].astimezone(UTC)
        assert at.microsecond == 0
        row["initiated_at"] = at.replace(tzinfo=None).isoformat() + "Z"
    return rows


def _value(name: str, cell: str) -> Any:
    if cell == "":
        return None
    return int(cell) if name in NUMBERS else cell


def assert_complete(release: Path, date: str) -> Path | None:
    """The version that `latest.json` names, every byte of it checked; None where there is no `latest.json`."""
    folder = release / f"billing_date={date}"
    if not (folder / "latest.json").exists():
        return None
    latest = document(folder / "latest.json")
    text = (folder / latest["manifest"]).read_bytes()
    assert hashlib.sha256(text).hexdigest() == latest["sha256"]
    manifest, version = json.loads(text), (folder / latest["manifest"]).parent
    assert (manifest["billing_date"], manifest["version"]) == (date, latest["version"])
    assert version.name == f"v{latest['version']:04d}"
    assert {file["name"] for file in manifest["files"]} == FILES
    for file in manifest["files"]:
        data = (version / file["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
        amended = file["name"] == "amendments.csv"
        assert file["rows"] == (sum(manifest["amendments"].values()) if amended else manifest["control"]["billed"])
    rows = csv_rows(version)
    assert rows == parquet_rows(version)
    assert len(rows) == manifest["control"]["billed"]
    return version
