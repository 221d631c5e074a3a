"""DuckDB over one date's ledger rows: which deliveries count, and the billing lines that they give."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from jobs.sql.compared_lines import ComparedLines
from jobs.sql.connection import connect, literal, storage_errors
from jobs.sql.ledger_rows import DateParts
from jobs.sql.recycled_rows import parts_errors, read_recycled, sources, values
from schemas.billing_rules import Rules
from schemas.contract import Contract
from schemas.manifest import Control
from schemas.outcome import UNKNOWN_DATE
from transforms.lines import chain_checks as chains
from transforms.lines import latest_version as latest
from transforms.lines.recycled_rows import HELD
from transforms.records.extension import AgentHistory

if TYPE_CHECKING:
    import duckdb


class DateTables:
    """The tables of one date, in memory, until it is closed."""

    def __init__(
        self,
        rows: DateParts,
        agents: AgentHistory,
        rules: Rules,
        not_billed: Collection[str] = (),
        more: tuple[str, ...] = (),
    ) -> None:
        """Reads the deliveries, with these columns more; of dates that are `not_billed` no line is made.

        StorageError: a part cannot be read.
        """
        self._sql = connect()
        try:
            _load_agents(self._sql, agents)
            self._load(rows, rules, rows.date in not_billed, more)
        except BaseException:
            self._sql.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    def _load(self, rows: DateParts, rules: Rules, nothing_billed: bool, more: tuple[str, ...]) -> None:
        parts = list(rows.parts.values())
        if rows.recycled is not None:
            read_recycled(self._sql, rows.recycled)
        tables = [latest.rows(source, *more) for source in sources(parts, rows.recycled)]
        with parts_errors(rows.date, parts):
            self._sql.execute(latest.deliveries(*tables), values(rows.date, parts, rows.recycled))
        self._sql.execute(latest.VERSION_STATUS)
        if nothing_billed:
            self._sql.execute(latest.NOT_BILLED)
        self._sql.execute(latest.joined(rules.extension_precedence))
        billing_date = None if rows.date == UNKNOWN_DATE else rows.date
        self._sql.execute(latest.LINES, {"billing_date": billing_date})

    def compared(self, contract: Contract, before: str | None, version: int, restate: bool = False) -> ComparedLines:
        """The lines against those of the version before, in the form of a contract; see there. Once."""
        return ComparedLines(self._sql, contract, before, version, restate)

    def control(self) -> Control:
        """The control totals of the date."""
        read, billed, held, superseded, duplicate, call, talk, hold = self._one(latest.CONTROL)
        return Control(
            read=read,
            billed=billed,
            held=held,
            excluded=dict(self._all(latest.EXCLUDED)),
            superseded=superseded,
            duplicate=duplicate,
            quarantined=dict(self._all(latest.QUARANTINED)),
            call_seconds=call,
            talk_seconds=talk,
            hold_seconds=hold,
        )

    def held(self) -> list[tuple[Any, ...]]:
        """Agent id, contact id, source and position of what is held; the last two were among the columns more."""
        return self._all(HELD)

    def warnings(self) -> dict[str, int]:
        """What is billed but worth a look."""
        conflicts, withheld = self._one(latest.WARNINGS)
        return {"extension_conflict": conflicts, "patient_phone_withheld": withheld}

    def chains(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """What contradicts itself in time: by rule, findings of sorted contact ids."""
        self._sql.execute(chains.CALLS)
        return {rule: tuple(tuple(ids) for (ids,) in self._all(sql)) for rule, sql in chains.FINDINGS.items()}

    def ledger_digest(self) -> tuple[int, str]:
        """How many ledger rows count, and the digest of their content."""
        rows, digest = self._one(latest.LEDGER_DIGEST)
        return rows, digest

    def also_in(self, near: list[DateParts]) -> int:
        """How many of the date's billable contacts are billable in neighboring dates too."""
        parts = [part for rows in near for part in rows.parts.values()]
        self._sql.execute(latest.NEAR)
        for rows in near:
            if rows.recycled is not None:
                read_recycled(self._sql, rows.recycled)
                self._sql.execute(latest.RECYCLED_NEAR, {"date": rows.date})
        if not parts:
            return int(self._one(latest.on_neighboring_dates("near"))[0])
        with storage_errors(f"cannot read the ledger's part {parts[0]} or one after it; replay their archive"):
            statement = latest.on_neighboring_dates("read_parquet($parts)", "near")
            return int(self._one(statement, {"parts": literal(parts)})[0])

    def span(self) -> tuple[str | None, str | None]:
        """The earliest and the latest call initiation, as texts."""
        first, last = self._one(latest.span("lines"))
        return first, last

    def _one(self, statement: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
        (row,) = self._sql.execute(statement, values).fetchall()
        return tuple(row)

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._sql.execute(statement).fetchall()


def _load_agents(sql: "duckdb.DuckDBPyConnection", agents: AgentHistory) -> None:
    sql.execute("CREATE TEMP TABLE agents (agent_id TEXT, extension TEXT, valid_from BIGINT, valid_to BIGINT)")
    if agents.assignments:
        sql.executemany(
            "INSERT INTO agents VALUES (?, ?, ?, ?)",
            [(a.agent_id, a.extension, a.valid_from, a.valid_to) for a in agents.assignments],
        )
