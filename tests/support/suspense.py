"""Ledgers with quarantined payloads, without Flink: parts as replay or the live job write them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from jobs.releases.publisher import Publisher
from jobs.releases.results import Released
from jobs.settings.settings import Records, Settings
from jobs.suspense.recycle import RecycledPayload, recycle
from schemas.billing_rules import MAX_PAYLOAD_BYTES, Rules
from schemas.outcome import LEDGER_COLUMNS, QUARANTINE_COLUMNS, OutcomeRow
from sinks.ledger import InputMark, Ledger
from sinks.parquet import arrow_table, parquet_bytes
from sinks.store import LocalStore, Store
from tests.support.desk import NOW
from tests.support.ledgers import NO_AGENTS, RULES, new_ledger
from transforms.records.extension import AgentHistory
from transforms.records.outcome import outcome

Judge = Callable[[bytes], OutcomeRow]
NEW_VERSION = 'AWSContactTraceRecordFormatVersion = "2027-01-01"'
# Settings that accept the new version of the format.
LATER = Settings(records=Records(("2017-03-10", "2027-01-01")))


def judged(rules: Rules = RULES, agents: AgentHistory = NO_AGENTS) -> Judge:
    return lambda payload: outcome(payload, agents, rules)


NOW_ACCEPTED = judged(LATER.rules)


def unreadable(_: bytes) -> OutcomeRow:
    """What code that could not read a payload at all has thought of it."""
    return OutcomeRow("quarantined", "not_json")


class Suspense:
    """A ledger below a folder, its quarantine, and releases of it."""

    def __init__(self, root: Path, quarantine: Path | None = None) -> None:
        self.root = root
        self.quarantine: Store = LocalStore(quarantine or root / "ledger/quarantine")
        new_ledger(root / "ledger")
        self.ledger = Ledger(LocalStore(root / "ledger"), "UTC", self.quarantine if quarantine else None)
        self.files = 0

    def read(
        self,
        *payloads: bytes,
        judge: Judge = judged(),  # noqa: B008
        live: bool = False,
        source: str = "a.json",
        positions: Iterable[str] = (),
        kept: bool = True,
        input_name: str = "",
    ) -> None:
        """Reads payloads as one file of a replay, or as what the live job has between two checkpoints."""
        self.files += 1
        rows, raw = defaultdict(list), defaultdict(list)
        named = list(positions) or [f"{self.files}{n:03d}" for n in range(len(payloads))]
        for payload, position in zip(payloads, named, strict=True):
            row = judge(payload)
            *fields, date = msgspec.structs.astuple(row)
            place = (source, position, len(payload))
            rows[date].append((*fields, *place))
            if row.outcome == "quarantined" and kept:
                data = payload if len(payload) <= MAX_PAYLOAD_BYTES else None
                raw[date].append((row.reason, row.detail, *place, data))
        name = input_name or f"{self.files:x}-0"
        for date in rows:
            here, there = (
                arrow_table(w, c) for w, c in ((rows[date], LEDGER_COLUMNS), (raw[date], QUARANTINE_COLUMNS))
            )
            if live:
                part = f"billing_date={date}/part-{self.files:04d}-0"
                self.ledger.store.put(f"outcomes/{part}", parquet_bytes(here))
                self.quarantine.put(part, parquet_bytes(there))
            else:
                self.ledger.write_rows(date, name, 0, here)
                self.ledger.write_quarantine(date, name, 0, there)
        if not live:
            self.ledger.finish(name, InputMark(source, "s", {}, {}))

    def close(self, date: str) -> None:
        self.ledger.store.put(f"outcomes/billing_date={date}/_SUCCESS", b"")

    def recycle(
        self,
        judge: Judge = NOW_ACCEPTED,
        dates: list[str] | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> RecycledPayload:
        return recycle(self.ledger, judge, dates or self.ledger.dates(), reason, dry_run)

    def releases(self, settings: Settings = LATER, agents: AgentHistory = NO_AGENTS) -> Publisher:
        partner, audit = LocalStore(self.root / "release"), LocalStore(self.root / "audit")
        return Publisher(self.ledger, partner, audit, settings, agents)

    def release(self, date: str, settings: Settings = LATER, agents: AgentHistory = NO_AGENTS) -> Released:
        return self.releases(settings, agents).release_date(date, NOW)

    def objects(self) -> list[str]:
        return list(self.ledger.recycled.names())
