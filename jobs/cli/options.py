"""Options that several commands share: types of values, help texts, and --json."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jobs.runtime.output import emitter

if TYPE_CHECKING:
    from jobs.backfill import BackfillRequest

FOLDER = click.Path(path_type=Path, file_okay=False)
PATH = click.Path(path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
AGENTS = "Agent-extension table: CSV, JSON lines or Parquet; else storage.agents of the settings."
CONFIG = "Settings; see conf/reference.toml."
OUT = "A folder for ledger, release and audit, instead of the settings' storage."
# A command gets it as `emit`.
JSON = click.option("--json", "emit", is_flag=True, callback=emitter, help="One JSON object instead of text.")

Command = Callable[..., None]
UNKNOWN = "unknown"


def group(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Return one decorator for several options, which --help lists in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _day(_: click.Context, __: click.Parameter, value: datetime.datetime | None) -> datetime.date | None:
    return None if value is None else value.date()


class BillingDate(click.ParamType[str]):
    """A billing date as 2026-03-01, or `unknown`."""

    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value == UNKNOWN:
            return value
        try:
            return datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            self.fail(f"{value!r} is neither a date, such as 2026-03-01, nor {UNKNOWN}", param, ctx)


class Address(click.ParamType[tuple[str, int]]):
    """An address to listen on, as 127.0.0.1:9300."""

    name = "host:port"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is not an address, such as 127.0.0.1:9300", param, ctx)
        return host.strip("[]"), int(port)


# The commands that read an archive.
ARCHIVE_OPTIONS = group(
    click.option("--archive", type=PATH, required=True, help="Folder (or file) of contact records."),
    click.option("--agents", help=AGENTS),
    click.option("--out", type=FOLDER, help=OUT),
    click.option("--config", type=PATH, help=CONFIG),
    click.option("--from", "first", type=DAY, callback=_day, help="First billing date, as 2026-03-01."),
    click.option("--to", "last", type=DAY, callback=_day, help="Last billing date."),
    click.option(
        "--exclude", multiple=True, metavar="PATTERN", help="Leave out files by their path in the archive; repeatable."
    ),
    click.option("--accept-unreadable", is_flag=True, help="Go on although files hold no record that can be read."),
    JSON,
)


def backfill_request(
    *, first: datetime.date | None, last: datetime.date | None, exclude: tuple[str, ...], **options: Any
) -> "BackfillRequest":
    """Return what the options of a command that reads an archive ask for."""
    from jobs.backfill import BackfillRequest
    from jobs.ingest.archive.exclusions import Exclusions
    from jobs.settings.date_range import DateRange

    return BackfillRequest(dates=DateRange(first, last), exclude=Exclusions(exclude), **options)


# The commands that list rows of a ledger.
LEDGER_OPTIONS = group(
    click.option("--date", "dates", multiple=True, type=BillingDate(), help="A billing date, or unknown; repeatable."),
    click.option("--out", type=FOLDER, help="A folder with the ledger, instead of the settings' storage."),
    click.option("--config", type=PATH, help=CONFIG),
)
# The commands that read ledger, release and audit.
STORAGE_OPTIONS = group(
    click.option("--agents", help=AGENTS),
    click.option(
        "--out", type=FOLDER, help="A folder with ledger, release and audit, instead of the settings' storage."
    ),
    click.option("--config", type=PATH, help=CONFIG),
)
