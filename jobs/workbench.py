"""The workbench of one release: DuckDB over a date's ledger parts, statement by statement.

In: the parts, the agents' history, the rules. Out: control totals, lines, files, digests.
"""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pyarrow as pa

from schemas.billing import BILLING_COLUMNS
from schemas.errors import AuditFailed, StorageError
from schemas.manifest import Control
from schemas.outcome import UNKNOWN_DATE
from schemas.render import arrow_schema
from schemas.rules import Rules
from sinks.rows import parquet_bytes
from transforms import latest
from transforms.extension import AgentHistory

if TYPE_CHECKING:
    import pandas as pd


class Workbench:
    """Tables of one date, in memory."""

    def __init__(self, agents: AgentHistory, rules: Rules) -> None:
        self._rules = rules
        self._sql = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
        # Instants without a zone, as other writers' parts may have them, are UTC.
        self._sql.execute("SET TimeZone = 'UTC'")
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

    def load(self, date: str, parts: list[str]) -> None:
        """Reads the deliveries of a date and decides which count, and what their lines are."""
        if parts:
            with _mendable(f"cannot read the ledger's parts of {date}, the first is {parts[0]}; replay their archive"):
                self._sql.execute(latest.deliveries("read_parquet($parts)"), {"parts": _literal(parts)})
        else:
            self._sql.execute(latest.deliveries(latest.NO_ROWS))
        self._sql.execute(latest.STANDINGS)
        self._sql.execute(latest.joined(self._rules.extension_precedence))
        billing_date = None if date == UNKNOWN_DATE else date
        self._sql.execute(latest.LINES, {"billing_date": billing_date})

    def compare(self, before: str | None, version: int) -> None:
        """Gives every line its revision, by the lines of the version before."""
        if before is None:
            self._sql.execute(latest.NO_PREVIOUS)
        else:
            with _mendable(f"cannot read {before}, the version before; restore it from a copy"):
                self._sql.execute(latest.previous("$file"), {"file": _literal([before])})
        self._sql.execute(latest.revised(), {"version": version})

    def differences(self) -> int:
        """How many lines differ from the version before, in either direction."""
        return int(self._one(latest.DIFFERENCES)[0])

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

    def warnings(self) -> dict[str, int]:
        """What is billed but worth a look."""
        conflicts, withheld = self._one(latest.WARNINGS)
        return {"extension_conflict": conflicts, "patient_phone_withheld": withheld}

    def ledger_digest(self) -> tuple[int, str]:
        """How many ledger rows count, and the digest of their content."""
        rows, digest = self._one(latest.LEDGER_DIGEST)
        return rows, digest

    def also_in(self, parts: list[str]) -> int:
        """How many of the date's billable contacts are billable in other parts too."""
        if not parts:
            return 0
        with _mendable(f"cannot read the ledger's part {parts[0]} or one after it; replay their archive"):
            return int(self._one(latest.on_neighbouring_dates("$parts"), {"parts": _literal(parts)})[0])

    def span(self) -> tuple[str | None, str | None]:
        """The earliest and the latest call initiation, as texts."""
        first, last = self._one(latest.SPAN)
        return first, last

    def frame(self) -> "pd.DataFrame":
        """The lines for the gate; dates and instants as texts."""
        return self._sql.execute(latest.csv_lines(text_dates=True)).df()

    def files(self, scratch: Path) -> dict[str, bytes]:
        """The release's files. AuditFailed: CSV and Parquet do not hold the same rows."""
        csv, parquet = scratch / "billing.csv", scratch / "billing.parquet"
        data = parquet_bytes(as_lines(self._sql.sql(latest.REVISED_LINES).to_arrow_table()))
        with _mendable(f"cannot write {csv}; check the disk's space"):
            self._sql.execute(latest.write_csv("$csv"), {"csv": str(csv)})
        with _mendable(f"cannot write {parquet}; check the disk's space"):
            parquet.write_bytes(data)
        columns = {c.name: "VARCHAR" for c in BILLING_COLUMNS}
        with _mendable(f"cannot read the files written to {scratch}"):
            (different,) = self._one(
                latest.file_differences(str(columns)),
                {"csv": _literal([str(csv)]), "parquet": _literal([str(parquet)])},
            )
            text = csv.read_bytes()
        if different:
            raise AuditFailed(f"billing.csv and billing.parquet differ in {different} rows")
        return {"billing.csv": text, "billing.parquet": data}

    def _one(self, statement: str, values: dict[str, Any] | None = None) -> tuple[Any, ...]:
        (row,) = self._sql.execute(statement, values).fetchall()
        return tuple(row)

    def _all(self, statement: str) -> list[tuple[Any, ...]]:
        return self._sql.execute(statement).fetchall()


def _literal(paths: list[str]) -> list[str]:
    """Paths as DuckDB's readers take them literally: they look for patterns in them."""
    return [glob.escape(path) for path in paths]


@contextmanager
def _mendable(what: str) -> Iterator[None]:
    """StorageError for what a disk or a hand can have done; DuckDB's message could quote a value."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise StorageError(f"{what} ({type(error).__name__})") from None


def as_lines(rows: pa.Table) -> pa.Table:
    """The rows with the types of the contract."""
    schema = arrow_schema(BILLING_COLUMNS)
    arrays = [rows.column(f.name).cast(f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)
