"""The manifest: what a release holds and why it can be trusted. It has no clock in it.

Also `latest.json`, which names the newest version, and the audit that stays with the operator.
"""

import hashlib
from typing import Annotated

import msgspec

from schemas.columns import description
from schemas.contract import Delimiter, SpreadsheetPolicy


class ReleasedFile(msgspec.Struct, frozen=True):
    """A file of a release."""

    name: Annotated[str, description("name in the version's folder")]
    bytes: Annotated[int, description("size")]
    rows: Annotated[int, description("rows without the header: lines, or amendments")]
    sha256: Annotated[str, description("digest of the file's bytes, as hexadecimal text")]


class Control(msgspec.Struct, frozen=True):
    """The balance of a date, in records, and the sums over the billed lines, in seconds."""

    read: Annotated[int, description("records read for the date, when the version was made")]
    billed: Annotated[int, description("lines")]
    held: Annotated[int, description("calls that wait for their provider's extension")]
    excluded: Annotated[dict[str, int], description("contacts that are not billed, by reason")]
    superseded: Annotated[int, description("deliveries that a later one of the same contact has replaced")]
    duplicate: Annotated[int, description("deliveries equal to the one that counts")]
    quarantined: Annotated[
        dict[str, int], description("records that cannot be read or contradict themselves, by reason")
    ]
    call_seconds: Annotated[int, description("sum of call_duration_seconds")]
    talk_seconds: Annotated[int, description("sum of talk_seconds")]
    hold_seconds: Annotated[int, description("sum of hold_seconds")]


class Expectation(msgspec.Struct, frozen=True):
    """What came of one data rule: counts, never values."""

    rule: Annotated[str, description("name of the data rule")]
    column: Annotated[str | None, description("column of the billing line; null for rules over the whole file")]
    severity: Annotated[str, description("fail stops a release, warn is told")]
    passed: Annotated[bool, description("whether the rule holds")]
    rows: Annotated[int, description("lines looked at")]
    unexpected: Annotated[int, description("lines that break the rule")]


class ContractColumn(msgspec.Struct, frozen=True):
    """A column of the contract: its name in the files, the column of the billing line that it is, what it means."""

    name: Annotated[str, description("name in the files")]
    column: Annotated[str, description("name in the billing line")]
    type: Annotated[str, description("text, integer, instant or date")]
    nullable: Annotated[bool, description("whether the value may be absent: an empty cell")]
    unit: Annotated[str, description("s for seconds, UTC for instants")]
    meaning: Annotated[str, description("what it is")]
    spreadsheet: Annotated[
        SpreadsheetPolicy,
        description("of a text that a spreadsheet would run: reject stops the release, quote adds a '"),
    ]


class CsvForm(msgspec.Struct, frozen=True):
    """How the CSV files are written."""

    delimiter: Annotated[Delimiter, description("between cells")]
    time_format: Annotated[str, description("of instants, as strftime writes it")]
    time_zone: Annotated[str, description("of instants")]


class Manifest(msgspec.Struct, frozen=True):
    """A release of one billing date. The same ledger rows give the same manifest, byte for byte.

    `amends` is the version to which amendments.csv is to be applied; null where there is none, where
    `previous_contract` is the one that the version before was made with, or where that version was erased.
    """

    contract: Annotated[str, description("name of the contract")]
    previous_contract: Annotated[str | None, description("contract of the version before, if it was another")]
    previous_manifest_sha256: Annotated[
        str | None, description("digest of the version before's manifest.json; null in the first")
    ]
    billing_date: Annotated[str, description("YYYY-MM-DD")]
    version: Annotated[int, description("1, 2, 3, without gaps")]
    amends: Annotated[
        int | None,
        description(
            "version that amendments.csv is to be applied to; null in the first, after a change of contract, and where "
            "the version before was erased"
        ),
    ]
    time_zone: Annotated[str, description("in which the billing date is meant")]
    files: Annotated[tuple[ReleasedFile, ...], description("the version's files")]
    control: Annotated[Control, description("read = billed + held + excluded + superseded + duplicate + quarantined")]
    amendments: Annotated[dict[str, int], description("rows of amendments.csv by kind")]
    warnings: Annotated[dict[str, int], description("lines that are billed but worth a look, by kind")]
    earliest_initiated_at: Annotated[str | None, description("first call initiation, UTC")]
    latest_initiated_at: Annotated[str | None, description("last call initiation, UTC")]
    expectations: Annotated[tuple[Expectation, ...], description("what came of every data rule")]
    columns: Annotated[tuple[ContractColumn, ...], description("the contract's columns, in order")]
    csv: Annotated[CsvForm, description("how the CSV files are written")]
    ledger_rows: Annotated[int, description("contacts that count")]
    ledger_digest: Annotated[str, description("digest of what counts, by content")]
    agents_digest: Annotated[str, description("digest of the agent-extension table's history")]
    settings_digest: Annotated[str, description("digest of the settings that decide what is billed, checked and told")]
    software_version: Annotated[str, description("of contact-billing")]


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


class Attempt(msgspec.Struct, frozen=True):
    """What the last try to release a date came to, published or not; the one object of an audit that is overwritten.

    `version` is the newest after it, `ledger` a digest of the names of the ledger's objects that it read.
    """

    billing_date: str
    version: int
    failures: tuple[str, ...]
    control: Control
    ledger: str


def json_text(value: msgspec.Struct) -> bytes:
    """A struct as indented JSON with a newline at the end; the same value gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
