"""Erase: patients' phone numbers on standard input; ledger, quarantine, archive and release without them out.

First everything that lines are made from, then the lines: a run that was interrupted is finished by the next one.
"""

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TextIO

import msgspec

from jobs.agents.table import load_agents
from jobs.erasure.objects import ErasureCount, ObjectEraser
from jobs.erasure.versions import VersionEraser
from jobs.releases.publisher import publisher_at
from jobs.releases.results import Released, ReleaseResult, check_published
from jobs.runtime.output import Emit
from jobs.runtime.text_table import text_table
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.settings import Settings, load_settings
from schemas.columns import description
from schemas.errors import InputError, StorageError
from sinks.erasures import Erasures
from sinks.ledger import Ledger
from sinks.location import Location
from sinks.paths import is_part
from sinks.store import Store
from transforms.records.erase_phone import NUMBER

# A part is of no checkpoint any more from which a job would go on after a failure.
_CHECKPOINTS = 3


class ObjectSet(msgspec.Struct, frozen=True):
    """Objects of one kind; with records of what became of them, where audits name them."""

    name: str
    store: Store
    names: list[str]
    erasures: Erasures | None = None


class EraseResult(msgspec.Struct, frozen=True):
    """What an erasure has come to, or would come to. The numbers are not in it."""

    dry_run: Annotated[bool, description("whether it is only said what holds the numbers; nothing was written then")]
    places: Annotated[tuple[ErasureCount, ...], description("what held them, by place")]
    versions: Annotated[int, description("versions of the release that held them, or that an interrupted run has left")]
    dates: Annotated[tuple[Released, ...], description("what became of the billing dates that were to be told anew")]

    def text(self) -> str:
        """A table of places, and one of dates."""
        rows: list[tuple[str, ...]] = [("place", "objects", "rows")]
        rows += [(found.place, str(found.objects), str(found.rows)) for found in self.places]
        lines = [text_table(rows, texts=1), f"versions of the release: {self.versions}"]
        if self.dry_run:
            lines += ["", "dry run: nothing was written"]
        elif self.dates:
            lines += ["", ReleaseResult(False, self.dates).text()]
        return "\n".join(lines)


def run_erase(
    agents: str | None, out: Path | None, config: Path | None, dry_run: bool, given: TextIO, emit: Emit
) -> None:
    """Erases numbers, and says how many rows, objects and versions held them; never the numbers.

    StorageError: a live job may still need an object as it is. AuditFailed: a date could not be published again.
    """
    numbers = numbers_in(given)
    settings = load_settings(config)
    locations = resolve_locations(settings.storage, out)
    locations.check()
    ledger = locations.open_ledger(settings, claim=False)
    history = load_agents(agents_uri(agents, settings.storage), settings.storage.s3)
    objects = ObjectEraser(numbers, _CHECKPOINTS * settings.stream.checkpoint_seconds)
    among = object_sets(ledger, settings, out)
    # Payloads first: from them it is known by which digests recycled rows name them from now on.
    held = tuple(objects.find(place.name, place.store, place.names) for place in reversed(among))
    versions = VersionEraser(locations.release_store(), numbers)
    holding = versions.find()
    released: list[Released] = []
    if not dry_run:
        check_settled(held)
        for place in among:
            objects.write(place.store, place.names, place.erasures)
        publisher = publisher_at(locations, ledger, settings, history)
        now = datetime.datetime.now(tz=datetime.UTC)
        cleaned = [versions.clean(date, publisher, now) for date in holding]
        released = [became for became in cleaned if became is not None]
    emit(EraseResult(dry_run, held, sum(map(len, holding.values())), tuple(released)))
    check_published(released)


def numbers_in(lines: Iterable[str]) -> frozenset[str]:
    """One number per line. InputError: a line is none, or there is none at all."""
    numbers = [line.strip() for line in lines]
    for number, text in enumerate(numbers, 1):
        if text and not NUMBER.fullmatch(text):
            raise InputError(
                f"line {number} of standard input is no phone number of 7 to 15 digits in E.164 form; "
                "write it as +12025550123"
            )
    if not any(numbers):
        raise InputError("no phone number on standard input; write one per line, as +12025550123")
    return frozenset(filter(None, numbers))


def object_sets(ledger: Ledger, settings: Settings, out: Path | None) -> list[ObjectSet]:
    """Where numbers can be but for the release, in the order in which they are written again.

    Recycled rows come before the payloads that they were made of: those tell what they have to say of them.
    """
    restricted, payloads = ledger.all_payloads()
    found = [
        ObjectSet("recycled", ledger.store, list(ledger.recycled.names()), ledger.erasures),
        ObjectSet("ledger", ledger.store, ledger.all_parts(), ledger.erasures),
        ObjectSet("quarantine", restricted, payloads),
    ]
    if settings.storage.archive and out is None:
        archive = Location(settings.storage.archive).open(settings.storage.s3, "storage.archive")
        found.append(ObjectSet("archive", archive, [name for name in archive.names("") if is_part(name)]))
    return found


def check_settled(held: Iterable[ErasureCount]) -> None:
    """StorageError: a live job that fails now would look for an object as it is. Nothing has been written then."""
    if wait := max(found.wait_seconds for found in held):
        raise StorageError(
            f"a live job wrote some of these objects moments ago and may have to begin again there; nothing was "
            f"written: run again in {wait} s"
        )
