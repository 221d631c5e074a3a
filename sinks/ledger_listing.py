"""The objects of a ledger that count, by date, as one listing of its store has them."""

import datetime
from collections.abc import Iterable, Mapping

import msgspec

from sinks.date_gaps import fill_gaps


class LedgerListing(msgspec.Struct, frozen=True):
    """The objects that count by date, those of the closed dates, and when the newest part was written.

    `unknown` are the parts of rows without a date.
    """

    objects: dict[str, tuple[str, ...]]
    closed: dict[str, tuple[str, ...]]
    newest_at: datetime.datetime | None
    unknown: tuple[str, ...]


def closed_dates(objects: Mapping[str, Iterable[str]], latest: str) -> dict[str, tuple[str, ...]]:
    """Return the objects of the dates up to the latest closed one, without a gap."""
    return {d: tuple(objects.get(d, ())) for d in fill_gaps(date for date in objects if date <= latest)}
