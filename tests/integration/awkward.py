"""Awkward files for an archive. In: a folder. Out: the files in it, and what those hold that a plain reader cannot
read.

Every file has contacts of its own, but for those that are about contacts in several places.
"""

import gzip
import io
import json
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.answered_calls import MORNING, json_lines, payload, record
from tests.support.containers import payload_container

TIED = "tied-contact"
ODD_IDS = ("comma,inside", 'quote"inside', "line\nbreak", "return\r\nand line", " blank before", "Ünïcode ☎")
TEXT = ["null", "string"]
NESTED = {
    "type": "record",
    "name": "ContactRecord",
    "fields": [
        *({"name": name, "type": "string"} for name in ("ContactId", "InitiationMethod", "Channel")),
        {"name": "InitiationTimestamp", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        *({"name": name, "type": TEXT} for name in ("LastUpdateTimestamp", "DisconnectTimestamp", "DisconnectReason")),
        {"name": "Attributes", "type": ["null", {"type": "map", "values": "string"}]},
        {
            "name": "Agent",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "Agent",
                    "fields": [
                        {"name": "ARN", "type": TEXT},
                        {"name": "ConnectedToAgentTimestamp", "type": TEXT},
                        {"name": "AgentInteractionDuration", "type": ["null", "int"]},
                        {"name": "CustomerHoldDuration", "type": ["null", "int"]},
                    ],
                },
            ],
        },
        {
            "name": "CustomerEndpoint",
            "type": ["null", {"type": "record", "name": "Endpoint", "fields": [{"name": "Address", "type": TEXT}]}],
        },
    ],
}


def add_awkward_files(folder: Path) -> dict[str, list[bytes]]:
    """Write the files. Of those in which a plain reader gets stuck, the payloads by the file's name."""
    folder.mkdir(parents=True)
    files = {
        "cut-off.gz": _cut_off(),
        "pretty.json": _pretty(),
        "nested.avro": _nested_avro(),
        "fields.parquet": _fields_parquet(),
        "empty.json": b"",
        "garbage.bin": bytes(byte | 0x80 for byte in Random(1).randbytes(3000)),
        "twin-1.jsonl": json_lines(*_contacts("twin", 5)),
        "twin-2.jsonl": json_lines(*_contacts("twin", 5)),
        "odd-ids.jsonl": json_lines(*(record(contact_id) for contact_id in ODD_IDS)),
        "tied.jsonl": json_lines(*(record(TIED, phone=f"+1202555016{n}") for n in range(3))),
        ".twin-1.jsonl.crc": json_lines(record("hidden file")),
    }
    said = {"garbage-between.gz": _garbage_between(), "broken-block.avro": _broken_block()}
    for name, data in (files | {name: data for name, (data, _) in said.items()}).items():
        (folder / name).write_bytes(data)
    return {name: payloads for name, (_, payloads) in said.items()}


def _contacts(name: str, count: int, **fields: Any) -> list[dict[str, Any]]:
    """Contacts through a day and the next, every fourth without a phone number."""
    phones = ("+12025550142", "+442079460000", "anonymous", "+15145550199")
    return [
        record(f"{name}-{n}", MORNING + timedelta(hours=n, seconds=n), talk=30 + n, phone=phones[n % 4], **fields)
        for n in range(count)
    ]


def _cut_off() -> bytes:
    """One gzip member whose last third is missing."""
    data = gzip.compress(b"".join(map(payload, _contacts("cut", 40))), mtime=0)
    return data[: len(data) * 2 // 3]


def _garbage_between() -> tuple[bytes, list[bytes]]:
    """Two gzip members with bytes between them that are none, and zeros behind them, as tapes have them."""
    payloads, garbage = [payload(r) for r in _contacts("member", 8)], b"\xff\x00 no member \xfe"
    first, second = (gzip.compress(b"".join(half), mtime=0) for half in (payloads[:4], payloads[4:]))
    return first + garbage + second + bytes(512), [*payloads, garbage]


def _broken_block() -> tuple[bytes, list[bytes]]:
    """A container of three blocks, the middle one of which does not decode; it counts as one payload."""
    payloads = [payload(r) for r in _contacts("block", 3)]
    data = payload_container(payloads, sync_interval=1, codec="deflate")
    header, *blocks = data.split(b"0123456789abcdef")
    blocks[1] = b"\x02\xff\xff\xff\xff" + blocks[1][5:]
    return b"0123456789abcdef".join((header, *blocks)), [payloads[0], blocks[1], payloads[2]]


def _pretty() -> bytes:
    """Indented records with all sorts of things between them."""
    first, second, third, fourth = (json.dumps(r, indent=2).encode() for r in _contacts("pretty", 4))
    cut = second[: second.index(b'"Channel"') + 12]
    return b"\n".join((first, b"<html>no record</html>", cut, third, b"\xff\xfe{ nor this }", fourth, b'{"cut": {"of'))


def _nested_avro() -> bytes:
    out = io.BytesIO()
    records = [r | {"InitiationTimestamp": MORNING + timedelta(hours=n)} for n, r in enumerate(_contacts("nested", 9))]
    records[2]["Agent"] = None
    records[3]["DisconnectTimestamp"] = None
    fastavro.writer(out, NESTED, records, codec="deflate", sync_marker=b"fedcba9876543210")
    return out.getvalue()


def _fields_parquet() -> bytes:
    """Records as nested columns, with a map, a list of structs, an instant, and a column that is no field."""
    records = [r | {"LastUpdateTimestamp": MORNING + timedelta(days=n)} for n, r in enumerate(_contacts("column", 9))]
    records[4]["Agent"] = records[4]["Attributes"] = None
    columns = {name: pa.array([r[name] for r in records]) for name in records[0] if name != "Attributes"}
    pairs = [None if r["Attributes"] is None else list(r["Attributes"].items()) for r in records]
    columns["Attributes"] = pa.array(pairs, pa.map_(pa.string(), pa.string()))
    columns["Channel"] = columns["Channel"].dictionary_encode()
    columns["loaded_by"] = pa.array([b"loader"] * 9)
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=4)
    return out.getvalue()
