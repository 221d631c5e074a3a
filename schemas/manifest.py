"""The manifest: what a release holds and why it can be trusted. It has no clock in it.

Also `latest.json`, which names the newest version, and the audit that stays with the operator.
"""

import hashlib

import msgspec

from schemas.contract import Delimiter, SpreadsheetPolicy


class ReleasedFile(msgspec.Struct, frozen=True):
    """A file of a release."""

    name: str
    bytes: int
    rows: int
    sha256: str


class Control(msgspec.Struct, frozen=True):
    """The balance of a date, in records, and the sums over the billed lines, in seconds."""

    read: int
    billed: int
    held: int
    excluded: dict[str, int]
    superseded: int
    duplicate: int
    quarantined: dict[str, int]
    call_seconds: int
    talk_seconds: int
    hold_seconds: int


class Expectation(msgspec.Struct, frozen=True):
    """What came of one data rule: counts, never values."""

    rule: str
    column: str | None
    severity: str
    passed: bool
    rows: int
    unexpected: int


class ContractColumn(msgspec.Struct, frozen=True):
    """A column of the contract: its name in the files, the column of the billing line that it is, what it means."""

    name: str
    column: str
    type: str
    nullable: bool
    unit: str
    meaning: str
    spreadsheet: SpreadsheetPolicy


class CsvForm(msgspec.Struct, frozen=True):
    """How the CSV files are written."""

    delimiter: Delimiter
    time_format: str
    time_zone: str


class Manifest(msgspec.Struct, frozen=True):
    """A release of one billing date. The same ledger rows give the same manifest, byte for byte.

    `amends` is the version to which amendments.csv is to be applied; null where there is none, or where
    `previous_contract` is the one that the version before was made with.
    """

    contract: str
    previous_contract: str | None
    previous_manifest_sha256: str | None
    billing_date: str
    version: int
    amends: int | None
    time_zone: str
    files: tuple[ReleasedFile, ...]
    control: Control
    amendments: dict[str, int]
    warnings: dict[str, int]
    earliest_initiated_at: str | None
    latest_initiated_at: str | None
    expectations: tuple[Expectation, ...]
    columns: tuple[ContractColumn, ...]
    csv: CsvForm
    ledger_rows: int
    ledger_digest: str
    agents_digest: str
    settings_digest: str
    software_version: str


class Latest(msgspec.Struct, frozen=True):
    """The one object of a release that is overwritten. The seal is over the rest, so that no byte changes unseen."""

    version: int
    manifest: str
    sha256: str
    published_at: str
    seal: str = ""

    def sealed(self) -> "Latest":
        """The same with its seal."""
        rest = msgspec.json.encode([self.version, self.manifest, self.sha256, self.published_at])
        return msgspec.structs.replace(self, seal=hashlib.sha256(rest).hexdigest())


class LedgerObject(msgspec.Struct, frozen=True):
    """An object of the ledger that a version was made from."""

    name: str
    bytes: int
    sha256: str


class Audit(msgspec.Struct, frozen=True):
    """What was found of a version, published or not; the operator's, never the partner's.

    `chains` has the findings of each rule of chain sanity, a finding being the contact ids concerned; `warnings`
    counts them, beside what the manifest warns of.
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


def json_text(value: msgspec.Struct) -> bytes:
    """A struct as indented JSON with a newline at the end; the same value gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
