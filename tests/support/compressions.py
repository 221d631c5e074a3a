"""Compress bytes in every form that the reader opens: the name of the form, and the bytes as one member."""

import bz2
import gzip
import io
import struct
import zipfile
from collections.abc import Callable

import cramjam
import zstandard

SNAPPY_IDENTIFIER = b"\xff\x06\x00\x00sNaPpY"


def framed_snappy(data: bytes) -> bytes:
    # The library writes nothing for no bytes.
    return bytes(cramjam.snappy.compress(data)) or SNAPPY_IDENTIFIER


def hadoop_snappy(data: bytes, chunk: int = 1 << 18, block: int = 1 << 20) -> bytes:
    """Blocks of chunks, as Hadoop's BlockCompressorStream and Firehose write them."""
    out = b""
    for start in range(0, len(data), block):
        part = data[start : start + block]
        out += struct.pack(">I", len(part))
        for at in range(0, len(part), chunk):
            raw = bytes(cramjam.snappy.compress_raw(part[at : at + chunk]))
            out += struct.pack(">I", len(raw)) + raw
    return out


def zip_of(*members: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for number, data in enumerate(members):
            archive.writestr(zipfile.ZipInfo(f"member-{number}"), data, method)
    return file.getvalue()


# Forms that decompress to one stream of bytes; of ZIP, which has members, see zip_of.
STREAMS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "bzip2": bz2.compress,
    "snappy": framed_snappy,
    "hadoop-snappy": hadoop_snappy,
}
