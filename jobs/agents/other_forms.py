"""Recognize files that are often passed as an agent-extension table but are not one, so that an error says what to do.

Nothing here reads a table: a file that is recognized is refused. Only the beginning of a file is looked at.
"""

import csv
import re
import zlib

COLUMNS = ("agent_id", "extension", "valid_from", "valid_to")
_HEAD_BYTES = 65_536
_GZIP = b"\x1f\x8b"
# The beginning of DynamoDB's texts: Ion, a manifest of an export, items with types, items of the voicemail solution.
_ION = re.compile(r"\s*\$ion_1_0\b")
_MANIFEST = re.compile(r'\s*\{[^{}]*"(exportArn|manifestFilesS3Key|dataFileS3Key)"\s*:')
_ITEMS = re.compile(r'\s*[\[{]\s*("Items?"\s*:|\{?\s*("[^"]*"\s*:\s*)?\{\s*"(S|N|B|BOOL|NULL|M|L|SS|NS|BS)"\s*:)')
_PLAIN_ITEM = re.compile(r'\s*[\[{][^{}]*"agentId"\s*:')
# DynamoDB's console writes an attribute's type behind its name.
_TYPE = re.compile(r" \([A-Z]{1,4}\)$")
_DELIMITERS = {",": "", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SYNC = (
    "let `contact-billing agents sync` read the voicemail table itself, which also keeps the past, or write CSV with "
    f"the columns {', '.join(COLUMNS)}"
)


def other_form(data: bytes) -> str | None:
    """Return what a file that is not a table is, and the way out; None if it is not recognized. Quotes no value."""
    compressed = data.startswith(_GZIP)
    text = (_decompressed_head(data) if compressed else data[:_HEAD_BYTES]).decode("utf-8-sig", "ignore")
    if _ION.match(text) or _ITEMS.match(text):
        return f"an export of a DynamoDB table; {_SYNC}"
    if _MANIFEST.match(text):
        return f"the manifest of an export of a DynamoDB table; {_SYNC}"
    if _PLAIN_ITEM.match(text):
        return f"a list of a DynamoDB table's items; {_SYNC}"
    if compressed:
        return f"compressed; decompress it to CSV with the columns {', '.join(COLUMNS)}"
    return _other_csv(text)


def _other_csv(text: str) -> str | None:
    for delimiter, name in _DELIMITERS.items():
        try:
            header = next(csv.reader(text.splitlines()[:1], delimiter=delimiter), [])
        except csv.Error:
            continue
        columns = {_TYPE.sub("", cell.strip()) for cell in header}
        if "agentId" in columns:
            return f"CSV of a DynamoDB table's items; {_SYNC}"
        if name and {*COLUMNS[:2]} <= columns:
            return f"separated by {name}; separate its cells by commas"
    return None


def _decompressed_head(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(data, _HEAD_BYTES)
    except zlib.error:
        return b""
