"""Run every check on a release candidate: the gate, the balance, missing ledger objects, neighboring dates."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from jobs.releases.candidate import Candidate, Overrides
from jobs.releases.gate import Gate, failures
from jobs.releases.missing_objects import missing_objects
from jobs.settings.settings import Settings
from jobs.sql.compared_lines import ComparedLines
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import DateParts, ledger_objects, read_date_parts
from schemas.data_rules import DataRule, data_rules, volume_rule
from schemas.manifest import Expectation, LedgerObject
from sinks.audits import read_audit
from sinks.ledger import Ledger
from sinks.release import ReleaseFolder
from sinks.store import Store
from transforms.lines.control_totals import imbalance
from transforms.lines.related_dates import neighbors, same_weekdays_before

_HOW_TO_FIX_LOSS = "restore what is missing, see docs/operations.md, or accept it with release --accept-loss"


class Audited(msgspec.Struct, frozen=True):
    """A candidate and the results of every check; without failures it may be published.

    `ledger` has the digests of the objects that it was made from. `trailing` has the results of the rules that look at
    other dates; like `chains` it is for the operator alone.
    """

    candidate: Candidate
    ledger: tuple[LedgerObject, ...]
    expectations: tuple[Expectation, ...]
    trailing: tuple[Expectation, ...]
    failures: tuple[str, ...]
    ledger_rows: int
    ledger_digest: str
    earliest_initiated_at: str | None
    latest_initiated_at: str | None
    warnings: dict[str, int]
    chains: dict[str, tuple[tuple[str, ...], ...]]
    rules: tuple[DataRule, ...]


class Auditor:
    """Audits candidates of one ledger. Read-only."""

    def __init__(self, ledger: Ledger, partner: Store, audits: Store, settings: Settings) -> None:
        self._ledger = ledger
        self._partner = partner
        self._audits = audits
        self._limits = settings.gate
        self._gate = Gate()

    def audit(
        self,
        candidate: Candidate,
        rows: DateParts,
        tables: DateTables,
        lines: ComparedLines,
        overrides: Overrides,
        scratch: Path,
    ) -> Audited:
        """Run every check. Raises StorageError if something that a check reads cannot be read."""
        date = candidate.billing_date
        missing = () if overrides.missing_objects else tuple(self._missing_objects(candidate, rows))
        rules = data_rules(date, candidate.control, candidate.contract, self._limits)
        volume = volume_rule(self._trailing(date), self._limits)
        frame = lines.frame()
        # The gate computes in Python, the queries that run beside it in DuckDB.
        with ThreadPoolExecutor(1) as gate_thread:
            gate = gate_thread.submit(self._gate.check, frame, (*rules, *volume))
            neighbor_rows = [read_date_parts(self._ledger, day, rows.listed, scratch) for day in neighbors(date)]
            shared = tables.count_on_neighbors(neighbor_rows)
            chains = tables.chains()
            ledger_rows, ledger_digest = tables.ledger_digest()
        expectations = gate.result()
        earliest, latest = tables.span()
        return Audited(
            candidate=candidate,
            ledger=ledger_objects(rows),
            expectations=expectations[: len(rules)],
            trailing=expectations[len(rules) :],
            failures=(
                *_refused_contract(candidate),
                *missing,
                *failures(expectations),
                *filter(None, [imbalance(candidate.control)]),
                *([f"contact_under_two_dates: {shared} contacts"] if shared else ()),
            ),
            ledger_rows=ledger_rows,
            ledger_digest=ledger_digest,
            earliest_initiated_at=earliest,
            latest_initiated_at=latest,
            warnings=tables.warnings(),
            chains=chains,
            rules=(*rules, *volume),
        )

    def _missing_objects(self, candidate: Candidate, rows: DateParts) -> Iterator[str]:
        """Report ledger objects that the previous version was made from, and this one would not be."""
        if not (previous := candidate.previous.version):
            return
        if (audit := read_audit(self._audits, candidate.billing_date, previous)) is None:
            yield f"audit_gone: it is unknown what version {previous} was made from; {_HOW_TO_FIX_LOSS}"
        elif missing := missing_objects(self._ledger, rows, audit):
            first = self._ledger.store.location(missing[0])
            yield (
                f"ledger_objects_gone: {len(missing)} that version {previous} was made from no longer count, "
                f"the first is {first}; {_HOW_TO_FIX_LOSS}"
            )

    def _trailing(self, date: str) -> list[int]:
        """Return how many lines each released one of the same weekdays before has."""
        folders = (ReleaseFolder(self._partner, day) for day in same_weekdays_before(date))
        return [folder.manifest(version).control.billed for folder in folders if (version := folder.version())]


def _refused_contract(candidate: Candidate) -> Iterator[str]:
    if candidate.refused_contract is not None:
        yield (
            f"contract_changed: version {candidate.previous.version} has contract {candidate.contract.name}, and the "
            "settings another; restate it with release --change-contract"
        )
