"""The ledger: outcome rows in, Parquet parts by billing date out; and which parts count.

A replayed input's parts are named by the input's content, so that writing them again changes
nothing, and they count once the input's mark is there, which is written last. The live job's parts
have whatever name Flink gives them; they count from the moment they can be seen. What was quarantined
and recycled later is in objects beside the parts, see sinks/recycled_objects.py.
"""

import datetime
from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa

from schemas.errors import SettingsError, StorageError
from sinks.date_gaps import fill_gaps, is_date
from sinks.erasures import Erasures
from sinks.parquet import parquet_bytes
from sinks.paths import (
    INPUTS,
    OUTCOMES,
    SUCCESS,
    date_folder,
    is_part,
    mark_name,
    outcome_object,
    outcomes_folder,
    part_name,
    partition_of,
    replayed_input,
)
from sinks.recycled_objects import RecycledObjects
from sinks.store import Store

FORMAT = 3
_INFO = "ledger.json"


class LedgerInfo(msgspec.Struct, frozen=True):
    """What a ledger says of itself: its format, and the zone in which its dates are meant."""

    format: int
    time_zone: str


class InputMark(msgspec.Struct, frozen=True):
    """What was read of one input: its rows by date and outcome, and under which settings."""

    source: str
    settings: str
    rows: dict[str, int]
    outcomes: dict[str, int]
    damaged: bool = False


class Ledger:
    """A ledger in a store; raw payloads of quarantined rows go to a store of their own, or below it."""

    def __init__(self, store: Store, time_zone: str, quarantine: Store | None = None) -> None:
        self.store = store
        self.recycled = RecycledObjects(store)
        self.erasures = Erasures(store)
        self._quarantine, self._quarantined = (store, "quarantine/") if quarantine is None else (quarantine, "")
        self._info = LedgerInfo(FORMAT, time_zone)

    def open(self, claim: bool = True) -> None:
        """Claims a new ledger, or checks that the one that is there goes with the settings.

        SettingsError: it was written in another time zone or format, or there is none to be read.
        """
        data = self.store.get(_INFO)
        if data is None and claim:
            if self.store.names(""):
                raise SettingsError(
                    f"{self.store.location('')} holds files but no {_INFO}: it is no ledger; name another folder"
                )
            if self.store.put_new(_INFO, msgspec.json.encode(self._info) + b"\n"):
                return
            data = self.store.get(_INFO)
        if data is None:
            raise SettingsError(f"{self.store.location('')} holds no ledger; name the place of one that was written")
        self._check(data)

    def _check(self, data: bytes) -> None:
        where = self.store.location(_INFO)
        try:
            found = msgspec.json.decode(data, type=LedgerInfo)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StorageError(f"{where} is no ledger description; restore it") from None
        if found.format != FORMAT:
            raise SettingsError(
                f"{where} has format {found.format}, this version writes {FORMAT}; replay its archive into a new ledger"
            )
        if found.time_zone != self._info.time_zone:
            raise SettingsError(
                f"{where} was written with billing.time_zone {found.time_zone}, the settings say "
                f"{self._info.time_zone}; use the ledger's zone or a new ledger"
            )

    def mark(self, input_name: str) -> InputMark | None:
        """The mark of an input that was read to its end, else None."""
        data = self.store.get(mark_name(input_name))
        try:
            return None if data is None else msgspec.json.decode(data, type=InputMark)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def finish(self, input_name: str, mark: InputMark) -> None:
        """Makes an input's parts count."""
        self.store.put(mark_name(input_name), msgspec.json.encode(mark) + b"\n")

    def forget(self, input_name: str) -> None:
        """Makes an input's parts no longer count, before they are written anew."""
        self.store.delete(mark_name(input_name))
        for store, folder in ((self.store, OUTCOMES), (self._quarantine, self._quarantined.rstrip("/"))):
            for name in store.names(folder):
                if f"/replay-{input_name}-" in name:
                    store.delete(name)

    def write_rows(self, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        """Writes ledger rows of one date as a part."""
        self.store.put(f"{OUTCOMES}/{part_name(date, input_name, number)}", parquet_bytes(rows))

    def write_quarantine(self, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        """Writes the raw payloads of quarantined rows of one date as a part."""
        self._quarantine.put(f"{self._quarantined}{part_name(date, input_name, number)}", parquet_bytes(rows))

    def names(self, date: str) -> list[str]:
        """The names in the store of the parts of a date that count, sorted."""
        return self._counted(self.store, outcomes_folder(date))

    def payloads(self, date: str) -> tuple[Store, list[str]]:
        """The store with the raw payloads of quarantined rows, and the names of a date's parts there that count."""
        return self._quarantine, self._counted(self._quarantine, f"{self._quarantined}{date_folder(date)}")

    def all_parts(self) -> list[str]:
        """The names of the parts of all dates, whether they count or not."""
        return [name for name in self.store.names(OUTCOMES) if is_part(name)]

    def all_payloads(self) -> tuple[Store, list[str]]:
        """The store with the raw payloads of quarantined rows, and the names of all parts there."""
        names = self._quarantine.names(self._quarantined.rstrip("/"))
        return self._quarantine, [name for name in names if is_part(name)]

    def dates(self) -> list[str]:
        """Every date that has a part or recycled rows, in order; `unknown` is the last."""
        found = {date for name in self.store.names(OUTCOMES) if (date := partition_of(name))}
        return sorted(found | set(self.recycled.dates(self.recycled.names())))

    def _counted(self, store: Store, folder: str) -> list[str]:
        finished: dict[str, bool] = {}
        counted = []
        for name in store.names(folder):
            if not is_part(name):
                continue
            if input_name := replayed_input(name):
                if input_name not in finished:
                    finished[input_name] = self.mark(input_name) is not None
                if not finished[input_name]:
                    continue
            counted.append(name)
        return counted

    def parts(self, date: str) -> list[str]:
        """Where the parts of a date are that count, sorted."""
        return [self.store.location(name) for name in self.names(date)]

    def closed(self) -> dict[str, tuple[str, ...]]:
        """The dates that the live job has closed, in order, each with the names of its parts and recycled objects.

        A date is closed when it or a later one has `_SUCCESS`; so are the dates without a record in between.
        """
        return _closed(*self._dated(self.store.names(OUTCOMES)))

    def listing(self) -> "LedgerListing":
        """What the ledger has, from one look at the names in it."""
        written = self.store.written(OUTCOMES)
        objects, latest = self._dated(written)
        newest = max((at for name, at in written.items() if is_part(name)), default=None)
        return LedgerListing({date: tuple(names) for date, names in objects.items()}, _closed(objects, latest), newest)

    def _dated(self, names: Iterable[str]) -> tuple[dict[str, list[str]], str]:
        """The objects that count of every date, by their names; and the latest date that has `_SUCCESS`."""
        marked = set(self.store.names(INPUTS))
        found: dict[str, list[str]] = {}
        latest = ""
        for name in names:
            if not (dated := outcome_object(name)) or not is_date(dated[0]):
                continue
            date, file = dated
            input_name = replayed_input(name)
            if file == SUCCESS:
                latest = max(latest, date)
                found.setdefault(date, [])
            elif is_part(name) and (input_name is None or mark_name(input_name) in marked):
                found.setdefault(date, []).append(name)
        recycled = self.recycled.names()
        for date in filter(is_date, self.recycled.dates(recycled)):
            found.setdefault(date, [])
        for date in found if recycled else ():
            found[date] += self.recycled.of(date, recycled).names
        return found, latest


class LedgerListing(msgspec.Struct, frozen=True):
    """The names of the objects that count of every date, and of the closed dates; when the newest part was written."""

    objects: dict[str, tuple[str, ...]]
    closed: dict[str, tuple[str, ...]]
    newest_at: datetime.datetime | None


def _closed(objects: Mapping[str, Iterable[str]], latest: str) -> dict[str, tuple[str, ...]]:
    return {d: tuple(objects.get(d, ())) for d in fill_gaps(date for date in objects if date <= latest)}
