"""Transcode UTF-16 text with a byte order mark to UTF-8."""

import codecs
from collections.abc import Iterator
from itertools import chain

_CODECS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BOM_BYTES = 2
# Not part of any UTF-8 text, so that what holds it is `not_utf8`.
_NOT_UTF8 = b"\xff"


def is_utf16(head: bytes) -> bool:
    """Whether a file that begins so is UTF-16 text."""
    return head[:_BOM_BYTES] in _CODECS


def utf8_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield UTF-16 text as UTF-8, without its byte order mark.

    Half of a surrogate pair becomes three bytes that are not UTF-8; a half unit at the end is kept behind such a byte.
    """
    head = next(chunks)
    codec = _CODECS[head[:_BOM_BYTES]]
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    for chunk in chain((head[_BOM_BYTES:],), chunks):
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    rest, _ = decoder.getstate()
    if len(rest) >= _BOM_BYTES:  # the first half of a pair
        yield rest[:_BOM_BYTES].decode(codec, "surrogatepass").encode("utf-8", "surrogatepass")
    if len(rest) % _BOM_BYTES:
        yield _NOT_UTF8 + rest[-1:]
