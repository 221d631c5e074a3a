"""The `agents sync` command: append what changed in the voicemail solution's table to the agents' history.

The history is read before the table is, and replaced only if it is still the same: an older snapshot never
overwrites a newer one that another sync wrote in between.
"""

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from jobs.agents.dynamodb import scan
from jobs.agents.table import parse_agents
from jobs.agents.table_file import csv_with_seals, location_of, read
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, run_log
from jobs.runtime.output import Emit
from jobs.settings.connections import S3
from jobs.settings.locations import agents_uri
from jobs.settings.settings import load_settings
from schemas.columns import description
from schemas.errors import InputError, StorageError
from transforms.agents.sync import ClockBackwards, Counts, SyncedHistory, sync_history
from transforms.records.extension import AgentHistory
from transforms.records.timestamps import MICROSECONDS, instant_text

_ATTEMPTS = 3

Scan = Callable[[], dict[str, str]]
Clock = Callable[[], int]


class SyncOverrides(msgspec.Struct, frozen=True):
    """Operator overrides: let all assignments end; take over a table that was made by hand."""

    empty: bool = False
    adopt: bool = False


class SyncResult(msgspec.Struct, frozen=True):
    """The result of a sync; every agent is counted once."""

    table: Annotated[str, description("location of the agents' history")]
    written: Annotated[bool, description("whether it was written; it is not if nothing has changed")]
    new: Annotated[int, description("agents seen with an extension for the first time")]
    changed: Annotated[int, description("agents with another extension")]
    returned: Annotated[int, description("agents with an extension again")]
    ended: Annotated[int, description("agents removed, or without an extension")]
    unchanged: Annotated[int, description("agents with the extension that they had")]

    def text(self) -> str:
        """Return one line."""
        if not self.written:
            return f"nothing changed: {self.unchanged} unchanged; {self.table} was not written"
        return (
            f"{self.new} new, {self.changed} changed, {self.returned} returned, {self.ended} ended, "
            f"{self.unchanged} unchanged: {self.table}"
        )


def run_sync(config: Path | None, agents: str | None, table: str | None, overrides: SyncOverrides, emit: Emit) -> None:
    """Read the table once, write the history with its changes, and emit their counts."""
    settings = load_settings(config)
    with run_log("agents sync", settings):
        uri = agents_uri(agents, settings.storage)
        source = msgspec.structs.replace(settings.agents, table=table) if table else settings.agents
        take_snapshot = partial(scan, source, "--table" if table else "agents.table")
        result = sync(uri, settings.storage.s3, take_snapshot, now, overrides)
        log(
            Event.AGENTS_SYNCED,
            new=result.new,
            changed=result.changed,
            returned=result.returned,
            ended=result.ended,
            unchanged=result.unchanged,
        )
        emit(result)


def sync(uri: str, s3: S3, take_snapshot: Scan, clock: Clock, overrides: SyncOverrides) -> SyncResult:
    """Bring the history at a path or s3:// URI up to date with a snapshot taken at `clock`'s time.

    Raises InputError if the history cannot be used or the snapshot cannot be true, and StorageError if the history
    cannot be written or others keep writing it. Nothing is changed then.
    """
    for _ in range(_ATTEMPTS):
        old = read(uri, s3)
        history, sealed = parse_agents(old, uri) if old is not None else (AgentHistory(), True)
        if not (sealed or overrides.adopt):
            raise InputError(
                f"agents table {uri} was made by hand; give --adopt to take its rows over, or name another one "
                "with --agents"
            )
        synced = _continue_history(history, take_snapshot, clock(), uri, overrides)
        # Sealed rows are in order: if nothing has changed, they are the same.
        if (sealed and synced.assignments == history.assignments) or not synced.assignments:
            return _result(uri, False, synced.counts)
        store, name = location_of(uri, s3)
        new = csv_with_seals(synced.assignments)
        if store.put_new(name, new) if old is None else store.replace(name, old, new):
            return _result(uri, True, synced.counts)
    raise StorageError(f"agents table {uri}: others keep writing it; run again when they are done")


def now() -> int:
    """Return the current instant in microseconds since 1970, in whole seconds."""
    return int(datetime.datetime.now(datetime.UTC).timestamp()) * MICROSECONDS


def _result(uri: str, written: bool, counts: Counts) -> SyncResult:
    return SyncResult(uri, written, *msgspec.structs.astuple(counts))


def _continue_history(
    history: AgentHistory, take_snapshot: Scan, at: int, uri: str, overrides: SyncOverrides
) -> SyncedHistory:
    snapshot = take_snapshot()
    try:
        synced = sync_history(history.assignments, snapshot, at)
    except ClockBackwards as error:
        raise InputError(
            f"agents table {uri} knows {instant_text(error.latest)}, but it is {instant_text(at)} now: the clock "
            "goes backwards, or rows were planned ahead; set the clock, or wait until then"
        ) from None
    if synced.counts.ended and not any(snapshot.values()) and not overrides.empty:
        raise InputError(
            f"the voicemail table has no extension at all, which would end all {synced.counts.ended} assignments of "
            f"{uri}; correct --table or agents.table, or give --allow-empty if it is so"
        )
    return synced
