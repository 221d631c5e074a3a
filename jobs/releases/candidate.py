"""A draft: a date's ledger rows in; what a version of it would be, and what the gate says of it, out.

Nothing is written here.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from jobs.releases import data_docs
from jobs.releases.contract import contract_in, contract_of
from jobs.releases.gate import Gate, failures
from jobs.releases.missing_objects import vanished
from jobs.settings.settings import Settings
from jobs.sql.date_tables import Workbench
from jobs.sql.ledger_rows import DateRows, objects_of, rows_of
from schemas.contract import Contract
from schemas.data_rules import data_rules, volume_rule
from schemas.manifest import Control, Expectation, LedgerObject
from sinks.audits import read_audit
from sinks.ledger import Ledger
from sinks.release import ReleaseFolder
from sinks.store import Store
from transforms.lines.control_totals import imbalance
from transforms.lines.related_dates import neighbours, trailing

_AFTER_A_LOSS = "restore what is gone, see docs/operations.md, or accept it with release --accept-loss"


class Allowed(msgspec.Struct, frozen=True):
    """What an operator has to allow: that a date gets another contract, and that objects of the ledger are gone."""

    change_contract: bool = False
    loss: bool = False


NOTHING_MORE = Allowed()


class Draft(msgspec.Struct, frozen=True):
    """A version that is not made yet; what is before it is as in the manifest.

    `names` are the ledger's objects that it was made from; `ledger` has their digests, where something is new.
    `trailing` is what came of the rules that look at other dates, which are the operator's alone; so are `chains`
    and `page`.
    """

    billing_date: str
    before: int
    contract: Contract
    previous_contract: str | None
    previous_manifest_sha256: str | None
    amends: int | None
    control: Control
    amendments: dict[str, int]
    names: tuple[str, ...] = ()
    ledger: tuple[LedgerObject, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    trailing: tuple[Expectation, ...] = ()
    failures: tuple[str, ...] = ()
    ledger_rows: int = 0
    ledger_digest: str = ""
    chains: dict[str, tuple[tuple[str, ...], ...]] = {}
    page: bytes = b""

    @property
    def version(self) -> int:
        return self.before + 1

    @property
    def is_new(self) -> bool:
        """Whether there is anything to tell the partner."""
        return self.amends is None or bool(self.amendments)


class Drafter:
    """Drafts versions of the dates of one ledger."""

    def __init__(self, ledger: Ledger, partner: Store, audits: Store, settings: Settings) -> None:
        """SettingsError: the contract cannot be used."""
        self._ledger = ledger
        self._partner = partner
        self._audits = audits
        self._settings = settings
        self._contract = contract_of(settings)
        self._gate = Gate()

    def draft(self, date: str, bench: Workbench, scratch: Path, allowed: Allowed = NOTHING_MORE) -> Draft:
        """Loads the bench with a date, and says what is new; where something is, also whether it may be published."""
        recycled = self._ledger.recycled.names()
        rows = load(self._ledger, date, bench, scratch, recycled)
        draft = self._compared(date, bench, scratch, allowed.change_contract)
        draft = msgspec.structs.replace(draft, names=tuple(rows.objects))
        if not draft.is_new:
            return draft
        lost = () if allowed.loss else self._lost(draft, rows)
        draft = msgspec.structs.replace(draft, ledger=objects_of(rows), failures=(*draft.failures, *lost))
        return self._checked(draft, bench, scratch, recycled)

    def load(self, date: str, bench: Workbench, scratch: Path) -> None:
        """Reads a date's part of the ledger."""
        load(self._ledger, date, bench, scratch, self._ledger.recycled.names())

    def _compared(self, date: str, bench: Workbench, scratch: Path, change_contract: bool) -> Draft:
        folder = ReleaseFolder(self._partner, date)
        before = folder.version()
        made_with = contract_in(folder.manifest(before)) if before else None
        # A version of another contract stands as long as none of its lines is new.
        contract = self._contract if made_with is None or change_contract else made_with
        compared = before if contract == made_with else None
        # What was erased must not come back as the value before.
        restate = compared is not None and folder.erased(before)
        bench.compare(contract, self._lines_of(folder, compared, scratch), before + 1, restate)
        refused = (
            f"contract_changed: version {before} has contract {contract.name}, and the settings another; "
            "restate it with release --change-contract"
        )
        return Draft(
            billing_date=date,
            before=before,
            contract=contract,
            previous_contract=made_with.name if made_with and compared is None else None,
            previous_manifest_sha256=folder.manifest_digest(before) if before else None,
            amends=None if restate else compared,
            control=bench.control(),
            amendments=bench.amendments(),
            failures=(refused,) if contract != self._contract else (),
        )

    def _lost(self, draft: Draft, rows: DateRows) -> Iterator[str]:
        """What of the ledger the version before was made from, and this one would not be."""
        if not draft.before:
            return
        if (audit := read_audit(self._audits, draft.billing_date, draft.before)) is None:
            yield f"audit_gone: nobody knows what version {draft.before} was made from; {_AFTER_A_LOSS}"
        elif gone := vanished(self._ledger, rows, audit):
            first = self._ledger.store.location(gone[0])
            yield (
                f"ledger_objects_gone: {len(gone)} that version {draft.before} was made from no longer count, "
                f"the first is {first}; {_AFTER_A_LOSS}"
            )

    def _checked(self, draft: Draft, bench: Workbench, scratch: Path, recycled: tuple[str, ...]) -> Draft:
        limits, lines = self._settings.gate, bench.frame()
        rules = data_rules(draft.billing_date, draft.control, draft.contract, limits)
        volume = volume_rule(self._trailing(draft.billing_date), limits)
        # The gate is all Python, and the tables' queries are not: they run side by side.
        with ThreadPoolExecutor(1) as aside:
            gate = aside.submit(self._gate.validate, lines, (*rules, *volume))
            near = [rows_of(self._ledger, date, recycled, scratch) for date in neighbours(draft.billing_date)]
            twice = bench.also_in(near)
            chains = bench.chains()
            ledger_rows, ledger_digest = bench.ledger_digest()
        verdict = gate.result()
        broken = [*draft.failures, *failures(verdict.expectations)]
        if (difference := imbalance(draft.control)) is not None:
            broken.append(difference)
        if twice:
            broken.append(f"contact_under_two_dates: {twice} contacts")
        return msgspec.structs.replace(
            draft,
            expectations=verdict.expectations[: len(rules)],
            trailing=verdict.expectations[len(rules) :],
            failures=tuple(broken),
            ledger_rows=ledger_rows,
            ledger_digest=ledger_digest,
            chains=chains,
            page=data_docs.page(verdict.result, f"{draft.billing_date}/v{draft.version:04d}"),
        )

    def _trailing(self, date: str) -> list[int]:
        """How many lines the same weekdays before have, where they are released."""
        counts = []
        for day in trailing(date):
            folder = ReleaseFolder(self._partner, day)
            if version := folder.version():
                counts.append(folder.manifest(version).control.billed)
        return counts

    def _lines_of(self, folder: ReleaseFolder, version: int | None, scratch: Path) -> str | None:
        if version is None:
            return None
        (path,) = self._partner.local([folder.name(version, "billing.parquet")], scratch / "before")
        return path


def load(ledger: Ledger, date: str, bench: Workbench, scratch: Path, recycled: tuple[str, ...]) -> DateRows:
    """Reads a date's part of the ledger, given the names of all recycled objects."""
    rows = rows_of(ledger, date, recycled, scratch)
    bench.load(date, list(rows.parts.values()), rows.recycled)
    return rows
