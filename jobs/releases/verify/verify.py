"""The `verify` command: check a release for missing, altered or contradictory files, alone or against the ledger."""

from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table import load_agents
from jobs.releases.gate import Gate
from jobs.releases.verify.against_ledger import LedgerVerifier
from jobs.releases.verify.release_verifier import DateVerification, ReleaseVerifier
from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.settings.locations import agents_uri
from jobs.settings.settings import Settings, load_settings
from schemas.columns import description
from schemas.errors import InputError, VerificationFailed
from sinks.ledger import Ledger
from sinks.location import Location
from sinks.store import Store


class VerifyResult(msgspec.Struct, frozen=True):
    """The result of a verification."""

    release: Annotated[str, description("location of the release")]
    dates: Annotated[tuple[DateVerification, ...], description("the result for every billing date")]

    def text(self) -> str:
        """Return a line for every date, and for every finding."""
        return "\n".join(result.text() for result in self.dates)


def run_verify(
    release: str,
    dates: list[str],
    config: Path | None,
    ledger: str | None,
    agents: str | None,
    audit: str | None,
    emit: Emit,
) -> None:
    """Verify these dates of a release, or all of them; with a ledger, also against that ledger.

    Raises VerificationFailed if a date has findings; the result is emitted before.
    """
    settings = load_settings(config)
    store = Location(release).open(settings.storage.s3, "the release's location")
    ledger_verifier = _ledger_verifier(store, settings, ledger, agents, audit) if ledger else None
    release_verifier = ReleaseVerifier(store, Gate())
    selected = _selected_dates(release_verifier.dates(), dates, release)
    with progress(selected, "verify", "date") as bar:
        results = tuple(_verify_date(date, release_verifier, ledger_verifier) for date in bar)
    emit(VerifyResult(release, results))
    if failed := sum(bool(result.findings) for result in results):
        raise VerificationFailed(
            f"{failed} of {len(results)} dates are not what they should be; see the findings above"
        )


def _ledger_verifier(
    store: Store, settings: Settings, ledger_uri: str, agents: str | None, audit: str | None
) -> LedgerVerifier:
    s3 = settings.storage.s3
    ledger = Ledger(Location(ledger_uri).open(s3, "--ledger"), settings.billing.time_zone)
    ledger.open(claim=False)
    history = load_agents(agents_uri(agents, settings.storage), s3)
    audit_uri = audit or settings.storage.audit
    audits = Location(audit_uri).open(s3, "--audit") if audit_uri else None
    return LedgerVerifier(ledger, store, audits, settings, history)


def _selected_dates(present: list[str], dates: list[str], release: str) -> list[str]:
    if not present:
        raise InputError(f"{release} holds no release; name the folder above billing_date=...")
    return sorted(set(dates)) or present


def _verify_date(date: str, release: ReleaseVerifier, ledger: LedgerVerifier | None) -> DateVerification:
    """Verify a date from the release alone; if that has no findings, also against the ledger."""
    result = release.check(date)
    if ledger is None or result.findings:
        return result
    return msgspec.structs.replace(result, findings=tuple(ledger.findings(date)))
