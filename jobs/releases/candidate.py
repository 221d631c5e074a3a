"""Build a release candidate for one date: its lines, and what is new against the version before. Read-only."""

from pathlib import Path

import msgspec

from jobs.releases.contract import contract_in
from jobs.sql.compared_lines import ComparedLines
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import DateParts
from schemas.contract import Contract
from schemas.manifest import Control
from sinks.release import ReleaseFolder
from sinks.store import Store


class Overrides(msgspec.Struct, frozen=True):
    """What an operator accepts: a date gets another contract; objects of the ledger are missing."""

    change_contract: bool = False
    missing_objects: bool = False


NO_OVERRIDES = Overrides()


class Previous(msgspec.Struct, frozen=True):
    """The newest version of a date; of version 0, which is none, nothing else is known."""

    version: int = 0
    contract: Contract | None = None
    manifest_sha256: str | None = None
    erased: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """A version that is not made yet. What is of the version before is as in the manifest.

    `objects` are the names of the ledger's objects that it was made from; `refused_contract` is the contract of the
    settings where they name another one than the version before has, and no override lets it change.
    """

    billing_date: str
    previous: Previous
    contract: Contract
    previous_contract: str | None
    amends: int | None
    control: Control
    amendments: dict[str, int]
    objects: tuple[str, ...]
    refused_contract: str | None

    @property
    def version(self) -> int:
        """The version that it would be."""
        return self.previous.version + 1

    @property
    def is_new(self) -> bool:
        """Whether there is anything to tell the partner."""
        return self.amends is None or bool(self.amendments)


def read_previous(folder: ReleaseFolder) -> Previous:
    """The newest version of a date. StorageError: its manifest is not what was written."""
    version = folder.version()
    if not version:
        return Previous()
    return Previous(
        version, contract_in(folder.manifest(version)), folder.manifest_digest(version), folder.erased(version)
    )


def compare(
    rows: DateParts,
    tables: DateTables,
    previous: Previous,
    wanted: Contract,
    overrides: Overrides,
    partner: Store,
    scratch: Path,
) -> tuple[Candidate, ComparedLines]:
    """The candidate of a date, and its lines. StorageError: the version before cannot be read."""
    # A version of another contract stands as long as none of its lines is new.
    contract = wanted if previous.contract is None or overrides.change_contract else previous.contract
    same = contract == previous.contract
    # What was erased must not come back as the value before.
    restate = same and previous.erased
    before = _lines_of(rows.date, previous.version, partner, scratch) if same else None
    lines = tables.compared(contract, before, previous.version + 1, restate)
    candidate = Candidate(
        billing_date=rows.date,
        previous=previous,
        contract=contract,
        previous_contract=previous.contract.name if previous.contract and not same else None,
        amends=previous.version if same and not restate else None,
        control=tables.control(),
        amendments=lines.amendments(),
        objects=tuple(rows.objects),
        refused_contract=wanted.name if contract != wanted else None,
    )
    return candidate, lines


def _lines_of(date: str, version: int, partner: Store, scratch: Path) -> str:
    """Where billing.parquet of a version can be read."""
    (path,) = partner.local([ReleaseFolder(partner, date).name(version, "billing.parquet")], scratch / "before")
    return path
