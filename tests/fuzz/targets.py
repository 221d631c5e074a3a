"""What is fuzzed: any bytes in, nothing out; an exception is a find.

`payload`: bytes to an outcome. `file`: bytes of an archived file to its payloads. Seeds are records of the sample
generator, and small files of them in every form.
"""

import gzip
import io
import random
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from jobs.ingest.archive.damage import Damage
from jobs.ingest.archive.reader import read_payloads
from jobs.sample.archive import write_sample
from jobs.sample.file_formats import FORMS
from schemas.outcome import REASONS
from tests.support.compressions import STREAMS, zip_of
from tests.support.ledgers import NO_AGENTS, RULES
from transforms.records.decode import Decoder
from transforms.records.outcome import classify_payload

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|unknown")
# More rows of a small file are a hang in the making: what a reader believes of files is bounded by this.
_MOST_ROWS = (1 << 20) + 65_536
_DECODER = Decoder()
_COMPRESSED = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh", b"\xff\6\0\0sNaPpY", b"PK\3\4", b"PK\5\6", b"\0")
_CONTAINERS = (b"Obj\1", b"PAR1", b"\xff\xfe", b"\xfe\xff", *_COMPRESSED)


def payload(data: bytes) -> None:
    """One payload has one outcome, with a reason and a date that is none of its text."""
    row = classify_payload(_DECODER.decode(data), NO_AGENTS, RULES)
    assert row.reason in REASONS[row.outcome]
    assert _DATE.fullmatch(row.billing_date)


def file(data: bytes) -> None:
    """A file has rows, each with bytes that fit, or none where they do not; or it is damaged, or empty."""
    damage: list[Damage] = []
    rows = 0
    for _, found in read_payloads(io.BytesIO(data), _DECODER, damage):
        rows += 1
        assert rows <= _MOST_ROWS
        assert found.length >= 0
        assert found.data is None or len(found.data) == found.length
    assert rows or damage or not data.strip() or _is_container(data)


TARGETS: dict[str, Callable[[bytes], None]] = {"payload": payload, "file": file}


def _is_container(data: bytes) -> bool:
    # A container, or a compressed file, may hold nothing.
    return data.startswith(_CONTAINERS)


def seeds(target: str) -> list[bytes]:
    """Where to begin."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder), contacts=200, seed=7, layout="lines")
        files = sorted(Path(folder, "archive").rglob("*.jsonl"))
        records = [line for path in files for line in path.read_bytes().split(b"\n") if line.strip()]
        chosen = random.Random(7).sample(records, 60)
        if target == "payload":
            return chosen
        made = []
        for name, form in FORMS.items():
            path = Path(folder, name)
            form.write(path, chosen[: 3 + len(made)], 2)
            made.append(path.read_bytes())
        text = b"\n".join(chosen[:3])
        made += [compress(text) for compress in STREAMS.values()]
        made += [zip_of(text, made[0]), gzip.compress(zip_of(gzip.compress(text)), mtime=0)]
        made.append(b'{"a":1}\n{"b":"\xf0\x9f\x98\x80"}\n'.decode().encode("utf-16"))
        return made
