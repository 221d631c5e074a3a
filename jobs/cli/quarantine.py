"""`contact-billing quarantine list | show | recycle` and `held list`: what is not billed yet, and what can be done."""

import datetime
from collections.abc import Callable
from pathlib import Path

import click

from jobs.cli.options import AGENTS, CONFIG, FOLDER, JSON, PATH
from jobs.runtime.output import Say, say_json
from schemas.errors import SettingsError

_UNKNOWN = "unknown"
_REASON = "Only what was quarantined for this reason."


class _Date(click.ParamType[str]):
    """A billing date as 2026-03-01, or `unknown`."""

    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == _UNKNOWN:
            return value
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            self.fail(f"{value!r} is neither a date, such as 2026-03-01, nor {_UNKNOWN}", param, ctx)


def _over_ledger(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the commands that look at a ledger."""
    options = (
        click.option("--date", "dates", multiple=True, type=_Date(), help="A billing date, or unknown; repeatable."),
        click.option("--out", type=FOLDER, help="A folder with the ledger, instead of the settings' storage."),
        click.option("--config", type=PATH, help=CONFIG),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group("quarantine")
def quarantine_group() -> None:
    """Works on what could not be read or contradicts itself."""


@quarantine_group.command("list")
@_over_ledger
@click.option("--reason", help=_REASON)
@JSON
def list_quarantined(
    dates: tuple[str, ...], out: Path | None, config: Path | None, reason: str | None, say: Say
) -> None:
    """Lists what is quarantined by date and reason, with its place; what was recycled is not listed."""
    from jobs.suspense.quarantine_list import run_list

    run_list(out, config, dates, reason, say)


@quarantine_group.command()
@_over_ledger
@click.option("--source", required=True, help="The file or shard, as quarantine list names it.")
@click.option("--position", required=True, help="The place in it, as quarantine list names it.")
@click.option("--payload", is_flag=True, help="Write the raw payload to stdout: patients' data.")
@JSON
def show(
    dates: tuple[str, ...], out: Path | None, config: Path | None, source: str, position: str, payload: bool, say: Say
) -> None:
    """Tells what the ledger says of one payload; shows the payload itself only on request."""
    from jobs.suspense.quarantine_show import Place, run_payload, run_show

    place = Place(source, position)
    if not payload:
        run_show(out, config, place, dates, say)
    elif say is say_json:
        raise SettingsError("--payload writes the payload as it was read; leave out --json")
    else:
        run_payload(out, config, place, dates)


@quarantine_group.command()
@_over_ledger
@click.option("--agents", help=AGENTS)
@click.option("--reason", help=_REASON)
@click.option("--dry-run", is_flag=True, help="Only say what would become of it; write nothing.")
@JSON
def recycle(
    dates: tuple[str, ...],
    out: Path | None,
    config: Path | None,
    agents: str | None,
    reason: str | None,
    dry_run: bool,
    say: Say,
) -> None:
    """Reads quarantined payloads again, with today's code and settings; the next release has what is billable now."""
    from jobs.suspense.recycle import run_recycle

    run_recycle(agents, out, config, dates, reason, dry_run, say)


@click.group("held")
def held_group() -> None:
    """Looks at calls that wait for their extension."""


@held_group.command("list")
@_over_ledger
@click.option("--agents", help=AGENTS)
@JSON
def list_held(dates: tuple[str, ...], out: Path | None, config: Path | None, agents: str | None, say: Say) -> None:
    """Lists what is held with today's agents' history, and how much of it by agent."""
    from jobs.suspense.held import run_held

    run_held(agents, out, config, dates, say)
