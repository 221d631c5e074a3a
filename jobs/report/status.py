"""Implement `contact-billing status`: report which dates are open, late, or refused, and which records wait.

It lists names and reads two small objects per date. Of the ledger's rows it reads those without a date, since no
release counts them.
"""

import datetime
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table_file import location_of
from jobs.report.rows_without_date import RowsWithoutDate
from jobs.runtime.output import Emit
from jobs.runtime.text_table import first_few
from jobs.settings.connections import S3
from jobs.settings.locations import StorageLocations, resolve_locations
from jobs.settings.settings import load_settings
from schemas.columns import description
from schemas.manifest import Attempt
from schemas.outcome import UNKNOWN_DATE
from sinks.audits import read_attempt
from sinks.ledger import Ledger
from sinks.paths import names_digest
from sinks.release import ReleaseFolder, newest_versions
from sinks.store import Store
from transforms.records.timestamps import moment_text

_PARALLEL = 8
# The text output lists at most this many dates.
_MOST_DATES = 5


class LastRelease(msgspec.Struct, frozen=True):
    """The version that was announced last, of all dates."""

    published_at: Annotated[str, description("when, UTC")]
    billing_date: Annotated[str, description("YYYY-MM-DD")]
    version: Annotated[int, description("1, 2, 3")]


class Status(msgspec.Struct, frozen=True):
    """The status of the storage locations. Dates are billing dates in order, instants are UTC."""

    seen_at: Annotated[str, description("when the status was read")]
    open: Annotated[tuple[str, ...], description("dates with rows that are neither closed nor released")]
    unreleased: Annotated[tuple[str, ...], description("closed dates without a release")]
    behind: Annotated[
        tuple[str, ...], description("released dates whose ledger objects are not those that were read last")
    ]
    failed: Annotated[
        dict[str, tuple[str, ...]], description("dates whose last attempt did not pass the gate, and why")
    ]
    released: Annotated[int, description("how many dates have a release")]
    last_release: Annotated[LastRelease | None, description("the version that was announced last; null: there is none")]
    held: Annotated[
        dict[str, int], description("calls that wait for their extension, by date, as the last attempt found it")
    ]
    quarantined: Annotated[
        dict[str, dict[str, int]],
        description("records by date and reason, as the last attempt found it; those of `unknown` as they are now"),
    ]
    newest_part_at: Annotated[str | None, description("when the ledger's newest part was written; null if none")]
    agents_written_at: Annotated[
        str | None, description("when the agents' table was last written; null: none, or not named")
    ]

    def text(self) -> str:
        """Return one line per item."""
        last, held = self.last_release, sum(self.held.values())
        quarantined = sum(sum(reasons.values()) for reasons in self.quarantined.values())
        lines = {
            "open": _date_list(self.open),
            "unreleased": _date_list(self.unreleased),
            "behind": _date_list(self.behind),
            "failed": _date_list([f"{date} ({', '.join(why)})" for date, why in self.failed.items()]),
            "released": f"{self.released} dates",
            "last release": f"{last.billing_date} v{last.version:04d}, {self._since(last.published_at)}"
            if last
            else "none",
            "held": f"{held} lines{_date_suffix(self.held)}",
            "quarantined": f"{quarantined} records{_date_suffix(self.quarantined)}",
            "newest part": self._since(self.newest_part_at),
            "agents' table": self._since(self.agents_written_at),
        }
        width = max(map(len, lines))
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in lines.items())

    def _since(self, instant: str | None) -> str:
        """Return an instant and its age in minutes, hours, or days."""
        if not instant:
            return "none"
        age = datetime.datetime.fromisoformat(self.seen_at) - datetime.datetime.fromisoformat(instant)
        minutes = int(age.total_seconds()) // 60
        days, hours = minutes // 1440, minutes // 60
        return f"{instant} ({f'{days} days' if days > 2 else f'{hours} h' if hours > 2 else f'{minutes} min'} ago)"


def run_status(out: Path | None, config: Path | None, agents: str | None, emit: Emit) -> None:
    """Emit the status of the storage locations."""
    emit(status_reader(out, config, agents)())


def status_reader(out: Path | None, config: Path | None, agents: str | None) -> Callable[[], Status]:
    """Return a function that reads the status. Raises ContactBillingError if a location is missing or not a ledger."""
    settings = load_settings(config)
    locations = resolve_locations(settings.storage, out)
    locations.check()
    ledger = locations.open_ledger(settings, claim=False)
    uri, s3 = agents or settings.storage.agents, settings.storage.s3
    without_date = RowsWithoutDate(ledger)
    return lambda: read_status(locations, ledger, without_date, uri, s3, datetime.datetime.now(tz=datetime.UTC))


def read_status(
    locations: StorageLocations,
    ledger: Ledger,
    without_date: RowsWithoutDate,
    agents: str,
    s3: S3,
    now: datetime.datetime,
) -> Status:
    """Read the status as of now; `agents` is the URI of the agent-extension table, or empty.

    Raises StorageError if something cannot be read.
    """
    partner, audit = locations.release_store(), locations.audit_store()
    listing, versions = ledger.listing(), newest_versions(partner)
    dates = sorted({*listing.objects, *listing.closed, *versions})
    # Threads, because most of the time is spent waiting for the storage.
    with ThreadPoolExecutor(_PARALLEL) as pool:
        attempts = dict(zip(dates, pool.map(partial(read_attempt, audit), dates), strict=True))
        last_releases = list(pool.map(partial(_last_release, partner), versions.items()))
    unknown = without_date.quarantined(listing.unknown)
    dated_attempts = {date: attempt for date, attempt in attempts.items() if attempt}
    return Status(
        seen_at=moment_text(now),
        open=_in_order(listing.objects.keys() - listing.closed.keys() - versions.keys()),
        unreleased=_in_order(listing.closed.keys() - versions.keys()),
        behind=_in_order(d for d in versions if _is_behind(attempts[d], listing.objects.get(d, ()))),
        failed={date: a.failures for date, a in dated_attempts.items() if a.failures},
        released=len(versions),
        last_release=max(last_releases, key=lambda r: (r.published_at, r.billing_date), default=None),
        held={date: a.control.held for date, a in dated_attempts.items() if a.control.held},
        quarantined={date: a.control.quarantined for date, a in dated_attempts.items() if a.control.quarantined}
        | ({UNKNOWN_DATE: unknown} if unknown else {}),
        newest_part_at=moment_text(listing.newest_at) if listing.newest_at else None,
        agents_written_at=_written_at(agents, s3),
    )


def _is_behind(attempt: Attempt | None, names: Iterable[str]) -> bool:
    return attempt is None or attempt.ledger != names_digest(names)


def _last_release(partner: Store, newest: tuple[str, int]) -> LastRelease:
    date, version = newest
    return LastRelease(ReleaseFolder(partner, date).published_at(), date, version)


def _written_at(agents: str, s3: S3) -> str | None:
    if not agents:
        return None
    store, name = location_of(agents, s3)
    at = store.write_times(name).get(name)
    return moment_text(at) if at else None


def _in_order(dates: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dates))


def _date_list(dates: Collection[str]) -> str:
    return first_few(dates, _MOST_DATES) or "none"


def _date_suffix(dates: Collection[str]) -> str:
    return f": {_date_list(dates)}" if dates else ""
