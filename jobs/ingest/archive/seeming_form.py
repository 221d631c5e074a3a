"""Name the form that unreadable bytes seem to have, for messages: a guess from the first bytes, never their content."""

from transforms.records.json_objects import BLANKS

_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"ORC", "ORC"),
    (b"PAR1", "Parquet"),
    (b"Obj\x01", "Avro"),
    (b"SEQ", "a Hadoop sequence file"),
    (b"SQLite format 3\0", "SQLite"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"-----BEGIN PGP", "PGP"),
    (b"\x84\x8c\x03", "PGP"),
    (b"\x85\x01\x0c\x03", "PGP"),
    (b"\x85\x02\x0c\x03", "PGP"),
    (b"Salted__", "data encrypted with OpenSSL"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_ZIP = b"PK\x03\x04"
_TAR, _TAR_OFFSET = b"ustar", 257
_BOM = b"\xef\xbb\xbf"
_MARKUP = ((b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<", "XML"))
# Bytes that decide whether the head is text.
_TEXT_BYTES = 4096
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))


def seeming_form(head: bytes) -> str:
    """Return the form that a file with these first bytes seems to have, such as `PDF`; at worst `binary data`."""
    for magic, form in _MAGIC:
        if head.startswith(magic):
            return form
    if head.startswith(_ZIP):
        # Bit 0 of the first member's flags.
        return "encrypted ZIP" if head[6:7] and head[6] & 1 else "ZIP"
    if head[_TAR_OFFSET : _TAR_OFFSET + len(_TAR)] == _TAR:
        return "tar"
    return _text_form(head[:_TEXT_BYTES])


def _text_form(head: bytes) -> str:
    text = head.removeprefix(_BOM).lstrip(BLANKS)
    lower = text[:16].lower()
    for start, form in _MARKUP:
        if lower.startswith(start):
            return form
    if text.translate(None, _CONTROLS) != text or not _is_utf8(text):
        return "binary data"
    return "JSON without an object" if text.startswith((b"{", b"[", b'"')) else "text"


def _is_utf8(text: bytes) -> bool:
    """Whether the text is UTF-8; its last character may be cut off."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(text) - 3 and error.reason == "unexpected end of data"
    return True
