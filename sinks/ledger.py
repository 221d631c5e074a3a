"""Store outcome rows as Parquet parts by billing date, and tell which parts count.

A replayed input's parts are named by the input's content, so that writing them again changes nothing. They count once
the input's mark exists, which is written last. The live job's parts have the names that Flink gives them; they count
as soon as they are visible. Rows recycled from the quarantine are in objects beside the parts, see
sinks/recycled_objects.py.
"""

import datetime
from collections.abc import Iterable, Mapping

import msgspec
import pyarrow as pa

from schemas.errors import SettingsError, StorageError
from sinks.date_gaps import fill_gaps
from sinks.erasures import Erasures
from sinks.parquet import parquet_bytes
from sinks.paths import (
    INPUTS,
    OUTCOMES,
    SUCCESS,
    date_folder,
    is_date,
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

FORMAT = 4
_INFO = "ledger.json"


class LedgerInfo(msgspec.Struct, frozen=True):
    """A ledger's description of itself: its format, and the time zone of its billing dates."""

    format: int
    time_zone: str


class InputMark(msgspec.Struct, frozen=True):
    """The mark of an input that was read completely: its rows by date and by outcome, and the settings used."""

    source: str
    settings: str
    rows: dict[str, int]
    outcomes: dict[str, int]
    damaged: bool = False


class Ledger:
    """A ledger in a store. Raw payloads of quarantined rows go to a separate store, or to a folder of the same one."""

    def __init__(self, store: Store, time_zone: str, quarantine: Store | None = None) -> None:
        self.store = store
        self.recycled = RecycledObjects(store)
        self.erasures = Erasures(store)
        self._quarantine, self._quarantine_prefix = (store, "quarantine/") if quarantine is None else (quarantine, "")
        self._info = LedgerInfo(FORMAT, time_zone)

    def open(self, claim: bool = True) -> None:
        """Check that the ledger matches the settings; create a new one if `claim` is set and the store is empty.

        Raises SettingsError if it has another time zone or format, or if there is no ledger.
        """
        data = self.store.get(_INFO)
        if data is None and claim:
            if self.store.names(""):
                raise SettingsError(
                    f"{self.store.location('')} holds files but no {_INFO}: it is not a ledger; name another folder"
                )
            if self.store.put_new(_INFO, msgspec.json.encode(self._info) + b"\n"):
                return
            data = self.store.get(_INFO)
        if data is None:
            raise SettingsError(f"{self.store.location('')} holds no ledger; name the location of an existing one")
        self._check(data)

    def _check(self, data: bytes) -> None:
        location = self.store.location(_INFO)
        try:
            info = msgspec.json.decode(data, type=LedgerInfo)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StorageError(f"{location} is not a ledger description; restore it") from None
        if info.format != FORMAT:
            raise SettingsError(
                f"{location} has format {info.format}, this version writes {FORMAT}; "
                "replay its archive into a new ledger"
            )
        if info.time_zone != self._info.time_zone:
            raise SettingsError(
                f"{location} was written with billing.time_zone {info.time_zone}, the settings say "
                f"{self._info.time_zone}; use the ledger's zone or a new ledger"
            )

    def mark(self, input_name: str) -> InputMark | None:
        """Return the mark of an input that was read to its end, else None."""
        data = self.store.get(mark_name(input_name))
        try:
            return None if data is None else msgspec.json.decode(data, type=InputMark)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def finish(self, input_name: str, mark: InputMark) -> None:
        """Write an input's mark: its parts count from now on."""
        self.store.put(mark_name(input_name), msgspec.json.encode(mark) + b"\n")

    def forget(self, input_name: str) -> None:
        """Delete an input's mark, so that its parts no longer count, and then its parts."""
        self.store.delete(mark_name(input_name))
        for store, folder in ((self.store, OUTCOMES), (self._quarantine, self._quarantine_prefix.rstrip("/"))):
            for name in store.names(folder):
                if f"/replay-{input_name}-" in name:
                    store.delete(name)

    def write_rows(self, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        """Write ledger rows of one date as a part."""
        self.store.put(f"{OUTCOMES}/{part_name(date, input_name, number)}", parquet_bytes(rows))

    def write_quarantine(self, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        """Write the raw payloads of quarantined rows of one date as a part."""
        self._quarantine.put(f"{self._quarantine_prefix}{part_name(date, input_name, number)}", parquet_bytes(rows))

    def names(self, date: str) -> list[str]:
        """Return the names of a date's parts that count, sorted."""
        return self._parts_that_count(self.store, outcomes_folder(date))

    def payloads(self, date: str) -> tuple[Store, list[str]]:
        """Return the store of the quarantined rows' raw payloads, and the names of a date's parts there that count."""
        folder = f"{self._quarantine_prefix}{date_folder(date)}"
        return self._quarantine, self._parts_that_count(self._quarantine, folder)

    def all_parts(self) -> list[str]:
        """Return the names of the parts of all dates, whether they count or not."""
        return [name for name in self.store.names(OUTCOMES) if is_part(name)]

    def all_payloads(self) -> tuple[Store, list[str]]:
        """Return the store of the quarantined rows' raw payloads, and the names of all parts there."""
        names = self._quarantine.names(self._quarantine_prefix.rstrip("/"))
        return self._quarantine, [name for name in names if is_part(name)]

    def dates(self) -> list[str]:
        """Return every date that has a part or recycled rows, in order; `unknown` is the last."""
        dates = {date for name in self.store.names(OUTCOMES) if (date := partition_of(name))}
        return sorted(dates | set(self.recycled.dates(self.recycled.names())))

    def _parts_that_count(self, store: Store, folder: str) -> list[str]:
        has_mark: dict[str, bool] = {}
        parts = []
        for name in store.names(folder):
            if not is_part(name):
                continue
            if input_name := replayed_input(name):
                if input_name not in has_mark:
                    has_mark[input_name] = self.mark(input_name) is not None
                if not has_mark[input_name]:
                    continue
            parts.append(name)
        return parts

    def parts(self, date: str) -> list[str]:
        """Return the locations of a date's parts that count, sorted."""
        return [self.store.location(name) for name in self.names(date)]

    def closed(self) -> dict[str, tuple[str, ...]]:
        """Return the dates that the live job closed, in order, with the names of their parts and recycled objects.

        A date is closed if it or a later one has `_SUCCESS`; so are the dates without a record in between.
        """
        return _closed_dates(*self._objects_by_date(self.store.names(OUTCOMES)))

    def listing(self) -> "LedgerListing":
        """Return the objects that count by date, from one listing of the store."""
        write_times = self.store.write_times(OUTCOMES)
        objects, latest = self._objects_by_date(write_times)
        newest = max((at for name, at in write_times.items() if is_part(name)), default=None)
        closed = _closed_dates(objects, latest)
        return LedgerListing({date: tuple(names) for date, names in objects.items()}, closed, newest)

    def _objects_by_date(self, names: Iterable[str]) -> tuple[dict[str, list[str]], str]:
        """Return the names of the objects that count by date, and the latest date that has `_SUCCESS`."""
        marks = set(self.store.names(INPUTS))
        objects: dict[str, list[str]] = {}
        latest = ""
        for name in names:
            if (date_and_file := outcome_object(name)) is None:
                continue
            date, file = date_and_file
            input_name = replayed_input(name)
            if file == SUCCESS:
                latest = max(latest, date)
                objects.setdefault(date, [])
            elif is_part(name) and (input_name is None or mark_name(input_name) in marks):
                objects.setdefault(date, []).append(name)
        recycled = self.recycled.names()
        for date in filter(is_date, self.recycled.dates(recycled)):
            objects.setdefault(date, [])
        for date in objects if recycled else ():
            objects[date] += self.recycled.of(date, recycled).names
        return objects, latest


class LedgerListing(msgspec.Struct, frozen=True):
    """The objects that count by date, those of the closed dates, and when the newest part was written."""

    objects: dict[str, tuple[str, ...]]
    closed: dict[str, tuple[str, ...]]
    newest_at: datetime.datetime | None


def _closed_dates(objects: Mapping[str, Iterable[str]], latest: str) -> dict[str, tuple[str, ...]]:
    return {d: tuple(objects.get(d, ())) for d in fill_gaps(date for date in objects if date <= latest)}
