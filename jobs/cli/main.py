"""The command line: `contact-billing backfill | replay | release | ...`. Imports are made when needed."""

import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from jobs.cli.agents import agents_group
from jobs.cli.options import AGENTS, CONFIG, FOLDER, JSON, PATH
from jobs.cli.quarantine import held_group, quarantine_group
from jobs.cli.report import report_command
from jobs.cli.status import metrics, status
from jobs.runtime.output import Say
from jobs.runtime.run_command import run
from schemas.errors import SettingsError

_DATE = click.DateTime(["%Y-%m-%d"])
_OUT = "A folder for ledger, release and audit, instead of the settings' storage."

Day = datetime.date | None


def _day(_: click.Context, __: click.Parameter, value: datetime.datetime | None) -> datetime.date | None:
    return None if value is None else value.date()


@click.group()
@click.version_option(package_name="contact-billing")
def cli() -> None:
    """Turns Amazon Connect contact records into billing files that a third party can trust."""


def _over_archive(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the commands that read an archive."""
    options = (
        click.option("--archive", type=PATH, required=True, help="Folder (or file) of contact records."),
        click.option("--agents", help=AGENTS),
        click.option("--out", type=FOLDER, help=_OUT),
        click.option("--config", type=PATH, help=CONFIG),
        click.option("--from", "first", type=_DATE, callback=_day, help="First date, as 2026-03-01."),
        click.option("--to", "last", type=_DATE, callback=_day, help="Last date."),
        JSON,
    )
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@_over_archive
def backfill(
    archive: Path, agents: str | None, out: Path | None, config: Path | None, first: Day, last: Day, say: Say
) -> None:
    """Reads archived contact records and publishes the billing files of every date in them.

    Dates select by the archive's YYYY/MM/DD paths, or without them by billing date.
    """
    from jobs.backfill import run_backfill
    from jobs.ingest.archive.files import Dates

    run_backfill(archive, agents, out, config, Dates(first, last), say)


@cli.command()
@_over_archive
def replay(
    archive: Path, agents: str | None, out: Path | None, config: Path | None, first: Day, last: Day, say: Say
) -> None:
    """Reads archived contact records into the ledger, and publishes nothing."""
    from jobs.backfill import run_replay
    from jobs.ingest.archive.files import Dates

    run_replay(archive, agents, out, config, Dates(first, last), say)


@cli.command()
@click.option("--agents", help=AGENTS)
@click.option("--out", type=FOLDER, help=_OUT)
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--date", "dates", multiple=True, type=_DATE, help="A closed date; repeatable. Without one: all.")
@click.option("--follow", is_flag=True, help="Go on: publish dates when they close, and again when they change.")
@click.option("--dry-run", is_flag=True, help="Only say what would be published; write nothing.")
@click.option("--change-contract", is_flag=True, help="Restate dates that were published with another contract.")
@click.option("--accept-loss", is_flag=True, help="Publish although parts of the ledger are gone; lines are withdrawn.")
@JSON
def release(
    agents: str | None,
    out: Path | None,
    config: Path | None,
    dates: tuple[datetime.datetime, ...],
    follow: bool,
    dry_run: bool,
    change_contract: bool,
    accept_loss: bool,
    say: Say,
) -> None:
    """Publishes dates from the ledger, where something of their lines is new."""
    from jobs.releases.candidate import Allowed
    from jobs.releases.follow import run_follow, run_release

    named = [d.date().isoformat() for d in dates]
    if not follow:
        run_release(agents, out, config, named, dry_run, Allowed(change_contract, accept_loss), say)
    elif named or dry_run or change_contract or accept_loss:
        raise SettingsError("--follow looks for dates itself; leave out --date, --dry-run and what is to be allowed")
    else:
        run_follow(agents, out, config, say)


@cli.command()
@click.argument("release")
@click.option("--date", "dates", multiple=True, type=_DATE, help="A date; repeatable. Without one: all.")
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--ledger", help="For the operator: verify against this ledger, too, a folder or s3:// URI.")
@click.option("--agents", help="With --ledger. " + AGENTS)
@click.option("--audit", help="With --ledger: the audit; else storage.audit of the settings.")
@JSON
def verify(
    release: str,
    dates: tuple[datetime.datetime, ...],
    config: Path | None,
    ledger: str | None,
    agents: str | None,
    audit: str | None,
    say: Say,
) -> None:
    """Verifies a RELEASE, a folder or s3:// URI: every version, file, total and amendment, from what is there."""
    from jobs.releases.verify.verify import run_verify

    run_verify(release, [d.date().isoformat() for d in dates], config, ledger, agents, audit, say)


@cli.command()
@click.option("--config", type=PATH, help=CONFIG)
@click.option("--out", type=FOLDER, help=_OUT)
@click.option("--agents", help=AGENTS)
@click.option("--dry-run", is_flag=True, help="Only say what holds the numbers; write nothing.")
@JSON
def erase(config: Path | None, out: Path | None, agents: str | None, dry_run: bool, say: Say) -> None:
    """Erases patients' phone numbers, one per line of standard input, from everything that was kept.

    Their calls stay, as of a patient who withheld the number; dates that held one get a new version.
    """
    from jobs.erasure.erase import run_erase

    run_erase(agents, out, config, dry_run, sys.stdin, say)


@cli.command()
@click.option("--config", type=PATH, required=True, help=CONFIG)
@click.option("--agents", help=AGENTS)
def stream(config: Path, agents: str | None) -> None:
    """Reads Kinesis or Kafka into the ledger in this process, to try settings out; Ctrl-C ends it.

    For service, `flink run -py jobs/stream.py` submits the same job to a cluster; see docs/live.md.
    """
    from jobs.stream import run_stream

    run_stream(config, agents)


@cli.command()
@click.option("--out", type=FOLDER, required=True, help="A new folder for archive/ and agents.csv.")
@click.option("--contacts", type=click.IntRange(min=200), default=3000, show_default=True)
@click.option("--days", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option(
    "--layout",
    default="firehose",
    show_default=True,
    help="firehose, mixed, lines, pretty, zstd, ...",
)
@click.option("--records-per-object", type=click.IntRange(min=1))
@JSON
def sample(
    out: Path, contacts: int, days: int, seed: int, layout: str, records_per_object: int | None, say: Say
) -> None:
    """Writes a synthetic archive: every outcome and reason occurs; no real patient in it."""
    from jobs.sample.command import run_sample

    run_sample(out, contacts, days, seed, layout, records_per_object, say)


for command in (status, metrics, agents_group, quarantine_group, held_group, report_command):
    cli.add_command(command)


def main() -> NoReturn:
    """Runs the command line."""
    run(cli)
