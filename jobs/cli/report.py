"""`contact-billing report`: write or serve a page for people. Heavy imports wait until they are needed."""

import datetime
from pathlib import Path
from typing import cast

import click

from jobs.cli.options import CONFIG, DAY, FOLDER, JSON, PATH, Address
from jobs.runtime.output import Emit
from schemas.errors import SettingsError
from schemas.report_roles import ROLES, RoleName

_LISTEN = ("127.0.0.1", 8050)


@click.command()
@click.option("--config", type=PATH, help=CONFIG)
@click.option(
    "--data", type=FOLDER, help="The folder that a backfill wrote with --out, instead of the settings' storage."
)
@click.option("--from", "first", type=DAY, help="First billing date, as 2026-03-01.")
@click.option("--to", "last", type=DAY, help="Last billing date.")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    default="operator",
    show_default=True,
    help="Who will read it; decides which data is read.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The page, as report.html.")
@click.option("--serve", is_flag=True, help="Serve the page instead, and update it as dates close.")
@click.option("--listen", type=Address(), help=f"With --serve: the address.  [default: {_LISTEN[0]}:{_LISTEN[1]}]")
@JSON
def report(
    config: Path | None,
    data: Path | None,
    first: datetime.datetime | None,
    last: datetime.datetime | None,
    role: str,
    out: Path | None,
    serve: bool,
    listen: tuple[str, int] | None,
    emit: Emit,
) -> None:
    """Writes a page for people: what was billed, how patients were served, or what became of every record."""
    if serve == (out is not None):
        raise SettingsError("give either --out, the page's file, or --serve")
    if listen is not None and not serve:
        raise SettingsError("--listen goes with --serve")
    from jobs.report.command import ReportRequest, run_serve, run_write
    from jobs.settings.date_range import DateRange

    dates = DateRange(first.date() if first else None, last.date() if last else None)
    request = ReportRequest(cast(RoleName, role), dates, config, data)
    if out is None:
        run_serve(request, listen or _LISTEN, emit)
    else:
        run_write(request, out, emit)
