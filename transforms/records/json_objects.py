"""Find where JSON objects start and end in bytes, from their structure.

Bytes are decoded as Latin-1, so that the end of an object with invalid UTF-8 is found as well.
"""

import json
import re
import sys
from typing import Any, Final

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BOM, BRACKET

BLANKS: Final = b" \t\r\n"
# What may lie between objects: a list of objects is its objects.
SEPARATORS: Final = BLANKS + b",[]"
# What does not belong to the bytes before an object; a `]` there may close what they have opened.
BEFORE_OBJECT: Final = BLANKS + b",["
# Between two objects; inside an object a comma would follow (or it is in a string: then the piece does not decode).
BOUNDARY: Final = re.compile(rb"\}[ \t\r\n]*(?=\{[ \t\r\n]*\")")
CANDIDATE: Final = re.compile(rb"\{[ \t\r\n]*\"")
NOT_BLANK: Final = re.compile(rb"[^ \t\r\n]")
NOT_SEPARATOR: Final = re.compile(rb"[^ \t\r\n,\[\]]")
LIST: Final = re.compile(rb"[,\[\]]")
_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
# Keys of records and agent events: an object that has one is a record, wherever it stands.
_RECORD_KEYS = ("ContactId", "AgentARN")

# Results of `object_end` other than an end.
NO_OBJECT: Final = -1
CUT_OFF: Final = -2
TOO_DEEP: Final = -3  # not an object either

_FIRST_WINDOW = 16_384
# How far to search for too many levels.
DEEP_WINDOW: Final = 65_536


def _reject(name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _zero(digits: str) -> int:
    return 0


_SCANNER = json.JSONDecoder(parse_constant=_reject, parse_int=_zero, parse_float=_zero)


def object_end(data: bytes, start: int) -> int:
    """Return the end of the object at `start`, or after a BOM there; see `find_object`."""
    return find_object(data, start)[0]


def find_object(data: bytes, start: int) -> tuple[int, bool]:
    """Return the end of the object at `start`, or after a BOM there, and whether it has the key of a record.

    NO_OBJECT if none starts there, or one larger than a payload may be; TOO_DEEP if it has more levels than can be
    read; CUT_OFF if the data ends before the object.
    """
    body = start + len(BOM) if data.startswith(BOM, start) else start
    if not data.startswith(b"{", body):
        return (CUT_OFF if body == len(data) else NO_OBJECT), False
    window = min(_FIRST_WINDOW, MAX_PAYLOAD_BYTES)
    while True:
        text = data[body : body + window].decode("latin-1")
        try:
            value, length = _SCANNER.raw_decode(text)
            return body + length, any(key in value for key in _RECORD_KEYS)
        except json.JSONDecodeError as error:
            if not _is_cut_off(error, len(text)):
                return NO_OBJECT, False
        except ValueError:
            return NO_OBJECT, False
        except RecursionError:
            return TOO_DEEP, False
        if window == MAX_PAYLOAD_BYTES and len(data) - body >= window:
            return NO_OBJECT, False
        if body + window >= len(data):
            return CUT_OFF, False
        window = min(window * 8, MAX_PAYLOAD_BYTES)


def _is_cut_off(error: json.JSONDecodeError, length: int) -> bool:
    # An escape or a literal such as `false` may be cut, so errors a few characters before the end count too.
    return error.pos >= length - 8 or error.msg.startswith("Unterminated string")


def past_too_deep(data: bytes, start: int) -> int:
    """Return where the next object that is not too deep may start, given one that is; NO_OBJECT if unknown.

    Objects inside it are too deep as well, as long as that many levels are open after their start; trying each would
    read the same levels again and again. Objects that end before that, within the bytes read, are parts of it.
    """
    limit = sys.getrecursionlimit()
    starts: list[int] = []
    deepest = 0
    for match in BRACKET.finditer(data[start : start + DEEP_WINDOW].decode("latin-1")):
        text = match.group()
        if text in "{[":
            starts.append(match.start() if text == "{" else NO_OBJECT)
            deepest = max(deepest, len(starts))
            if len(starts) == limit + limit // 2:
                offset = next((offset for offset in starts[limit // 2 :] if offset >= 0), NO_OBJECT)
                return NO_OBJECT if offset == NO_OBJECT else start + offset
        elif text in "}]":
            # Beyond half of the limit it is not certain that the decoder read it.
            if not starts or deepest > limit // 2:
                break
            starts.pop()
        elif CANDIDATE.search(text.encode("latin-1")):
            break
    return NO_OBJECT


def text_end(data: bytes, start: int) -> int:
    """Return the end of the JSON text at `start`; NO_OBJECT if none starts there, CUT_OFF if the data ends first."""
    if not data.startswith(b'"', start):
        return NO_OBJECT
    match = _TEXT.match(data, start)
    return match.end() if match else CUT_OFF


def skip_separators(data: bytes, start: int) -> int:
    """Return the offset of the next byte that does not separate objects, or the length of the data."""
    match = NOT_SEPARATOR.search(data, start)
    return match.start() if match else len(data)


def skip_blanks(data: bytes, start: int) -> int:
    """Return the offset of the next byte that is not blank, or the length of the data."""
    match = NOT_BLANK.search(data, start)
    return match.start() if match else len(data)
