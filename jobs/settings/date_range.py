"""The range of dates that --from and --to select."""

import datetime

import msgspec

from schemas.errors import SettingsError
from schemas.outcome import UNKNOWN_DATE


class DateRange(msgspec.Struct, frozen=True):
    """A closed range of dates; None is open."""

    first: datetime.date | None = None
    last: datetime.date | None = None

    def __contains__(self, date: datetime.date) -> bool:
        return (self.first is None or self.first <= date) and (self.last is None or date <= self.last)

    def has_billing_date(self, date: str) -> bool:
        """Whether a billing date, as 2026-03-01, is in the range; `unknown` always is."""
        return date == UNKNOWN_DATE or datetime.date.fromisoformat(date) in self

    def check(self) -> None:
        """Raises SettingsError if the range ends before it begins."""
        if self.first and self.last and self.first > self.last:
            raise SettingsError("--from is after --to; exchange them")
