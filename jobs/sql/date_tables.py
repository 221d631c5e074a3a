"""Query one date's ledger rows in DuckDB: which deliveries count, and the billing lines that they give."""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jobs.sql.compared_lines import ComparedLines
from jobs.sql.connection import connect, fetch_row, fetch_rows, literal, storage_errors
from jobs.sql.ledger_rows import DateParts, read_date_parts
from jobs.sql.recycled_rows import parts_errors, read_recycled, sources, values
from schemas.billing_rules import Rules
from schemas.contract import Contract
from schemas.manifest import Control
from schemas.outcome import UNKNOWN_DATE
from sinks.ledger import Ledger
from transforms.lines import chain_checks as chains
from transforms.lines import consult_legs as consults
from transforms.lines import latest_version as latest
from transforms.lines.recycled_rows import HELD
from transforms.records.extension import AgentHistory

if TYPE_CHECKING:
    import duckdb


class DateTables:
    """The in-memory tables of one date, until it is closed."""

    def __init__(
        self,
        rows: DateParts,
        agents: AgentHistory,
        rules: Rules,
        not_billed: Collection[str] = (),
        extra_columns: tuple[str, ...] = (),
    ) -> None:
        """Read the deliveries, with any extra columns; dates that are `not_billed` get no lines.

        Raises StorageError if a part cannot be read.
        """
        self._sql = connect()
        try:
            _load_agents(self._sql, agents)
            self._load(rows, rules, rows.date in not_billed, extra_columns)
        except BaseException:
            self._sql.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    def _load(self, rows: DateParts, rules: Rules, is_not_billed: bool, extra_columns: tuple[str, ...]) -> None:
        parts = list(rows.parts.values())
        if rows.recycled is not None:
            read_recycled(self._sql, rows.recycled)
        tables = [latest.rows(source, *extra_columns) for source in sources(parts, rows.recycled)]
        with parts_errors(rows.date, parts):
            self._sql.execute(latest.deliveries(*tables), values(rows.date, parts, rows.recycled))
        self._sql.execute(latest.VERSION_STATUS)
        if is_not_billed:
            self._sql.execute(latest.NOT_BILLED)
        self._find_consult_legs()
        if rules.consult_legs == "exclude":
            self._sql.execute(latest.CONSULT_LEGS_NOT_BILLED)
        self._sql.execute(latest.billable_contacts(rules.extension_precedence))
        billing_date = None if rows.date == UNKNOWN_DATE else rows.date
        self._sql.execute(latest.LINES, {"billing_date": billing_date})

    def _find_consult_legs(self) -> None:
        pairs = consults.consult_legs(consults.Leg(*row) for row in fetch_rows(self._sql, consults.LEGS))
        contact_ids = {"consults": [consult for consult, _ in pairs], "covering": [covering for _, covering in pairs]}
        self._sql.execute(consults.CONSULT_LEGS, contact_ids)

    def compare(self, contract: Contract, previous: str | None, version: int, restate: bool = False) -> ComparedLines:
        """Compare the lines with those of the previous version; see ComparedLines. Call it once."""
        return ComparedLines(self._sql, contract, previous, version, restate)

    def control(self) -> Control:
        """Return the control totals of the date."""
        read, billed, held, superseded, duplicate, call, talk, hold = fetch_row(self._sql, latest.CONTROL)
        return Control(
            read=read,
            billed=billed,
            held=held,
            excluded=dict(fetch_rows(self._sql, latest.EXCLUDED)),
            superseded=superseded,
            duplicate=duplicate,
            quarantined=dict(fetch_rows(self._sql, latest.QUARANTINED)),
            call_seconds=call,
            talk_seconds=talk,
            hold_seconds=hold,
        )

    def held(self) -> list[tuple[Any, ...]]:
        """Return agent id, contact id, source and position of held contacts; the last two must be extra columns."""
        return fetch_rows(self._sql, HELD)

    def agents(self) -> tuple[int, int | None]:
        """Return how many agents have billed or held calls, and how many of them a table with any agent has."""
        agents, known = fetch_row(self._sql, latest.AGENTS)
        return agents, known

    def warnings(self) -> dict[str, int]:
        """Return counts of lines that are billed but need a review."""
        conflicts, withheld = fetch_row(self._sql, latest.WARNINGS)
        return {"extension_conflict": conflicts, "patient_phone_withheld": withheld}

    def chains(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Return call chains with contradictory times: by rule, findings of sorted contact ids."""
        self._sql.execute(chains.CALLS)
        return {
            rule: tuple(tuple(ids) for (ids,) in fetch_rows(self._sql, sql)) for rule, sql in chains.FINDINGS.items()
        }

    def ledger_digest(self) -> tuple[int, str]:
        """Return how many ledger rows count, and the digest of their content."""
        rows, digest = fetch_row(self._sql, latest.LEDGER_DIGEST)
        return rows, digest

    def count_on_neighbors(self, neighbors: list[DateParts]) -> int:
        """Return how many of the date's billable contacts are billable on neighboring dates too."""
        parts = [part for rows in neighbors for part in rows.parts.values()]
        self._sql.execute(latest.NEIGHBORING_ROWS)
        for rows in neighbors:
            if rows.recycled is not None:
                read_recycled(self._sql, rows.recycled)
                self._sql.execute(latest.ADD_NEIGHBORING_ROWS, {"date": rows.date})
        if not parts:
            return int(fetch_row(self._sql, latest.on_neighboring_dates("neighboring_rows"))[0])
        with storage_errors(f"cannot read the ledger's part {parts[0]} or one after it; replay their archive"):
            statement = latest.on_neighboring_dates("read_parquet($parts)", "neighboring_rows")
            return int(fetch_row(self._sql, statement, {"parts": literal(parts)})[0])

    def span(self) -> tuple[str | None, str | None]:
        """Return the earliest and the latest call initiation, as texts."""
        first, last = fetch_row(self._sql, latest.span("lines"))
        return first, last


@contextmanager
def open_date_tables(
    ledger: Ledger,
    date: str,
    recycled: tuple[str, ...],
    agents: AgentHistory,
    rules: Rules,
    not_billed: Collection[str] = (),
    extra_columns: tuple[str, ...] = (),
) -> Iterator[tuple[DateParts, DateTables, Path]]:
    """Read a date's rows into tables, given the names of all recycled objects.

    Yields both, and a scratch folder that exists as long as they do.
    """
    with tempfile.TemporaryDirectory(prefix="contact-billing-") as folder:
        rows = read_date_parts(ledger, date, recycled, Path(folder))
        with DateTables(rows, agents, rules, not_billed, extra_columns) as tables:
            yield rows, tables, Path(folder)


def _load_agents(sql: "duckdb.DuckDBPyConnection", agents: AgentHistory) -> None:
    sql.execute("CREATE TEMP TABLE agents (agent_id TEXT, extension TEXT, valid_from BIGINT, valid_to BIGINT)")
    if agents.assignments:
        sql.executemany(
            "INSERT INTO agents VALUES (?, ?, ?, ?)",
            [(a.agent_id, a.extension, a.valid_from, a.valid_to) for a in agents.assignments],
        )
