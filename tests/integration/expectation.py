"""What the independent implementation of the rules says of an archive, and where the rules leave the choice open."""

import csv
import datetime as dt
import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.oracle.rules import Row, Settings, classify
from tests.oracle.splitting import payloads, split_text
from tests.oracle.totals import Expected, expected
from tests.support.containers import payload_container


def agents_table(path: Path) -> list[dict[str, str]]:
    """The rows of an agent-extension table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def readable_copy(archive: Path, stuck: dict[str, list[bytes]], copy: Path) -> Path:
    """The archive, in which the files that a plain reader gets stuck in are replaced by what they hold."""
    shutil.copytree(archive, copy)
    for name, held in stuck.items():
        (found,) = copy.rglob(name)
        found.write_bytes(payload_container(held))
    return copy


def all_payloads(archive: Path) -> list[bytes]:
    """Every payload of an archive that a plain reader can read."""
    files = (p for p in sorted(archive.rglob("*")) if p.is_file() and not p.name.startswith("."))
    return [payload for file in files for payload in payloads(file.read_bytes())]


def expectation(readable: Path, agents: Path) -> Expected:
    """Control totals and lines of every date."""
    return expected(readable, agents_table(agents))


def tied_contacts(readable: Path) -> set[str]:
    """Contacts whose newest deliveries differ: which of them counts is left to a digest of their content.

    The digest is the product's own affair, so that their lines cannot be foretold.
    """
    newest: dict[tuple[str, str], tuple[dt.datetime, set[Row]]] = {}
    for payload in all_payloads(readable):
        row = classify(payload, Settings())
        if row.contact_id is None or row.updated_at is None or row.outcome == "quarantined":
            continue
        at, rows = newest.get((row.date, row.contact_id), (row.updated_at, set()))
        if row.updated_at > at:
            at, rows = row.updated_at, set()
        if row.updated_at == at:
            rows.add(row)
        newest[row.date, row.contact_id] = at, rows
    return {contact_id for (_, contact_id), (_, rows) in newest.items() if len(rows) > 1}


def shuffled_copy(readable: Path, copy: Path, files: int = 7) -> Path:
    """The same deliveries in another order, over other files: as JSON lines, or in rows where a line is taken apart."""
    deliveries = [_as_line(payload) for payload in all_payloads(readable)]
    random.Random(3).shuffle(deliveries)
    copy.mkdir(parents=True)
    lines = [delivery for delivery in deliveries if split_text(delivery) == [delivery]]
    # A file of nothing else would be unreadable.
    rows = [lines.pop(), *(delivery for delivery in deliveries if split_text(delivery) != [delivery])]
    pq.write_table(pa.table({"payload": pa.array(rows, pa.binary())}), copy / "rows.parquet")
    for number in range(files):
        (copy / f"part-{number}").write_bytes(b"\n".join(lines[number::files]))
    return copy


def _as_line(payload: bytes) -> bytes:
    """A payload without a line break in it: a record as compact JSON, anything else with blanks instead."""
    if b"\n" not in payload:
        return payload
    try:
        value = json.loads(payload)
    except ValueError:
        return payload.replace(b"\n", b" ")
    return json.dumps(value, separators=(",", ":")).encode()
