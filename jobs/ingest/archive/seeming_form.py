"""Say which form a file seems to have, for a message about a file that cannot be read."""

import re

_ENCRYPTED = 1
_TAR_MAGIC = slice(257, 262)
# The first that matches counts.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (rb"\x1f\x8b", "gzip"),
    (rb"\x28\xb5\x2f\xfd", "zstd"),
    (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "bzip2"),
    (rb"\xff\x06\x00\x00sNaPpY", "Snappy"),
    (rb"\xfd7zXZ\x00", "xz"),
    (rb"\x04\x22\x4d\x18|\x02\x21\x4c\x18", "LZ4"),
    (rb"\x1f[\x9d\xa0]", "compress (.Z)"),
    (rb"7z\xbc\xaf\x27\x1c", "7z"),
    (rb"Rar!\x1a\x07", "RAR"),
    (rb"PK\x03\x04[\s\S]{26,600}?\[Content_Types\]\.xml", "Office document"),
    (rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", "ZIP"),
    (rb"Obj\x01", "Avro"),
    (rb"PAR1", "Parquet"),
    (rb"PARE", "Parquet, encrypted"),
    (rb"ORC", "ORC"),
    (rb"ARROW1", "Arrow"),
    (rb"SEQ[\x00-\x06]", "Hadoop sequence file"),
    (rb"SQLite format 3\x00", "SQLite database"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office document"),
    (rb"%PDF-", "PDF"),
    (rb"\x89PNG", "PNG"),
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"GIF8", "GIF"),
    (rb"RIFF[\s\S]{4}WAVE", "WAV audio"),
    (rb"ID3|\xff[\xfb\xf3\xf2]", "MP3 audio"),
    (rb"-----BEGIN PGP |\x85[\x01-\x04]|[\x84\xc1][\x0d-\xff]\x03", "PGP"),
    (rb"Salted__", "OpenSSL, encrypted"),
    (rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "UTF-32 text"),
    (rb"\xff\xfe|\xfe\xff", "UTF-16 text"),
)
_PATTERNS = tuple((re.compile(magic), form) for magic, form in _MAGIC)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_XML = re.compile(rb"<(?:\?xml|!--|!doctype|[A-Za-z_][\w.:-]*[\s/>])", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_DELIMITERS = b",;\t|"
_HEAD_BYTES = 1 << 16


def seeming_form(head: bytes) -> str:
    """Return the form that a file which begins so seems to have, in words for a message."""
    if not head:
        return "empty"
    if head.startswith(b"PK\x03\x04") and len(head) > 6 and head[6] & _ENCRYPTED:
        return "ZIP, encrypted"
    if head[_TAR_MAGIC] == b"ustar":
        return "tar"
    form = next((form for pattern, form in _PATTERNS if pattern.match(head)), None)
    return form or _text_form(head[:_HEAD_BYTES])


def _text_form(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").strip()
    if _CONTROL.search(text) or not _is_utf8(text):
        return "binary data"
    if not text:
        return "blanks"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if _HTML.match(text):
        return "HTML"
    if _XML.match(text):
        return "XML"
    return "CSV" if _is_csv(text) else "text"


def _is_utf8(text: bytes) -> bool:
    """Whether a text is UTF-8, though its last character may be cut off."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.end == len(text) and error.reason == "unexpected end of data"
    return True


def _is_csv(text: bytes) -> bool:
    """Whether the first lines have the same number of a delimiter."""
    lines = [line for line in text.splitlines()[:5] if line.strip()]
    counts = [{line.count(delimiter) for line in lines} for delimiter in (_DELIMITERS[n : n + 1] for n in range(4))]
    return len(lines) > 1 and any(len(count) == 1 and count != {0} for count in counts)
