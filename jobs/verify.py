"""Verify: a release in; what is missing, changed or contradicts itself out, and whether all is well."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
from tqdm import tqdm

from jobs.against_ledger import AgainstLedger
from jobs.agents import load_agents
from jobs.audit import Gate
from jobs.places import agents_at
from jobs.settings import Settings, load_settings
from jobs.verifier import Checked, Verifier
from schemas.errors import InputError, VerificationFailed
from sinks.ledger import Ledger
from sinks.s3 import open_store
from sinks.store import Store

Against = Callable[[str], Iterator[str]]


def run_verify(
    release: str, dates: list[str], config: Path | None, ledger: str | None, agents: str | None, audit: str | None
) -> None:
    """Verifies dates of a release, or all of them; with a ledger, also against that. VerificationFailed: see there."""
    settings = load_settings(config)
    store = open_store(release, settings.storage.s3, "the release's place")
    against = _against(store, settings, ledger, agents, audit) if ledger else None
    verifier = Verifier(store, Gate())
    present = verifier.dates()
    if not present:
        raise InputError(f"{release} holds no release; name the folder above billing_date=...")
    chosen = sorted(set(dates)) or present
    checked = [
        _with_ledger(verifier.check(date), against) for date in tqdm(chosen, desc="verify", unit="date", disable=None)
    ]
    for found in checked:
        click.echo(_line(found))
        for finding in found.findings:
            click.echo(f"  {finding}")
    if wrong := sum(bool(found.findings) for found in checked):
        raise VerificationFailed(f"{wrong} of {len(checked)} dates are not what they should be; see the findings above")


def _against(store: Store, settings: Settings, ledger: str, agents: str | None, audit: str | None) -> Against:
    s3 = settings.storage.s3
    opened = Ledger(open_store(ledger, s3, "--ledger"), settings.billing.time_zone)
    opened.open(claim=False)
    history = load_agents(agents_at(agents, settings.storage), s3)
    place = audit or settings.storage.audit
    audited = open_store(place, s3, "--audit") if place else None
    return AgainstLedger(opened, store, audited, settings, history).findings


def _with_ledger(checked: Checked, against: Against | None) -> Checked:
    """What the ledger has to say, where the release itself is whole."""
    if against is None or checked.findings:
        return checked
    return Checked(checked.billing_date, checked.versions, checked.lines, tuple(against(checked.billing_date)))


def _line(checked: Checked) -> str:
    said = f"{len(checked.findings)} findings" if checked.findings else "ok"
    return f"{checked.billing_date}  versions {checked.versions}  lines {checked.lines}  {said}"
