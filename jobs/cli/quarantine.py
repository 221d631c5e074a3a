"""`contact-billing quarantine list | show | recycle`: what could not be read or contradicts itself."""

from pathlib import Path

import click

from jobs.cli.options import AGENTS, JSON, LEDGER_OPTIONS
from jobs.runtime.output import Emit, emit_json
from schemas.errors import SettingsError

_REASON = "Only what was quarantined for this reason."


@click.group()
def quarantine() -> None:
    """Works on what could not be read or contradicts itself."""


@quarantine.command("list")
@LEDGER_OPTIONS
@click.option("--reason", help=_REASON)
@JSON
def list_quarantined(
    dates: tuple[str, ...], out: Path | None, config: Path | None, reason: str | None, say: Emit
) -> None:
    """Lists what is quarantined by date and reason, with its place; what was recycled is not listed."""
    from jobs.suspense.quarantine_list import run_list

    run_list(out, config, dates, reason, say)


@quarantine.command()
@LEDGER_OPTIONS
@click.option("--source", required=True, help="The file or shard, as quarantine list names it.")
@click.option("--position", required=True, help="The place in it, as quarantine list names it.")
@click.option("--payload", is_flag=True, help="Write the raw payload to stdout: patients' data.")
@JSON
def show(
    dates: tuple[str, ...], out: Path | None, config: Path | None, source: str, position: str, payload: bool, say: Emit
) -> None:
    """Tells what the ledger says of one payload; shows the payload itself only on request."""
    from jobs.suspense.quarantine_show import RecordPosition, run_payload, run_show

    place = RecordPosition(source, position)
    if not payload:
        run_show(out, config, place, dates, say)
    elif say is emit_json:
        raise SettingsError("--payload writes the payload as it was read; leave out --json")
    else:
        run_payload(out, config, place, dates)


@quarantine.command()
@LEDGER_OPTIONS
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
    say: Emit,
) -> None:
    """Reads quarantined payloads again, with today's code and settings; the next release has what is billable now."""
    from jobs.suspense.recycle import run_recycle

    run_recycle(agents, out, config, dates, reason, dry_run, say)
