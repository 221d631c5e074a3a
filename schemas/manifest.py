"""The manifest of a version, `latest.json`, and the operator's audit.

A manifest has no timestamp of its own: the same ledger rows give the same bytes.
"""

import hashlib
from typing import Annotated

import msgspec

from schemas.columns import description
from schemas.contract import Delimiter, SpreadsheetPolicy


class ReleasedFile(msgspec.Struct, frozen=True):
    """A file of a release."""

    name: Annotated[str, description("file name in the version's folder")]
    bytes: Annotated[int, description("size in bytes")]
    rows: Annotated[int, description("rows without the header: billing lines or amendments")]
    sha256: Annotated[str, description("SHA-256 of the file, hexadecimal")]


class Control(msgspec.Struct, frozen=True):
    """Control totals of a date: the balance in records, and sums over the billing lines in seconds."""

    read: Annotated[int, description("records read for the date when the version was made")]
    billed: Annotated[int, description("billing lines")]
    held: Annotated[int, description("billable calls whose provider's extension is not known yet")]
    excluded: Annotated[dict[str, int], description("contacts that are not billable, by reason")]
    superseded: Annotated[int, description("deliveries replaced by a later one of the same contact")]
    duplicate: Annotated[int, description("repeated deliveries of the version that counts")]
    quarantined: Annotated[dict[str, int], description("unreadable or contradictory records, by reason")]
    call_seconds: Annotated[int, description("sum of call_duration_seconds")]
    talk_seconds: Annotated[int, description("sum of talk_seconds")]
    hold_seconds: Annotated[int, description("sum of hold_seconds")]


class Expectation(msgspec.Struct, frozen=True):
    """The result of one data rule: counts, never values."""

    rule: Annotated[str, description("name of the data rule")]
    column: Annotated[str | None, description("column of the billing line; null for rules over the whole file")]
    severity: Annotated[str, description("fail: the release is stopped; warn: it is only reported")]
    passed: Annotated[bool, description("whether the lines satisfy the rule")]
    rows: Annotated[int, description("lines checked")]
    unexpected: Annotated[int, description("lines that violate the rule")]


class ContractColumn(msgspec.Struct, frozen=True):
    """A column of the contract: its name in the files, its column of the billing line, its type and meaning."""

    name: Annotated[str, description("column name in the files")]
    column: Annotated[str, description("column name in the billing line")]
    type: Annotated[str, description("text, integer, instant or date")]
    nullable: Annotated[bool, description("whether the value may be absent (an empty cell)")]
    unit: Annotated[str, description("s for seconds, UTC for instants")]
    meaning: Annotated[str, description("description of the column")]
    spreadsheet: Annotated[
        SpreadsheetPolicy,
        description("for text that a spreadsheet would run as a formula: reject stops the release, quote prefixes '"),
    ]


class CsvForm(msgspec.Struct, frozen=True):
    """The format of the CSV files."""

    delimiter: Annotated[Delimiter, description("character between cells")]
    time_format: Annotated[str, description("format of instants, in strftime directives")]
    time_zone: Annotated[str, description("time zone of instants")]


class Manifest(msgspec.Struct, frozen=True):
    """A version of one billing date's release. The same ledger rows give the same manifest, byte for byte.

    `amends` is the version that amendments.csv applies to: null in the first version, after a change of contract
    (`previous_contract` is then the contract of the version before), and after an erased version.
    """

    contract: Annotated[str, description("name of the contract")]
    previous_contract: Annotated[str | None, description("contract of the previous version, if different")]
    previous_manifest_sha256: Annotated[
        str | None, description("SHA-256 of the previous version's manifest.json; null in the first")
    ]
    billing_date: Annotated[str, description("YYYY-MM-DD")]
    version: Annotated[int, description("version number: 1, 2, 3, without gaps")]
    amends: Annotated[
        int | None,
        description(
            "version that amendments.csv applies to; null in the first, after a change of contract, and after an "
            "erased version"
        ),
    ]
    time_zone: Annotated[str, description("time zone of the billing date")]
    files: Annotated[tuple[ReleasedFile, ...], description("the version's files")]
    control: Annotated[Control, description("read = billed + held + excluded + superseded + duplicate + quarantined")]
    amendments: Annotated[dict[str, int], description("rows of amendments.csv, by kind")]
    warnings: Annotated[dict[str, int], description("billed lines that need review, by kind")]
    earliest_initiated_at: Annotated[str | None, description("earliest call initiation, UTC")]
    latest_initiated_at: Annotated[str | None, description("latest call initiation, UTC")]
    expectations: Annotated[tuple[Expectation, ...], description("result of every data rule")]
    columns: Annotated[tuple[ContractColumn, ...], description("the contract's columns, in order")]
    csv: Annotated[CsvForm, description("format of the CSV files")]
    ledger_rows: Annotated[int, description("ledger rows that count, one per contact")]
    ledger_digest: Annotated[str, description("digest of the content of the ledger rows that count")]
    agents_digest: Annotated[str, description("digest of the agent-extension table's history")]
    settings_digest: Annotated[str, description("digest of the settings for billing, checks and warnings")]
    software_version: Annotated[str, description("version of contact-billing")]


class Latest(msgspec.Struct, frozen=True):
    """latest.json, the one object of a release that is overwritten. Its seal covers the rest: any change shows."""

    version: int
    manifest: str
    sha256: str
    published_at: str
    seal: str = ""

    def sealed(self) -> "Latest":
        """Return a copy with its seal."""
        content = msgspec.json.encode([self.version, self.manifest, self.sha256, self.published_at])
        return msgspec.structs.replace(self, seal=hashlib.sha256(content).hexdigest())


class LedgerObject(msgspec.Struct, frozen=True):
    """An object of the ledger that a version was made from."""

    name: str
    bytes: int
    sha256: str


class Audit(msgspec.Struct, frozen=True):
    """The audit of a version, published or not; for the operator, never for the partner.

    `chains` has the findings of each chain check, each a list of the contact ids concerned; `warnings` counts them
    beside the manifest's warnings.
    """

    billing_date: str
    version: int
    failures: tuple[str, ...]
    control: Control
    amendments: dict[str, int]
    expectations: tuple[Expectation, ...]
    ledger: tuple[LedgerObject, ...]
    warnings: dict[str, int] = {}
    chains: dict[str, tuple[tuple[str, ...], ...]] = {}


class Attempt(msgspec.Struct, frozen=True):
    """The last attempt to release a date, published or not; the one object of the audit that is overwritten.

    `version` is the newest after it, `ledger` a digest of the names of the ledger objects that it read.
    """

    billing_date: str
    version: int
    failures: tuple[str, ...]
    control: Control
    ledger: str


def json_text(value: msgspec.Struct) -> bytes:
    """Return a struct as indented JSON with a final newline; the same value gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
