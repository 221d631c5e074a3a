"""The ledger: outcome rows in, Parquet parts by billing date out; and which parts count.

A replayed input's parts are named by the input's content, so that writing them again changes
nothing, and they count once the input's mark is there, which is written last.
"""

import re

import msgspec
import pyarrow as pa

from schemas.errors import SettingsError, StorageError
from schemas.outcome import UNKNOWN_DATE
from sinks.rows import parquet_bytes
from sinks.store import Store

FORMAT = 1
_INFO = "ledger.json"
_PART = re.compile(r"replay-([0-9a-f]+-[0-9]+)-[0-9]+\.parquet$")


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
    """A ledger in a store. SettingsError: it was written in another time zone or format."""

    def __init__(self, store: Store, time_zone: str) -> None:
        self.store = store
        self._info = LedgerInfo(FORMAT, time_zone)

    def open(self) -> None:
        """Claims a new ledger, or checks that the one that is there goes with the settings."""
        data = self.store.get(_INFO)
        if data is None:
            if self.store.names(""):
                raise SettingsError(
                    f"{self.store.location('')} holds files but no {_INFO}: it is no ledger; name another folder"
                )
            self.store.put(_INFO, msgspec.json.encode(self._info) + b"\n")
            return
        where = self.store.location(_INFO)
        try:
            found = msgspec.json.decode(data, type=LedgerInfo)
        except msgspec.MsgspecError:
            raise StorageError(f"{where} is no ledger description; restore it") from None
        if found.format != FORMAT:
            raise SettingsError(f"{where} has format {found.format}; this version writes {FORMAT}")
        if found.time_zone != self._info.time_zone:
            raise SettingsError(
                f"{where} was written with billing.time_zone {found.time_zone}, the settings say "
                f"{self._info.time_zone}; use the ledger's zone or a new ledger"
            )

    def mark(self, input_name: str) -> InputMark | None:
        """The mark of an input that was read to its end, else None."""
        data = self.store.get(_mark_name(input_name))
        try:
            return None if data is None else msgspec.json.decode(data, type=InputMark)
        except msgspec.MsgspecError:
            return None

    def finish(self, input_name: str, mark: InputMark) -> None:
        """Makes an input's parts count."""
        self.store.put(_mark_name(input_name), msgspec.json.encode(mark) + b"\n")

    def forget(self, input_name: str) -> None:
        """Makes an input's parts no longer count, before they are written anew."""
        self.store.delete(_mark_name(input_name))
        for folder in ("outcomes", "quarantine"):
            for name in self.store.names(folder):
                if f"/replay-{input_name}-" in name:
                    self.store.delete(name)

    def write_rows(self, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        """Writes ledger rows of one date as a part."""
        self._write("outcomes", date, input_name, number, rows)

    def write_quarantine(self, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        """Writes the raw payloads of quarantined rows of one date as a part."""
        self._write("quarantine", date, input_name, number, rows)

    def parts(self, date: str) -> list[str]:
        """Where the ledger parts of a date are that count, sorted."""
        finished: dict[str, bool] = {}
        counted = []
        for name in self.store.names(_folder("outcomes", date)):
            if not name.endswith(".parquet"):
                continue
            replayed = _PART.search(name)
            if replayed:
                input_name = replayed.group(1)
                if input_name not in finished:
                    finished[input_name] = self.mark(input_name) is not None
                if not finished[input_name]:
                    continue
            counted.append(self.store.location(name))
        return counted

    def _write(self, kind: str, date: str, input_name: str, number: int, rows: pa.Table) -> None:
        name = f"{_folder(kind, date)}/replay-{input_name}-{number}.parquet"
        self.store.put(name, parquet_bytes(rows))


def _folder(kind: str, date: str) -> str:
    return f"{kind}/billing_date={date or UNKNOWN_DATE}"


def _mark_name(input_name: str) -> str:
    return f"inputs/{input_name}.json"
