"""Replace release versions that hold a patient's number by a new version without it, and delete their files.

An erased version keeps its manifest and a record of the erasure; the next one restates the date without amendments,
which would show the number as a previous value.
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

# Concurrent releases may publish what they read before the ledger was rewritten.
_ROUNDS = 5
_CSV_FILES = [name for name in FILES if name.endswith(".csv")]


class VersionEraser:
    """Finds and replaces the versions of a release that hold one of these numbers."""

    def __init__(self, partner: Store, numbers: Collection[str]) -> None:
        self._partner = partner
        alternatives = "|".join(re.escape(number) for number in sorted(numbers))
        self._pattern = re.compile(rf"({alternatives})(?![0-9])".encode())

    def find(self) -> dict[str, list[int]]:
        """Return, by date, the versions whose files hold a number."""
        folders = {date: ReleaseFolder(self._partner, date) for date in dates_of(self._partner)}
        return {date: versions for date, folder in folders.items() if (versions := self._with_number(folder))}

    def clean(self, date: str, publisher: Publisher, now: datetime.datetime) -> Released | None:
        """Publish a date without the numbers, and delete the files that have them.

        Returns the result of the release; None if the newest version had no number. Raises StorageError if concurrent
        releases keep publishing the numbers.
        """
        folder = ReleaseFolder(self._partner, date)
        released = None
        for _ in range(_ROUNDS):
            affected = self._with_number(folder)
            newest = folder.version()
            for version in affected:
                folder.erase(version, FILES)
            if newest in affected:
                released = publisher.release_date(date, now)
                if released.failures:
                    return released
            else:
                for version in affected:
                    folder.remove(version, FILES)
                return released
        raise StorageError(f"other releases keep publishing {date} as it was; stop them, then run again")

    def _with_number(self, folder: ReleaseFolder) -> list[int]:
        return [version for version in range(1, folder.version() + 1) if self._has_number(folder, version)]

    def _has_number(self, folder: ReleaseFolder, version: int) -> bool:
        texts = (self._partner.get(folder.name(version, name)) or b"" for name in _CSV_FILES)
        # An interrupted run may have left files of an erased version.
        is_left = folder.erased(version) and any(self._partner.get(folder.name(version, name)) for name in FILES)
        return is_left or any(self._pattern.search(text) for text in texts)
