"""Verify: a release in; what is missing, changed or contradicts itself out, and whether all is well."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table import load_agents
from jobs.releases.gate import Gate
from jobs.releases.verify.against_ledger import AgainstLedger
from jobs.releases.verify.version_chain import DateVerification, ReleaseVerifier
from jobs.runtime.output import Emit
from jobs.runtime.progress import progress
from jobs.settings.locations import agents_uri
from jobs.settings.settings import Settings, load_settings
from schemas.columns import description
from schemas.errors import InputError, VerificationFailed
from sinks.ledger import Ledger
from sinks.location import Location
from sinks.store import Store

Against = Callable[[str], Iterator[str]]


class VerifyResult(msgspec.Struct, frozen=True):
    """What a verification has come to."""

    release: Annotated[str, description("where the release is")]
    dates: Annotated[tuple[DateVerification, ...], description("what was found of every billing date")]

    def text(self) -> str:
        """A line for every date, and for every finding."""
        return "\n".join(checked.text() for checked in self.dates)


def run_verify(
    release: str,
    dates: list[str],
    config: Path | None,
    ledger: str | None,
    agents: str | None,
    audit: str | None,
    emit: Emit,
) -> None:
    """Verifies dates of a release, or all of them; with a ledger, also against that. VerificationFailed: see there."""
    settings = load_settings(config)
    store = Location(release).open(settings.storage.s3, "the release's place")
    against = _against(store, settings, ledger, agents, audit) if ledger else None
    verifier = ReleaseVerifier(store, Gate())
    present = verifier.dates()
    if not present:
        raise InputError(f"{release} holds no release; name the folder above billing_date=...")
    chosen = sorted(set(dates)) or present
    with progress(chosen, "verify", "date") as shown:
        checked = tuple(_with_ledger(verifier.check(date), against) for date in shown)
    emit(VerifyResult(release, checked))
    if wrong := sum(bool(found.findings) for found in checked):
        raise VerificationFailed(f"{wrong} of {len(checked)} dates are not what they should be; see the findings above")


def _against(store: Store, settings: Settings, ledger: str, agents: str | None, audit: str | None) -> Against:
    s3 = settings.storage.s3
    opened = Ledger(Location(ledger).open(s3, "--ledger"), settings.billing.time_zone)
    opened.open(claim=False)
    history = load_agents(agents_uri(agents, settings.storage), s3)
    place = audit or settings.storage.audit
    audited = Location(place).open(s3, "--audit") if place else None
    return AgainstLedger(opened, store, audited, settings, history).findings


def _with_ledger(checked: DateVerification, against: Against | None) -> DateVerification:
    """What the ledger has to say, where the release itself is whole."""
    if against is None or checked.findings:
        return checked
    return msgspec.structs.replace(checked, findings=tuple(against(checked.billing_date)))
