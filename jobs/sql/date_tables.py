"""The workbench of one release: DuckDB over a date's ledger parts, statement by statement.

In: the parts, the agents' history, the rules. Out: control totals, lines, files, digests.
"""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from jobs.sql.connection import connect, frame, instants, literal, mendable
from jobs.sql.ledger_rows import DateRows, RecycledRows
from jobs.sql.recycled_rows import read_recycled, sources, unreadable, values
from schemas.billing_rules import Rules
from schemas.contract import Contract
from schemas.errors import AuditFailed
from schemas.manifest import Control
from schemas.outcome import UNKNOWN_DATE
from schemas.render import contract_schema
from sinks.parquet import parquet_bytes
from transforms.lines import chain_checks as chains
from transforms.lines import latest_version as latest
from transforms.lines import line_versions as versions
from transforms.lines.recycled_rows import HELD
from transforms.records.extension import AgentHistory

if TYPE_CHECKING:
    import pandas as pd


FILES = ("billing.csv", "billing.parquet", "amendments.csv")


class Workbench:
    """Tables of one date, in memory."""

    def __init__(self, agents: AgentHistory, rules: Rules, not_billed: Collection[str] = ()) -> None:
        """`not_billed` are dates of which nothing is billed, whatever their records say."""
        self._rules = rules
        self._not_billed = not_billed
        self._sql = connect()
        self._sql.execute(
            "CREATE TEMP TABLE agents (agent_id TEXT, extension TEXT, valid_from BIGINT, valid_to BIGINT)"
        )
        if agents.assignments:
            self._sql.executemany(
                "INSERT INTO agents VALUES (?, ?, ?, ?)",
                [(a.agent_id, a.extension, a.valid_from, a.valid_to) for a in agents.assignments],
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sql.close()

    def load(
        self, date: str, parts: list[str], recycled: RecycledRows | None = None, more: tuple[str, ...] = ()
    ) -> None:
        """Reads the deliveries of a date and decides which count, and what their lines are; with these columns more."""
        if recycled is not None:
            read_recycled(self._sql, recycled)
        tables = [latest.rows(source, *more) for source in sources(parts, recycled)]
        with unreadable(date, parts):
            self._sql.execute(latest.deliveries(*tables), values(date, parts, recycled))
        self._sql.execute(latest.STANDINGS)
        if date in self._not_billed:
            self._sql.execute(latest.NOT_BILLED)
        self._sql.execute(latest.joined(self._rules.extension_precedence))
        billing_date = None if date == UNKNOWN_DATE else date
        self._sql.execute(latest.LINES, {"billing_date": billing_date})

    def compare(self, contract: Contract, before: str | None, version: int, restate: bool = False) -> None:
        """Tells the lines from those of the version before, as far as the contract shows them; None: there is none.

        Restated lines keep their revision, and nothing is said of what they were before.
        """
        self._contract = contract
        if before is None:
            self._sql.execute(versions.no_previous(contract))
        else:
            with mendable(f"cannot read {before}, the version before; restore it from a copy"):
                self._sql.execute(versions.previous(contract, "$file"), {"file": literal([before])})
        self._sql.execute(versions.revised(contract), {"version": version})
        self._sql.execute(versions.amended(contract) if before and not restate else versions.no_amendments(contract))

    def amendments(self) -> dict[str, int]:
        """How many lines were added, changed and withdrawn since the version before."""
        return dict(self._all(versions.AMENDMENTS))

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
        """Agent id, contact id, source and position of what is held; `load` was told to read the latter."""
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

    def also_in(self, near: list[DateRows]) -> int:
        """How many of the date's billable contacts are billable in neighbouring dates too."""
        parts = [part for rows in near for part in rows.parts.values()]
        self._sql.execute(latest.NEAR)
        for rows in near:
            if rows.recycled is not None:
                read_recycled(self._sql, rows.recycled)
                self._sql.execute(latest.RECYCLED_NEAR, {"date": rows.date})
        if not parts:
            return int(self._one(latest.on_neighbouring_dates("near"))[0])
        with mendable(f"cannot read the ledger's part {parts[0]} or one after it; replay their archive"):
            statement = latest.on_neighbouring_dates("read_parquet($parts)", "near")
            return int(self._one(statement, {"parts": literal(parts)})[0])

    def span(self) -> tuple[str | None, str | None]:
        """The earliest and the latest call initiation, as texts."""
        first, last = self._one(latest.span("lines"))
        return first, last

    def frame(self) -> "pd.DataFrame":
        """The lines for the gate."""
        return frame(self._sql, versions.revised_gate_lines())

    def files(self, scratch: Path) -> dict[str, bytes]:
        """The release's files. AuditFailed: CSV and Parquet do not hold the same rows."""
        contract = self._contract
        csv, parquet, amendments = (scratch / f"{name}" for name in FILES)
        seconds = [second for (second,) in self._all(versions.seconds(contract, "revised", "previous"))]
        self._sql.register("instants", instants(seconds, contract))
        data = parquet_bytes(as_lines(self._sql.sql(versions.parquet_lines(contract)).to_arrow_table(), contract))
        self._write(versions.csv_lines(contract), csv)
        self._write(versions.csv_amendments(contract), amendments)
        with mendable(f"cannot write {parquet}; check the disk's space"):
            parquet.write_bytes(data)
        with mendable(f"cannot read the files written to {scratch}"):
            (different,) = self._one(
                versions.file_differences(contract),
                {"csv": literal([str(csv)]), "parquet": literal([str(parquet)])},
            )
            written = {path.name: path.read_bytes() for path in (csv, parquet, amendments)}
        if different:
            raise AuditFailed(f"{csv.name} and {parquet.name} differ in {different} rows, taken in their order")
        return written

    def _write(self, select: str, file: Path) -> None:
        with mendable(f"cannot write {file}; check the disk's space"):
            self._sql.execute(versions.write_csv(select, "$file", self._contract), {"file": str(file)})

    def _one(self, statement: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
        (row,) = self._sql.execute(statement, values).fetchall()
        return tuple(row)

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._sql.execute(statement).fetchall()


def as_lines(rows: pa.Table, contract: Contract) -> pa.Table:
    """The rows with the types of the contract."""
    schema = contract_schema(contract)
    arrays = [rows.column(f.name).cast(f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
