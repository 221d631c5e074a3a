"""What a command prints at its end: control totals per billing date, and where the files are."""

import click

from jobs.places import Places
from jobs.publish import Released
from jobs.replay import Replayed
from schemas.manifest import Control
from transforms.control import total

_COLUMNS = (
    "read",
    "billed",
    "held",
    "excluded",
    "superseded",
    "duplicate",
    "quarantined",
    "call s",
)


def print_backfill(replayed: Replayed, released: list[Released], unknown: Control | None, where: Places) -> None:
    """The end of a backfill, for people."""
    rows = [(r.billing_date, r.control, _version(r)) for r in released]
    if unknown is not None:
        rows.append(("unknown", unknown, "not published"))
    rows.append(("in all", total([control for _, control, _ in rows]), ""))
    click.echo(table(rows))
    print_findings(released)
    print_files(replayed)
    click.echo(f"\n{replayed.files} files read; {where.told()}")


def print_replayed(replayed: Replayed, where: Places) -> None:
    """The end of a replay, for people."""
    for date, rows in replayed.rows.items():
        click.echo(f"{date}  {rows} records")
    print_files(replayed)
    click.echo(f"\n{replayed.files} files read; the ledger is {where.ledger_at}")


def print_files(replayed: Replayed) -> None:
    """Names the files that could not be read as a whole."""
    for name in replayed.damaged:
        click.echo(f"damaged: {name} (what could be read of it is in the ledger)")


def print_findings(released: list[Released]) -> None:
    """Names the dates on which calls contradict themselves in time; a warning."""
    for date in released:
        if date.findings:
            click.echo(f"{date.billing_date}: {findings(date.findings)} (see {date.audit})")


def findings(count: int) -> str:
    """So many findings, in words."""
    return f"{count} chain finding{'' if count == 1 else 's'}"


def print_released(released: list[Released], dry_run: bool = False) -> None:
    """The end of a release, for people."""
    click.echo(table([(r.billing_date, r.control, _version(r)) for r in released]))
    print_findings(released)
    if dry_run:
        click.echo(f"\ndry run: {sum(r.new for r in released)} versions would be published; nothing was written")


def table(rows: list[tuple[str, Control, str]]) -> str:
    """Control totals as aligned text, one line per date."""
    lines: list[tuple[str, ...]] = [("billing date", *_COLUMNS, "release")]
    lines += [(date, *map(str, numbers(control)), note) for date, control, note in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i in (0, len(widths) - 1) else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def numbers(control: Control) -> tuple[int, ...]:
    """The figures of a line, in the table's order."""
    return (
        control.read,
        control.billed,
        control.held,
        sum(control.excluded.values()),
        control.superseded,
        control.duplicate,
        sum(control.quarantined.values()),
        control.call_seconds,
    )


def _version(released: Released) -> str:
    if released.failures:
        return "FAILED"
    if not released.new:
        return f"v{released.version:04d} (unchanged)"
    amended = ", ".join(f"{count} {kind.lower()}" for kind, count in released.amendments.items())
    return f"v{released.version:04d}{f' ({amended})' if amended else ''}"
