"""Versions that hold a patient's number: dates of a release in; newer versions without it out, and the old files gone.

A version that is erased keeps its manifest and says so; the next one restates the date without amendments, because
they would tell the number as the value before.
"""

import datetime
import re
from collections.abc import Collection

from jobs.releases.publisher import Publisher
from jobs.releases.results import Released
from jobs.releases.verify.release_verifier import dates_of
from schemas.errors import StorageError
from sinks.release import FILES, ReleaseFolder
from sinks.store import Store

# Others may publish what they have read before the ledger was written again.
_ROUNDS = 5
_TEXTS = [name for name in FILES if name.endswith(".csv")]


class VersionEraser:
    """The versions of a release that hold one of these numbers."""

    def __init__(self, partner: Store, numbers: Collection[str]) -> None:
        self._partner = partner
        told = "|".join(re.escape(number) for number in sorted(numbers))
        self._sought = re.compile(rf"({told})(?![0-9])".encode())

    def find(self) -> dict[str, list[int]]:
        """By date, the versions whose files hold a number."""
        found = {date: self._holding(ReleaseFolder(self._partner, date)) for date in dates_of(self._partner)}
        return {date: versions for date, versions in found.items() if versions}

    def clean(self, date: str, publisher: Publisher, now: datetime.datetime) -> Released | None:
        """Has a date without the numbers published, and takes away the files that have them.

        Out: what became of the date; None where its newest version was good.
        """
        folder = ReleaseFolder(self._partner, date)
        released = None
        for _ in range(_ROUNDS):
            holding = self._holding(folder)
            newest = folder.version()
            for version in holding:
                folder.erase(version, FILES)
            if newest in holding:
                released = publisher.release_date(date, now)
                if released.failures:
                    return released
            else:
                for version in holding:
                    folder.remove(version, FILES)
                return released
        raise StorageError(f"other releases keep publishing {date} as it was; stop them, then run again")

    def _holding(self, folder: ReleaseFolder) -> list[int]:
        return [version for version in range(1, folder.version() + 1) if self._holds(folder, version)]

    def _holds(self, folder: ReleaseFolder, version: int) -> bool:
        texts = (self._partner.get(folder.name(version, name)) or b"" for name in _TEXTS)
        # What an interrupted run has left of an erased version.
        left = folder.erased(version) and any(self._partner.get(folder.name(version, name)) for name in FILES)
        return left or any(self._sought.search(text) for text in texts)
