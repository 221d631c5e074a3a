"""The agents' history follows the voicemail solution's table: what has changed there since is appended here.

The history is read before the table is, and replaced only where it is still the same: what another sync has seen in
between is never overwritten by what was seen before.
"""

import datetime
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import msgspec

from jobs.agents import parse_agents
from jobs.agents_file import place, read, sealed_csv
from jobs.connections import S3
from jobs.places import agents_at
from jobs.settings import load_settings
from jobs.sources.voicemail import scan
from schemas.errors import InputError, StorageError
from transforms.assignments import ClockBackwards, Synced, synced
from transforms.extension import AgentHistory
from transforms.instants import MICROSECONDS, instant_text

_ATTEMPTS = 3

Scan = Callable[[], dict[str, str]]
Clock = Callable[[], int]


class Allowed(msgspec.Struct, frozen=True):
    """What an operator has to allow: that all assignments end, and that a table made by hand is taken over."""

    empty: bool = False
    adopt: bool = False


def run_sync(config: Path | None, agents: str | None, table: str | None, allowed: Allowed) -> None:
    """One look at the table: the history with its changes is written, and one line says how many."""
    settings = load_settings(config)
    where = agents_at(agents, settings.storage)
    source = msgspec.structs.replace(settings.agents, table=table) if table else settings.agents
    look = partial(scan, source, "--table" if table else "agents.table")
    click.echo(sync(where, settings.storage.s3, look, now, allowed))


def sync(where: str, s3: S3, look: Scan, clock: Clock, allowed: Allowed) -> str:
    """Makes the history at a path or s3:// URI agree with what `look` sees at `clock`'s time; what was done, in a line.

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
        counts = found.counts
        # Sealed rows are in order: where nothing has happened, they are the same.
        if (sealed and found.assignments == history.assignments) or not found.assignments:
            return f"nothing changed: {counts.unchanged} unchanged; {where} was not written"
        store, name = place(where, s3)
        new = sealed_csv(found.assignments)
        if store.put_new(name, new) if old is None else store.replace(name, old, new):
            return (
                f"{counts.new} new, {counts.changed} changed, {counts.returned} returned, {counts.ended} ended, "
                f"{counts.unchanged} unchanged: {where}"
            )
    raise StorageError(f"agents table {where}: others keep writing it; run again when they are done")


def now() -> int:
    """The current instant in microseconds since 1970, in whole seconds."""
    return int(datetime.datetime.now(datetime.UTC).timestamp()) * MICROSECONDS


def _continued(history: AgentHistory, look: Scan, at: int, where: str, allowed: Allowed) -> Synced:
    snapshot = look()
    try:
        found = synced(history.assignments, snapshot, at)
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
