"""State: the places in; what an operator asks first out: what is open, late, refused, waiting.

Names are listed and two small objects of each date are read, no row of the ledger.
"""

import datetime
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.table_file import location_of
from jobs.runtime.output import Emit
from jobs.settings.connections import S3
from jobs.settings.locations import StorageLocations, resolve_locations
from jobs.settings.settings import load_settings
from schemas.columns import description
from schemas.manifest import Attempt
from sinks.audits import read_attempt
from sinks.ledger import Ledger
from sinks.paths import names_digest
from sinks.release import ReleaseFolder, newest_versions
from sinks.store import Store
from transforms.records.timestamps import moment_text

_PARALLEL = 8
# Of a longer list, so many dates are shown to people.
_SHOWN = 5


class LastRelease(msgspec.Struct, frozen=True):
    """The version that was announced last, of all dates."""

    published_at: Annotated[str, description("when, UTC")]
    billing_date: Annotated[str, description("YYYY-MM-DD")]
    version: Annotated[int, description("1, 2, 3")]


class Status(msgspec.Struct, frozen=True):
    """What the places hold. Dates are billing dates in order, instants are UTC."""

    seen_at: Annotated[str, description("when it was looked at")]
    open: Annotated[tuple[str, ...], description("dates with rows that are neither closed nor released")]
    unreleased: Annotated[tuple[str, ...], description("closed dates without a release")]
    behind: Annotated[
        tuple[str, ...], description("released dates of which the ledger has other objects than were read last")
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
        dict[str, dict[str, int]], description("records by date and reason, as the last attempt found it")
    ]
    newest_part_at: Annotated[str | None, description("when the ledger's newest part was written; null: it has none")]
    agents_written_at: Annotated[
        str | None, description("when the agents' table was last written; null: none, or not named")
    ]

    def text(self) -> str:
        """A line for each."""
        last, held = self.last_release, sum(self.held.values())
        quarantined = sum(sum(reasons.values()) for reasons in self.quarantined.values())
        lines = {
            "open": _some(self.open),
            "unreleased": _some(self.unreleased),
            "behind": _some(self.behind),
            "failed": _some([f"{date} ({', '.join(why)})" for date, why in self.failed.items()]),
            "released": f"{self.released} dates",
            "last release": f"{last.billing_date} v{last.version:04d}, {self._since(last.published_at)}"
            if last
            else "none",
            "held": f"{held} lines{_of(self.held)}",
            "quarantined": f"{quarantined} records{_of(self.quarantined)}",
            "newest part": self._since(self.newest_part_at),
            "agents' table": self._since(self.agents_written_at),
        }
        width = max(map(len, lines))
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in lines.items())

    def _since(self, instant: str | None) -> str:
        """An instant and its age, in minutes, hours or days."""
        if not instant:
            return "none"
        age = datetime.datetime.fromisoformat(self.seen_at) - datetime.datetime.fromisoformat(instant)
        minutes = int(age.total_seconds()) // 60
        days, hours = minutes // 1440, minutes // 60
        return f"{instant} ({f'{days} days' if days > 2 else f'{hours} h' if hours > 2 else f'{minutes} min'} ago)"


def run_status(out: Path | None, config: Path | None, agents: str | None, emit: Emit) -> None:
    """Tells the state of the places."""
    emit(status_reader(out, config, agents)())


def status_reader(out: Path | None, config: Path | None, agents: str | None) -> Callable[[], Status]:
    """What reads the state of the places that a user names. ContactBillingError: there are none."""
    settings = load_settings(config)
    locations = resolve_locations(settings.storage, out)
    locations.check()
    ledger = locations.open_ledger(settings, claim=False)
    uri, s3 = agents or settings.storage.agents, settings.storage.s3
    return lambda: read_status(locations, ledger, uri, s3, datetime.datetime.now(tz=datetime.UTC))


def read_status(locations: StorageLocations, ledger: Ledger, agents: str, s3: S3, now: datetime.datetime) -> Status:
    """The state as it is now; `agents` is where their table is, empty if nobody says. StorageError: unreadable."""
    partner, audit = locations.release_store(), locations.audit_store()
    contents, versions = ledger.listing(), newest_versions(partner)
    known = sorted({*contents.objects, *contents.closed, *versions})
    # Most of the time is waiting.
    with ThreadPoolExecutor(_PARALLEL) as pool:
        attempts = dict(zip(known, pool.map(partial(read_attempt, audit), known), strict=True))
        announced = list(pool.map(partial(_announced, partner), versions.items()))
    tried = {date: attempt for date, attempt in attempts.items() if attempt}
    return Status(
        seen_at=moment_text(now),
        open=_in_order(contents.objects.keys() - contents.closed.keys() - versions.keys()),
        unreleased=_in_order(contents.closed.keys() - versions.keys()),
        behind=_in_order(d for d in versions if _is_behind(attempts[d], contents.objects.get(d, ()))),
        failed={date: a.failures for date, a in tried.items() if a.failures},
        released=len(versions),
        last_release=max(announced, key=lambda r: (r.published_at, r.billing_date), default=None),
        held={date: a.control.held for date, a in tried.items() if a.control.held},
        quarantined={date: a.control.quarantined for date, a in tried.items() if a.control.quarantined},
        newest_part_at=moment_text(contents.newest_at) if contents.newest_at else None,
        agents_written_at=_written_at(agents, s3),
    )


def _is_behind(attempt: Attempt | None, names: Iterable[str]) -> bool:
    return attempt is None or attempt.ledger != names_digest(names)


def _announced(partner: Store, released: tuple[str, int]) -> LastRelease:
    date, version = released
    return LastRelease(ReleaseFolder(partner, date).published_at(), date, version)


def _written_at(agents: str, s3: S3) -> str | None:
    if not agents:
        return None
    store, name = location_of(agents, s3)
    at = store.written(name).get(name)
    return moment_text(at) if at else None


def _in_order(dates: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dates))


def _some(dates: Collection[str]) -> str:
    shown = ", ".join(list(dates)[:_SHOWN])
    return f"{shown} and {len(dates) - _SHOWN} more" if len(dates) > _SHOWN else shown or "none"


def _of(dates: Collection[str]) -> str:
    return f": {_some(dates)}" if dates else ""
