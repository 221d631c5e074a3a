"""The contents of a version: its files and its manifest in; what does not agree out.

Needs the release alone. Findings hold counts and names, never values of lines.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.releases.contract import contract_in
from jobs.releases.gate import Gate
from jobs.sql.connection import connect, frame, instants, literal, storage_errors
from schemas.data_rules import UNEXPLAINED, Limits, data_rules
from schemas.errors import StorageError
from schemas.manifest import Manifest
from schemas.render import contract_schema
from transforms.lines import file_checks as verified
from transforms.lines import latest_version as latest
from transforms.lines import line_versions as versions
from transforms.lines.control_totals import imbalance
from transforms.lines.file_checks import SECONDS


def content_findings(manifest: Manifest, files: dict[str, str], before: str | None, gate: Gate) -> Iterator[str]:
    """`files` are paths by name; `before` is the billing.csv that the amendments amend."""
    if (difference := imbalance(manifest.control)) is not None:
        yield f"manifest.json: {difference}"
    try:
        if wrong := sorted(_other_columns(manifest, files)):
            yield from (f"{name}: its columns are not the contract's" for name in wrong)
            return
        with storage_errors("cannot be read"):
            contents = VersionFiles(manifest, files, before)
            yield from contents.findings(gate)
    except (StorageError, UnicodeDecodeError, csv.Error, pa.ArrowException, OSError) as error:
        yield f"its files cannot be read as those of contract {manifest.contract} ({type(error).__name__})"


def _other_columns(manifest: Manifest, files: dict[str, str]) -> Iterator[str]:
    """The files whose columns are not the contract's."""
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
    """The files of one version, and the lines before it, as tables."""

    def __init__(self, manifest: Manifest, files: dict[str, str], before: str | None) -> None:
        self._manifest = manifest
        self._contract = contract_in(manifest)
        self._has_before = before is not None
        self._paths = {name: literal([path]) for name, path in files.items()}
        self._sql = connect()
        tables = [
            (verified.lines_table(self._contract), self._paths["billing.parquet"]),
            (verified.csv_table("texts", self._contract), self._paths["billing.csv"]),
            (verified.amendments_table(self._contract), self._paths["amendments.csv"]),
        ]
        if before is not None:
            tables.append((verified.csv_table("texts_before", self._contract), literal([before])))
        for statement, paths in tables:
            self._sql.execute(statement, {"file": paths})

    def findings(self, gate: Gate) -> Iterator[str]:
        """Everything that does not agree."""
        yield from self._totals()
        yield from self._csv_and_parquet()
        yield from self._amendments()
        yield from self._expectations(gate)

    def _totals(self) -> Iterator[str]:
        manifest, control = self._manifest, self._manifest.control
        in_parquet, in_csv = self._one(verified.ROWS)
        claims: list[tuple[str, Any, Any]] = [("control.billed", control.billed, rows) for rows in (in_parquet, in_csv)]
        if self._contract.has("initiated_at"):
            span = (manifest.earliest_initiated_at, manifest.latest_initiated_at)
            claims.append(("earliest and latest_initiated_at", span, self._one(latest.span("shown"))))
        for column, key in SECONDS.items():
            if self._contract.has(column):
                claims.append((f"control.{key}", getattr(control, key), self._one(verified.total(column))[0]))
        claims.append(("amendments", manifest.amendments, dict(self._all(verified.AMENDMENTS))))
        listed = {file.name: file.rows for file in manifest.files}
        amended = sum(manifest.amendments.values())
        rows = {"amendments.csv": amended, "billing.csv": control.billed, "billing.parquet": control.billed}
        claims.append(("files' rows", listed, rows))
        yield from (
            f"manifest.json: {what}: said {said}, found {found}" for what, said, found in claims if said != found
        )

    def _csv_and_parquet(self) -> Iterator[str]:
        seconds = self._all(versions.seconds(self._contract, "shown"))
        self._sql.register("instants", instants([second for (second,) in seconds], self._contract))
        paths = {"csv": self._paths["billing.csv"], "parquet": self._paths["billing.parquet"]}
        if rows := self._one(versions.file_differences(self._contract), paths)[0]:
            yield f"billing.csv and billing.parquet differ in {rows} rows, taken in their order"

    def _amendments(self) -> Iterator[str]:
        version, amends = self._manifest.version, self._manifest.amends
        numbered = self._contract.has("revision")
        if numbered and (rows := self._one(verified.MISNUMBERED, {"version": str(version)})[0]):
            yield f"amendments.csv: {rows} amended lines have another revision than {version}"
        if not self._has_before:
            return
        if rows := self._one(verified.unknown_amendments(self._contract))[0]:
            yield f"amendments.csv: {rows} amendments of lines that version {amends} has not"
        if rows := self._one(verified.applied_amendments(self._contract))[0]:
            yield f"amendments.csv: applied to version {amends}, it gives {rows} other lines than billing.csv"

    def _expectations(self, gate: Gate) -> Iterator[str]:
        manifest = self._manifest
        for claimed in manifest.expectations:
            if claimed.severity == "fail" and not claimed.passed:
                yield f"manifest.json: published although {claimed.rule} does not hold"
        lines = frame(self._sql, verified.gate_select(self._contract))
        known = {*lines.columns, *([UNEXPLAINED] if {*SECONDS} <= {*lines.columns} else [])}
        # The operator's limits are unknown here; they decide whether a rule passes, not how many lines break it.
        rules = data_rules(manifest.billing_date, manifest.control, self._contract, Limits())
        counts = {e.rule: (e.rows, e.unexpected) for e in manifest.expectations}
        for found in gate.check(lines, tuple(rule for rule in rules if rule.column in known)):
            if counts.get(found.rule) != (found.rows, found.unexpected):
                yield f"manifest.json: expectation {found.rule} is not what the lines give"

    def _one(self, statement: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
        (row,) = self._sql.execute(statement, values).fetchall()
        return tuple(row)

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._sql.execute(statement).fetchall()
