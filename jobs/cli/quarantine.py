"""`contact-billing quarantine list | show | recycle`: records that were unreadable or contradictory."""

from pathlib import Path

import click

from jobs.cli.options import AGENTS, JSON, LEDGER_OPTIONS, PATH
from jobs.runtime.output import Emit, emit_json
from schemas.errors import SettingsError

_REASON = "Only records quarantined for this reason."
_ARCHIVE = "The archive that was read, for payloads over 1 MiB: only their positions are kept."


@click.group()
def quarantine() -> None:
    """Lists, shows and recycles records that were unreadable or contradictory."""


@quarantine.command("list")
@LEDGER_OPTIONS
@click.option("--reason", help=_REASON)
@JSON
def list_quarantined(
    dates: tuple[str, ...], out: Path | None, config: Path | None, reason: str | None, emit: Emit
) -> None:
    """Lists quarantined records by date and reason, with their positions; recycled ones are not listed."""
    from jobs.suspense.quarantine_list import run_list

    run_list(out, config, dates, reason, emit)


@quarantine.command()
@LEDGER_OPTIONS
@click.option("--source", required=True, help="The file or shard, as quarantine list names it.")
@click.option("--position", required=True, help="The position in it, as quarantine list names it.")
@click.option("--payload", is_flag=True, help="Write the raw payload to stdout: patients' data.")
@click.option("--archive", type=PATH, help=_ARCHIVE)
@JSON
def show(
    dates: tuple[str, ...],
    out: Path | None,
    config: Path | None,
    source: str,
    position: str,
    payload: bool,
    archive: Path | None,
    emit: Emit,
) -> None:
    """Shows the ledger's rows of one payload; shows the payload itself only on request."""
    from jobs.suspense.quarantine_show import RecordPosition, run_payload, run_show

    record = RecordPosition(source, position)
    if not payload:
        run_show(out, config, record, dates, emit)
    elif emit is emit_json:
        raise SettingsError("--payload writes the payload as it was read; leave out --json")
    else:
        run_payload(out, config, record, dates, archive)


@quarantine.command()
@LEDGER_OPTIONS
@click.option("--agents", help=AGENTS)
@click.option("--reason", help=_REASON)
@click.option("--archive", type=PATH, help=_ARCHIVE)
@click.option("--dry-run", is_flag=True, help="Only show the outcomes; write nothing.")
@JSON
def recycle(
    dates: tuple[str, ...],
    out: Path | None,
    config: Path | None,
    agents: str | None,
    reason: str | None,
    archive: Path | None,
    dry_run: bool,
    emit: Emit,
) -> None:
    """Reads quarantined payloads again, with today's code and settings; the next release has what is billable now."""
    from jobs.suspense.recycle import run_recycle

    run_recycle(agents, out, config, dates, reason, dry_run, archive, emit)
