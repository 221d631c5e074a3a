"""What the commands over quarantined and held rows are given: settings, places and a ledger that is there."""

from pathlib import Path

import msgspec

from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings, load_settings
from sinks.ledger import Ledger


class ReadOnlyLedger(msgspec.Struct, frozen=True):
    """Settings, and a ledger that is only read."""

    settings: Settings
    ledger: Ledger


def open_ledger_readonly(out: Path | None, config: Path | None) -> ReadOnlyLedger:
    """What a user gives. ContactBillingError: there is no such ledger, or it cannot be reached."""
    settings = load_settings(config)
    locations = resolve_locations(settings.storage, out)
    locations.check(release=False)
    return ReadOnlyLedger(settings, locations.open_ledger(settings, claim=False))


def selected_dates(ledger: Ledger, dates: tuple[str, ...]) -> list[str]:
    """The dates that were named, in order; without any all that the ledger has."""
    return sorted(set(dates)) or ledger.dates()
