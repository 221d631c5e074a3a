"""Planted values that must not leak: files whose good and bad records carry them."""

import gzip
import json
from pathlib import Path
from typing import Any

from tests.support.answered_calls import json_lines, payload, record
from tests.support.containers import payload_container

PHONE = "+19995550173"
ATTRIBUTE = "quagga diagnosis 7731"
USERNAME = "okapi.username.4711"
EXTENSION = "98989"
MARKERS = (PHONE[1:], ATTRIBUTE, "quagga", USERNAME, "okapi", f'"{EXTENSION}"')


def add_marked_files(folder: Path) -> dict[str, list[bytes]]:
    """Write records that are billed, excluded, held, and quarantined for many reasons, all of them marked."""
    folder.mkdir(parents=True)
    bad = _bad_records()
    files = {
        "good.jsonl": json_lines(_marked("marked-good"), _marked("marked-chat", Channel="CHAT")),
        "held.jsonl": json_lines(_marked("marked-held", Attributes={"extensionNumber": ATTRIBUTE})),
        "bad.jsonl": json_lines(_marked("marked-between"), *bad),
        "bad.json": b"".join(json.dumps(r, indent=1).encode() + ATTRIBUTE.encode() for r in bad),
        "bad.json.gz": gzip.compress(json_lines(*bad), mtime=0)[:-50],
        "bad-payloads.avro": payload_container([*map(payload, bad), ATTRIBUTE.encode()]),
        "noise.bin": f"{PHONE}\0{USERNAME}\0{ATTRIBUTE}\xff".encode("latin-1"),
    }
    no_containers = {
        "bad.avro": b"Obj\x01" + json_lines(*bad),
        "bad.parquet": b"PAR1" + json_lines(*bad) + b"PAR1",
    }
    for name, data in (files | no_containers).items():
        (folder / name).write_bytes(data)
    return {name: [data] for name, data in no_containers.items()}


def _marked(contact_id: str, **fields: Any) -> dict[str, Any]:
    """A record with all markers in it."""
    made = record(contact_id, phone=PHONE, extension=EXTENSION)
    made["Agent"]["Username"] = USERNAME
    made["Attributes"]["note"] = ATTRIBUTE
    return made | fields


def _bad_records() -> list[dict[str, Any]]:
    """Records with a marker where a rule looks."""
    return [
        _marked("marked-version", AWSContactTraceRecordFormatVersion=ATTRIBUTE),
        _marked("marked-method", InitiationMethod=ATTRIBUTE),
        _marked("marked-time", InitiationTimestamp=ATTRIBUTE),
        _marked("marked-update", LastUpdateTimestamp=PHONE),
        _marked("marked-agent", Agent=USERNAME),
        _marked("marked-attributes", Attributes=[ATTRIBUTE]),
        _marked("marked-extension", Attributes={"extensionNumber": {ATTRIBUTE: int(EXTENSION)}}),
        _marked("marked-endpoint", CustomerEndpoint={"Address": int(PHONE)}),
        _marked("marked-recordings", Recordings=[{"StorageType": [PHONE]}]),
        _marked("marked-end", DisconnectTimestamp=None),
        _marked("", Queue={ATTRIBUTE: PHONE}),
    ]
