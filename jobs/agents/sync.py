"""The agents' history follows the voicemail solution's table: what has changed there since is appended here.

The history is read before the table is, and replaced only where it is still the same: what another sync has seen in
between is never overwritten by what was seen before.
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


class Allowed(msgspec.Struct, frozen=True):
    """What an operator has to allow: that all assignments end, and that a table made by hand is taken over."""

    empty: bool = False
    adopt: bool = False


class SyncResult(msgspec.Struct, frozen=True):
    """What a sync has come to; every agent is counted once."""

    table: Annotated[str, description("where the agents' history is")]
    written: Annotated[bool, description("whether it was written; it is not where nothing has changed")]
    new: Annotated[int, description("agents seen with an extension for the first time")]
    changed: Annotated[int, description("agents with another extension")]
    returned: Annotated[int, description("agents with an extension again")]
    ended: Annotated[int, description("agents gone, or without an extension")]
    unchanged: Annotated[int, description("agents with the extension that they had")]

    def text(self) -> str:
        """One line."""
        if not self.written:
            return f"nothing changed: {self.unchanged} unchanged; {self.table} was not written"
        return (
            f"{self.new} new, {self.changed} changed, {self.returned} returned, {self.ended} ended, "
            f"{self.unchanged} unchanged: {self.table}"
        )


def run_sync(config: Path | None, agents: str | None, table: str | None, allowed: Allowed, emit: Emit) -> None:
    """One look at the table: the history with its changes is written, and it is said how many."""
    settings = load_settings(config)
    with run_log("agents sync", settings):
        where = agents_uri(agents, settings.storage)
        source = msgspec.structs.replace(settings.agents, table=table) if table else settings.agents
        look = partial(scan, source, "--table" if table else "agents.table")
        result = sync(where, settings.storage.s3, look, now, allowed)
        log(
            Event.AGENTS_SYNCED,
            new=result.new,
            changed=result.changed,
            returned=result.returned,
            ended=result.ended,
            unchanged=result.unchanged,
        )
        emit(result)


def sync(where: str, s3: S3, look: Scan, clock: Clock, allowed: Allowed) -> SyncResult:
    """Makes the history at a path or s3:// URI agree with what `look` sees at `clock`'s time; what was done.

    InputError: the history cannot be used, or what was seen cannot be true; StorageError: it cannot be written, or
    others write it all the time. Nothing is changed then.
    """
    for _ in range(_ATTEMPTS):
        old = read(where, s3)
        history, sealed = parse_agents(old, where) if old is not None else (AgentHistory(), True)
        if not (sealed or allowed.adopt):
            raise InputError(
                f"agents table {where} was made by hand; give --adopt to take its rows over, or name another one "
                "with --agents"
            )
        found = _continued(history, look, clock(), where, allowed)
        # Sealed rows are in order: where nothing has happened, they are the same.
        if (sealed and found.assignments == history.assignments) or not found.assignments:
            return _result(where, False, found.counts)
        store, name = location_of(where, s3)
        new = csv_with_seals(found.assignments)
        if store.put_new(name, new) if old is None else store.replace(name, old, new):
            return _result(where, True, found.counts)
    raise StorageError(f"agents table {where}: others keep writing it; run again when they are done")


def now() -> int:
    """The current instant in microseconds since 1970, in whole seconds."""
    return int(datetime.datetime.now(datetime.UTC).timestamp()) * MICROSECONDS


def _result(where: str, written: bool, counts: Counts) -> SyncResult:
    return SyncResult(where, written, *msgspec.structs.astuple(counts))


def _continued(history: AgentHistory, look: Scan, at: int, where: str, allowed: Allowed) -> SyncedHistory:
    snapshot = look()
    try:
        found = sync_history(history.assignments, snapshot, at)
    except ClockBackwards as error:
        raise InputError(
            f"agents table {where} knows {instant_text(error.latest)}, but it is {instant_text(at)} now: the clock "
            "goes backwards, or rows were planned ahead; set the clock, or wait until then"
        ) from None
    if found.counts.ended and not any(snapshot.values()) and not allowed.empty:
        raise InputError(
            f"the voicemail table has no extension at all, which would end all {found.counts.ended} assignments of "
            f"{where}; correct --table or agents.table, or give --allow-empty if it is so"
        )
    return found
