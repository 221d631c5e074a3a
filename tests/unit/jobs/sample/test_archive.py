"""The synthetic archive: the same seed gives the same bytes, and every layout reads back."""

import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import fastavro
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.sample.archive import LAYOUTS, write_archive, write_sample
from jobs.sample.contacts import Delivery


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def split(data: bytes) -> Iterator[bytes]:
    """Objects one after another, and between them what is no object; Latin-1 keeps one letter for every byte."""
    text, decode, start, at = data.decode("latin-1"), json.JSONDecoder().raw_decode, 0, 0
    opening = re.compile(r'\{\s*"')
    while found := opening.search(text, at):
        try:
            _, end = decode(text, found.start())
        except ValueError:
            end = -1
        if end < 0 or re.match(r"\s*[],}]", text[end : end + 100]):
            at = found.end() - 1
            continue
        yield from filter(None, [data[start : found.start()].strip(b"\n")])
        yield data[found.start() : end]
        start = at = end
    yield from filter(None, [data[start:].strip(b"\n")])


def read(name: str, data: bytes) -> list[bytes]:
    match name.rpartition(".")[2]:
        case "gz":
            return list(split(gzip.decompress(data)))
        case "jsonl":
            return data.rstrip(b"\n").split(b"\n")
        case "json":
            return list(split(data))
        case "zst":
            return zstandard.ZstdDecompressor().decompress(data).rstrip(b"\n").split(b"\n")
        case "avro":
            return [row["payload"] for row in fastavro.reader(io.BytesIO(data)) if isinstance(row, dict)]
        case "parquet":
            return list(pq.read_table(io.BytesIO(data)).column("payload").to_pylist())
    raise AssertionError(name)


def unformatted(payload: bytes) -> bytes:
    """The same object in one line, so that indented payloads compare with compact ones."""
    try:
        record = json.loads(payload.decode())
    except ValueError:
        return payload
    return json.dumps(record, ensure_ascii=False).encode() if isinstance(record, dict) else payload


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, contacts=400, seed=11, layout="mixed")
    write_sample(tmp_path / "three", contacts=400, seed=12, layout="mixed")
    one, two, three = (files(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys().isdisjoint(three.keys() - {"agents.csv"})
    assert one["agents.csv"] != three["agents.csv"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_reads_back(layout: str, mixed: list[Delivery], tmp_path: Path) -> None:
    write_archive(tmp_path, mixed, layout=layout, records_per_object=100)
    expected, found = Counter(d.payload for d in mixed), Counter[bytes]()
    for name, data in files(tmp_path).items():
        assert re.fullmatch(
            r"(\d{4})/(\d\d)/(\d\d)/(\d\d)/contact-records-1-\1-\2-\3-\4-\d\d-\d\d-[0-9a-f-]{36}\.[a-z.]+", name
        )
        found.update(read(name, data))
    if layout in ("pretty", "mixed"):
        expected = Counter(unformatted(d.payload) for d in mixed)
        found = Counter(unformatted(payload) for payload in found.elements())
    assert found == expected


def test_some_objects_have_several_gzip_members(good: list[Delivery], tmp_path: Path) -> None:
    write_archive(tmp_path, good, records_per_object=200)
    members = [data.count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00") for data in files(tmp_path).values()]
    assert min(members) == 1
    assert max(members) == 3


def test_number_of_objects(tmp_path: Path) -> None:
    write_sample(tmp_path / "demo", contacts=3000)
    assert 20 <= len(files(tmp_path / "demo" / "archive")) <= 40
    write_sample(tmp_path / "large", contacts=3000, records_per_object=100_000)
    assert len(files(tmp_path / "large" / "archive")) <= 12  # one for each day of arrival


def test_unknown_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="layout 'tar' is none of firehose"):
        write_archive(tmp_path, [], layout="tar")
