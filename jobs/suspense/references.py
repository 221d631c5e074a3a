"""Recycle payloads that are kept by reference: today's code reads their bytes in the archive again.

A ledger row is replaced by one row. So a payload is recycled if today's code reads exactly one payload in its bytes.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.files import sha256
from jobs.ingest.archive.reader import read_payloads
from jobs.suspense.archived_payloads import ArchivedPayloads
from jobs.suspense.quarantine import KeptPayload
from schemas.billing_rules import Rules
from schemas.outcome import OutcomeRow
from transforms.records.decode import Decoder
from transforms.records.extension import AgentHistory
from transforms.records.outcome import classify_payload
from transforms.records.recycle import QUARANTINED, Recycler


class References(msgspec.Struct, frozen=True):
    """An archive, and what decides how its payloads are classified."""

    archive: ArchivedPayloads
    agents: AgentHistory
    rules: Rules

    def recycled_row(self, recycler: Recycler, item: KeptPayload) -> tuple[Any, ...] | None:
        """Return the row that replaces that of a payload; None if it stays quarantined, or is not in the archive."""
        with self.archive.payload(item.row, item.name) as payload:
            if payload is None:
                return None
            return recycler.recycled_reference(
                item.row, sha256(payload), lambda: self._outcome(payload, item.row.reason)
            )

    def _outcome(self, payload: BinaryIO, reason: str) -> OutcomeRow:
        payload.seek(0)
        damage: list[Damage] = []
        decoded = [
            p.decoded for _, p in islice(read_payloads(payload, Decoder(self.rules.extension_attribute), damage), 2)
        ]
        if len(decoded) == 1 and not damage:
            return classify_payload(decoded[0], self.agents, self.rules)
        return OutcomeRow(QUARANTINED, reason)


@contextmanager
def open_references(archive: Path | None, agents: AgentHistory, rules: Rules) -> Iterator[References | None]:
    """Yield an archive's references until the end of the block; None without an archive."""
    if archive is None:
        yield None
        return
    with closing(ArchivedPayloads(archive)) as payloads:
        yield References(payloads, agents, rules)
