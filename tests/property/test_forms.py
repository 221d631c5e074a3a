"""The same payloads in any form of file, read as the reference reading of the specification reads them."""

import gzip
import io
import tempfile
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st
from zstandard import ZstdCompressor

from jobs.ingest.archive.compression.nesting import decompress
from jobs.ingest.archive.reader import read_payloads
from jobs.sample.file_formats import FORMS
from tests.oracle import splitting as oracle
from tests.property.strategies import BARE_RECORD_BYTES, damaged
from tests.property.test_splitting import BLANKS, MIXES, is_settled
from tests.support.compressions import STREAMS, zip_of
from transforms.records.decode import Decoder

WRAPPINGS = st.lists(st.sampled_from([*STREAMS, "zip", "utf-16-le", "utf-16-be"]), max_size=4)
CONTAINERS = st.sampled_from(["avro-bytes", "parquet-payload"])
TEXT_FORMS = st.sampled_from(["firehose", "lines", "pretty", "zstd"])
PAYLOADS = st.lists(BARE_RECORD_BYTES | damaged(BARE_RECORD_BYTES) | st.binary(max_size=20), min_size=1, max_size=6)


def read(data: bytes) -> list[bytes | None]:
    return [payload.data for _, payload in read_payloads(io.BytesIO(data), Decoder(), [])]


def write(form: str, payloads: list[bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        FORMS[form].write(path, payloads, 2)  # every fourth file, this one among them, has several gzip members
        return path.read_bytes()


@given(PAYLOADS, CONTAINERS)
def test_containers_keep_any_payload(payloads: list[bytes], form: str) -> None:
    data = write(form, payloads)
    assert read(data) == payloads == oracle.payloads(data)


# The generator's indented form writes no halves of surrogate pairs.
@given(st.lists(BARE_RECORD_BYTES.filter(lambda data: b"\\ud" not in data), min_size=1, max_size=8), TEXT_FORMS)
def test_text_forms_keep_records(payloads: list[bytes], form: str) -> None:
    found = read(write(form, payloads))
    assert [Decoder().decode(data) for data in found] == [Decoder().decode(data) for data in payloads]


@given(MIXES, TEXT_FORMS)
def test_the_reference_reading_agrees_on_records_and_garbage(parts: list[bytes], form: str) -> None:
    data = write(form, [part for part in parts if part] or [b"{}"])
    assume(is_settled(oracle.decompress(data)))
    assert [payload.strip(BLANKS) for payload in read(data)] == oracle.payloads(data)


@given(
    st.lists(BARE_RECORD_BYTES.filter(lambda data: b"\\ud" not in data), min_size=1, max_size=5), TEXT_FORMS, WRAPPINGS
)
def test_any_nesting_of_forms_keeps_records(payloads: list[bytes], form: str, wrappings: list[str]) -> None:
    plain = data = oracle.decompress(write(form, payloads))
    for wrapping in wrappings:
        if wrapping in STREAMS or wrapping == "zip":
            data = zip_of(data) if wrapping == "zip" else STREAMS[wrapping](data)
        elif data is plain:
            data = ("\ufeff" + plain.decode()).encode(wrapping)
    assert read(data) == read(plain) == oracle.payloads(data)


@given(st.lists(BARE_RECORD_BYTES, min_size=1, max_size=3), st.sampled_from([0, 6]), st.booleans(), st.data())
def test_the_reference_reading_agrees_on_files_cut_off(
    members: list[bytes], level: int, is_gzip: bool, data: st.DataObject
) -> None:
    pack = (lambda text: gzip.compress(text, level, mtime=0)) if is_gzip else ZstdCompressor(level=level or 1).compress
    whole = b"".join(map(pack, members))
    cut = whole[: data.draw(st.integers(4, len(whole)))]
    assert b"".join(decompress(io.BytesIO(cut), [])) == oracle.decompress(cut)
