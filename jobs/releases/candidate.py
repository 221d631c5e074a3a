"""Build a release candidate for one date: its lines, and how they differ from the previous version. Read-only."""

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
    """What an operator accepts: that a date changes its contract; that ledger objects are missing."""

    change_contract: bool = False
    missing_objects: bool = False


NO_OVERRIDES = Overrides()


class Previous(msgspec.Struct, frozen=True):
    """The newest version of a date; version 0, with no other field set, if the date has none."""

    version: int = 0
    contract: Contract | None = None
    manifest_sha256: str | None = None
    erased: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """A version that is not published yet. Fields about the previous version are as in the manifest.

    `objects` are the names of the ledger objects that it was made from; `refused_contract` is the contract of the
    settings if it differs from that of the previous version, and no override accepts the change. Of the `agents` who
    have billed or held calls, the agents' table has `known_agents` (None if it is empty).
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
    agents: int
    known_agents: int | None

    @property
    def version(self) -> int:
        """Its number, if it is published."""
        return self.previous.version + 1

    @property
    def is_new(self) -> bool:
        """Whether the partner needs a new version."""
        return self.amends is None or bool(self.amendments)


def read_previous(folder: ReleaseFolder) -> Previous:
    """Return the newest version of a date. Raises StorageError if its manifest was altered."""
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
    settings_contract: Contract,
    overrides: Overrides,
    partner: Store,
    scratch: Path,
) -> tuple[Candidate, ComparedLines]:
    """Return the candidate of a date, and its lines. Raises StorageError if the previous version cannot be read."""
    # A version keeps its contract as long as none of its lines changes.
    contract = settings_contract if previous.contract is None or overrides.change_contract else previous.contract
    same = contract == previous.contract
    # An erased value must not come back as the previous value of an amendment.
    restate = same and previous.erased
    previous_lines = _lines_path(rows.date, previous.version, partner, scratch) if same else None
    agents, known_agents = tables.agents()
    lines = tables.compare(contract, previous_lines, previous.version + 1, restate)
    candidate = Candidate(
        billing_date=rows.date,
        previous=previous,
        contract=contract,
        previous_contract=previous.contract.name if previous.contract and not same else None,
        amends=previous.version if same and not restate else None,
        control=tables.control(),
        amendments=lines.amendments(),
        objects=tuple(rows.objects),
        refused_contract=settings_contract.name if contract != settings_contract else None,
        agents=agents,
        known_agents=known_agents,
    )
    return candidate, lines


def _lines_path(date: str, version: int, partner: Store, scratch: Path) -> str:
    """Return the local path of a version's billing.parquet."""
    (path,) = partner.local([ReleaseFolder(partner, date).name(version, "billing.parquet")], scratch / "before")
    return path
