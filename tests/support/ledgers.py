"""Ledgers of payloads or files, below a folder, without Flink."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from jobs.ingest.archive.files import archive_files
from jobs.ingest.file_task import FileResult, FileTask
from jobs.settings.date_range import DateRange
from jobs.sql.date_tables import DateTables
from jobs.sql.ledger_rows import DateParts
from schemas.billing_rules import Rules
from schemas.contract import BILLING_V1
from schemas.manifest import Control
from schemas.outcome import LEDGER_COLUMNS, OutcomeRow
from sinks.ledger import InputMark, Ledger
from sinks.parquet import arrow_table
from sinks.store import LocalStore
from transforms.records.extension import AgentHistory, Assignment
from transforms.records.outcome import outcome
from transforms.records.timestamps import instant, instant_text

RULES = Rules()
NO_AGENTS = AgentHistory()


def new_ledger(folder: Path, time_zone: str = "UTC") -> Ledger:
    """An empty ledger, claimed."""
    ledger = Ledger(LocalStore(folder), time_zone)
    ledger.open()
    return ledger


def history(rows: Iterable[Mapping[str, str]]) -> AgentHistory:
    """The agents' history in the rows of a table; an empty instant is open."""
    return AgentHistory([_assignment(row) for row in rows])


def _assignment(row: Mapping[str, str]) -> Assignment:
    limits = {name: instant(row[name]) for name in ("valid_from", "valid_to") if row[name]}
    assert None not in limits.values(), f"no instant in {dict(row)}"
    return Assignment(row["agent_id"], row["extension"], **limits)


def write_rows(ledger: Ledger, rows: Iterable[OutcomeRow], input_name: str = "0a-0") -> None:
    """Writes outcome rows as the parts of one input, and its mark."""
    by_date = defaultdict(list)
    for number, row in enumerate(rows):
        *fields, date = msgspec.structs.astuple(row)
        by_date[date].append((*fields, input_name, str(number), 1))
    for date, written in by_date.items():
        ledger.write_rows(date, input_name, 0, arrow_table(written, LEDGER_COLUMNS))
    counts = {date: len(written) for date, written in by_date.items()}
    ledger.finish(input_name, InputMark(input_name, "s", counts, {}))


def write_payloads(
    ledger: Ledger,
    payloads: Iterable[bytes],
    agents: AgentHistory = NO_AGENTS,
    rules: Rules = RULES,
    input_name: str = "0a-0",
) -> None:
    """Classifies payloads and writes their rows."""
    write_rows(ledger, (outcome(p, agents, rules) for p in payloads), input_name)


def read_archive(
    archive: Path,
    ledger: Ledger,
    agents: AgentHistory = NO_AGENTS,
    rules: Rules = RULES,
    settings: str = "s",
    dates: DateRange | None = None,
) -> list[FileResult]:
    """Read every file of an archive into the ledger, one after another."""
    task = FileTask(ledger, rules, agents, settings)
    return [task.run(file, lambda done: None) for file in archive_files(archive, dates or DateRange())]


def lines_and_control(
    ledger: Ledger, date: str, agents: AgentHistory = NO_AGENTS, rules: Rules = RULES
) -> tuple[list[dict[str, object]], Control]:
    """The first version's billing lines of a date, as the gate sees them but with instants as texts; and the totals."""
    with date_tables(ledger, date, agents, rules) as tables:
        frame = tables.compare(BILLING_V1, None, 1).frame().astype(object)
        frame["initiated_at"] = frame["initiated_at"].map(instant_text)
        return frame.where(frame.notna(), None).to_dict("records"), tables.control()


def date_tables(ledger: Ledger, date: str, agents: AgentHistory = NO_AGENTS, rules: Rules = RULES) -> DateTables:
    """The tables of a date of a ledger on this machine, without what was recycled."""
    return DateTables(DateParts(date, {part: part for part in ledger.parts(date)}), agents, rules)


def dates(ledger: Ledger) -> list[str]:
    """The billing dates that have a part."""
    names = ledger.store.names("outcomes")
    return sorted({name.split("/")[1].removeprefix("billing_date=") for name in names})
