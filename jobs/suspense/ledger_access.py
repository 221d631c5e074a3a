"""Open an existing ledger for the commands that list quarantined and held rows."""

from pathlib import Path

import msgspec

from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings, load_settings
from sinks.ledger import Ledger


class ReadOnlyLedger(msgspec.Struct, frozen=True):
    """A ledger that is only read, with the settings."""

    settings: Settings
    ledger: Ledger


def open_ledger_readonly(out: Path | None, config: Path | None) -> ReadOnlyLedger:
    """Open the ledger below `out`, or that of the settings. Raises ContactBillingError if that fails."""
    settings = load_settings(config)
    locations = resolve_locations(settings.storage, out)
    locations.check(release=False)
    return ReadOnlyLedger(settings, locations.open_ledger(settings, claim=False))


def selected_dates(ledger: Ledger, dates: tuple[str, ...]) -> list[str]:
    """Return these dates in order; if there are none, all dates of the ledger."""
    return sorted(set(dates)) or ledger.dates()
