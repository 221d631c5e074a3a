"""Verify the contents of a version's files against its manifest, from the release alone.

Findings hold counts and names, never values of lines.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.releases.contract import contract_in
from jobs.releases.gate import Gate
from jobs.sql.connection import connect, fetch_row, fetch_rows, frame, instants, literal, storage_errors
from schemas.data_rules import UNEXPLAINED, Limits, data_rules
from schemas.errors import StorageError
from schemas.manifest import Manifest
from schemas.render import contract_schema
from transforms.lines import file_checks as checks
from transforms.lines import latest_version as latest
from transforms.lines import line_versions as versions
from transforms.lines.control_totals import imbalance
from transforms.lines.file_checks import SECONDS


def content_findings(manifest: Manifest, files: dict[str, str], previous: str | None, gate: Gate) -> Iterator[str]:
    """Report what does not agree. `files` are paths by name; `previous` is the billing.csv that was amended."""
    if (difference := imbalance(manifest.control)) is not None:
        yield f"manifest.json: {difference}"
    try:
        if wrong := sorted(_files_with_other_columns(manifest, files)):
            yield from (f"{name}: its columns are not the contract's" for name in wrong)
            return
        with storage_errors("cannot be read"):
            yield from VersionFiles(manifest, files, previous).findings(gate)
    except (StorageError, UnicodeDecodeError, csv.Error, pa.ArrowException, OSError) as error:
        yield f"its files cannot be read as those of contract {manifest.contract} ({type(error).__name__})"


def _files_with_other_columns(manifest: Manifest, files: dict[str, str]) -> Iterator[str]:
    """Yield the names of files whose columns are not the contract's."""
    contract = contract_in(manifest)
    names = [c.name for c in contract.columns]
    amended = ["amendment", *names, *(versions.previous_name(c) for c in contract.columns)]
    for name, header in (("billing.csv", names), ("amendments.csv", amended)):
        with Path(files[name]).open(encoding="utf-8", newline="") as file:
            if next(csv.reader(file, delimiter=contract.delimiter, strict=True), None) != header:
                yield name
    if not pq.read_schema(files["billing.parquet"]).equals(contract_schema(contract)):
        yield "billing.parquet"


class VersionFiles:
    """The files of one version, and the lines that its amendments amend, as tables."""

    def __init__(self, manifest: Manifest, files: dict[str, str], previous: str | None) -> None:
        self._manifest = manifest
        self._contract = contract_in(manifest)
        self._has_previous = previous is not None
        self._paths = {name: literal([path]) for name, path in files.items()}
        self._sql = connect()
        tables = [
            (checks.lines_table(self._contract), self._paths["billing.parquet"]),
            (checks.csv_table("csv_lines", self._contract), self._paths["billing.csv"]),
            (checks.amendments_table(self._contract), self._paths["amendments.csv"]),
        ]
        if previous is not None:
            tables.append((checks.csv_table("previous_csv_lines", self._contract), literal([previous])))
        for statement, paths in tables:
            self._sql.execute(statement, {"file": paths})

    def findings(self, gate: Gate) -> Iterator[str]:
        """Report everything that does not agree."""
        yield from self._check_totals()
        yield from self._compare_csv_with_parquet()
        yield from self._check_amendments()
        yield from self._check_expectations(gate)

    def _check_totals(self) -> Iterator[str]:
        manifest, control = self._manifest, self._manifest.control
        claims: list[tuple[str, Any, Any]] = [
            ("control.billed", control.billed, rows) for rows in fetch_row(self._sql, checks.ROWS)
        ]
        if self._contract.has("initiated_at"):
            span = (manifest.earliest_initiated_at, manifest.latest_initiated_at)
            actual_span = fetch_row(self._sql, latest.span("parquet_lines"))
            claims.append(("earliest and latest_initiated_at", span, actual_span))
        for column, key in SECONDS.items():
            if self._contract.has(column):
                claims.append((f"control.{key}", getattr(control, key), self._count(checks.total(column))))
        claims.append(("amendments", manifest.amendments, dict(fetch_rows(self._sql, checks.AMENDMENTS))))
        listed = {file.name: file.rows for file in manifest.files}
        amended = sum(manifest.amendments.values())
        rows = {"amendments.csv": amended, "billing.csv": control.billed, "billing.parquet": control.billed}
        claims.append(("files' rows", listed, rows))
        yield from (
            f"manifest.json: {key}: said {claimed}, found {actual}"
            for key, claimed, actual in claims
            if claimed != actual
        )

    def _compare_csv_with_parquet(self) -> Iterator[str]:
        seconds = fetch_rows(self._sql, versions.seconds(self._contract, "parquet_lines"))
        self._sql.register("instants", instants([second for (second,) in seconds], self._contract))
        paths = {"csv": self._paths["billing.csv"], "parquet": self._paths["billing.parquet"]}
        if rows := self._count(versions.file_differences(self._contract), paths):
            yield f"billing.csv and billing.parquet differ in {rows} rows, taken in their order"

    def _check_amendments(self) -> Iterator[str]:
        version, amends = self._manifest.version, self._manifest.amends
        has_revision = self._contract.has("revision")
        if has_revision and (rows := self._count(checks.MISNUMBERED, {"version": str(version)})):
            yield f"amendments.csv: {rows} amended lines have another revision than {version}"
        if not self._has_previous:
            return
        if rows := self._count(checks.unknown_amendments(self._contract)):
            yield f"amendments.csv: {rows} amendments of lines that version {amends} does not have"
        if rows := self._count(checks.applied_amendments(self._contract)):
            yield f"amendments.csv: applied to version {amends}, it gives {rows} other lines than billing.csv"

    def _check_expectations(self, gate: Gate) -> Iterator[str]:
        manifest = self._manifest
        for claimed in manifest.expectations:
            if claimed.severity == "fail" and not claimed.passed:
                yield f"manifest.json: published although {claimed.rule} does not hold"
        lines = frame(self._sql, checks.parquet_gate_lines(self._contract))
        columns = {*lines.columns, *([UNEXPLAINED] if {*SECONDS} <= {*lines.columns} else [])}
        # The operator's limits are unknown here; they decide whether a rule passes, not how many lines break it.
        rules = data_rules(manifest.billing_date, manifest.control, self._contract, Limits())
        counts = {e.rule: (e.rows, e.unexpected) for e in manifest.expectations}
        for actual in gate.check(lines, tuple(rule for rule in rules if rule.column in columns)):
            if counts.get(actual.rule) != (actual.rows, actual.unexpected):
                yield f"manifest.json: expectation {actual.rule} is not what the lines give"

    def _count(self, statement: str, values: dict[str, Any] | None = None) -> Any:
        """Return the only value of a statement's result."""
        (value,) = fetch_row(self._sql, statement, values)
        return value
