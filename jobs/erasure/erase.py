"""The `erase` command: erase patients' phone numbers from the ledger, the quarantine, the archive and the release.

Everything that lines are made from comes first, then the lines, so that the next run completes an interrupted one.
"""

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TextIO

import msgspec

from jobs.agents.table import load_agents
from jobs.erasure.objects import ErasureCount, ObjectEraser, ObjectSet
from jobs.erasure.versions import VersionEraser
from jobs.releases.publisher import Publisher, publisher_at
from jobs.releases.results import Released, ReleaseResult, check_published
from jobs.runtime.output import Emit
from jobs.runtime.text_table import text_table
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.settings import Settings, load_settings
from schemas.columns import description
from schemas.errors import InputError, StorageError
from sinks.ledger import Ledger
from sinks.location import Location
from sinks.paths import is_part
from transforms.records.erase_phone import NUMBER

# After so many checkpoints a job that restarts no longer needs a part as it was.
_CHECKPOINTS = 3


class EraseResult(msgspec.Struct, frozen=True):
    """The result of an erasure, or of its dry run. It does not contain the numbers."""

    dry_run: Annotated[bool, description("whether this was a dry run, which writes nothing")]
    places: Annotated[tuple[ErasureCount, ...], description("what held the numbers, by place")]
    versions: Annotated[int, description("release versions that held them, or that an interrupted run has left")]
    dates: Annotated[tuple[Released, ...], description("the billing dates that had to be published again")]

    def text(self) -> str:
        """Return a table of places, and one of dates."""
        rows: list[tuple[str, ...]] = [("place", "objects", "rows")]
        rows += [(count.place, str(count.objects), str(count.rows)) for count in self.places]
        lines = [text_table(rows, texts=1), f"versions of the release: {self.versions}"]
        if self.dry_run:
            lines += ["", "dry run: nothing was written"]
        elif self.dates:
            lines += ["", ReleaseResult(False, self.dates).text()]
        return "\n".join(lines)


def run_erase(
    agents: str | None, out: Path | None, config: Path | None, dry_run: bool, number_lines: TextIO, emit: Emit
) -> None:
    """Erase numbers, and emit how many rows, objects and versions held them; never the numbers.

    Raises StorageError if a live job may still need an object as it is, AuditFailed if a date could not be published
    again.
    """
    numbers = read_numbers(number_lines)
    settings = load_settings(config)
    locations = resolve_locations(settings.storage, out)
    locations.check()
    ledger = locations.open_ledger(settings, claim=False)
    history = load_agents(agents_uri(agents, settings.storage), settings.storage.s3)
    objects = ObjectEraser(numbers, _CHECKPOINTS * settings.stream.checkpoint_seconds)
    versions = VersionEraser(locations.release_store(), numbers)

    sets = object_sets(ledger, settings, out)
    counts = find_objects(objects, sets)
    versions_by_date = versions.find()
    released: tuple[Released, ...] = ()
    if not dry_run:
        check_settled(counts)
        rewrite_objects(objects, sets)
        publisher = publisher_at(locations, ledger, settings, history)
        released = republish_dates(versions, versions_by_date, publisher)
    emit(EraseResult(dry_run, counts, sum(map(len, versions_by_date.values())), released))
    check_published([*released])


def read_numbers(lines: Iterable[str]) -> frozenset[str]:
    """Read one number per line. Raises InputError if a line is not a number, or if there is no number."""
    numbers = [line.strip() for line in lines]
    for line_number, text in enumerate(numbers, 1):
        if text and not NUMBER.fullmatch(text):
            raise InputError(
                f"line {line_number} of standard input is not a phone number of 7 to 15 digits in E.164 form; "
                "write it as +12025550123"
            )
    if not any(numbers):
        raise InputError("no phone number on standard input; write one per line, as +12025550123")
    return frozenset(filter(None, numbers))


def object_sets(ledger: Ledger, settings: Settings, out: Path | None) -> list[ObjectSet]:
    """Return the objects outside the release that can hold numbers, in the order in which to rewrite them.

    Recycled rows come before the payloads that they were made of: only those tell which rows have to change.
    """
    restricted, payloads = ledger.all_payloads()
    sets = [
        ObjectSet("recycled", ledger.store, list(ledger.recycled.names()), ledger.erasures),
        ObjectSet("ledger", ledger.store, ledger.all_parts(), ledger.erasures),
        ObjectSet("quarantine", restricted, payloads),
    ]
    if settings.storage.archive and out is None:
        archive = Location(settings.storage.archive).open(settings.storage.s3, "storage.archive")
        sets.append(ObjectSet("archive", archive, [name for name in archive.names("") if is_part(name)]))
    return sets


def find_objects(objects: ObjectEraser, sets: list[ObjectSet]) -> tuple[ErasureCount, ...]:
    """Count what holds a number, in the reverse order: payloads give the digests by which recycled rows name them."""
    return tuple(objects.find(object_set) for object_set in reversed(sets))


def check_settled(counts: Iterable[ErasureCount]) -> None:
    """Raise StorageError, before anything is written, if a live job that fails now would need an object as it is."""
    if wait := max(count.wait_seconds for count in counts):
        raise StorageError(
            f"a live job wrote some of these objects moments ago and may still need them after a restart; nothing was "
            f"written: run again in {wait} s"
        )


def rewrite_objects(objects: ObjectEraser, sets: list[ObjectSet]) -> None:
    """Rewrite all objects without the numbers, in the order of the sets."""
    for object_set in sets:
        objects.rewrite(object_set)


def republish_dates(
    versions: VersionEraser, versions_by_date: dict[str, list[int]], publisher: Publisher
) -> tuple[Released, ...]:
    """Publish every date with a number again; returns the results of those whose newest version held one."""
    now = datetime.datetime.now(tz=datetime.UTC)
    results = [versions.clean(date, publisher, now) for date in versions_by_date]
    return tuple(released for released in results if released is not None)
