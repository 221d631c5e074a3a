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
# Between two objects; inside an object a comma would follow (or it is in a string: then the piece does not decode).
BOUNDARY: Final = re.compile(rb"\}[ \t\r\n]*(?=\{[ \t\r\n]*\")")
CANDIDATE: Final = re.compile(rb"\{[ \t\r\n]*\"")
NOT_BLANK: Final = re.compile(rb"[^ \t\r\n]")

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
    """Return the end of the object at `start`, or after a BOM there.

    NO_OBJECT if none starts there, or one larger than a payload may be; TOO_DEEP if it has more levels than can be
    read; CUT_OFF if the data ends before the object.
    """
    body = start + len(BOM) if data.startswith(BOM, start) else start
    if not data.startswith(b"{", body):
        return CUT_OFF if body == len(data) else NO_OBJECT
    window = min(_FIRST_WINDOW, MAX_PAYLOAD_BYTES)
    while True:
        text = data[body : body + window].decode("latin-1")
        try:
            return body + _SCANNER.raw_decode(text)[1]
        except json.JSONDecodeError as error:
            if not _is_cut_off(error, len(text)):
                return NO_OBJECT
        except ValueError:
            return NO_OBJECT
        except RecursionError:
            return TOO_DEEP
        if window == MAX_PAYLOAD_BYTES and len(data) - body >= window:
            return NO_OBJECT
        if body + window >= len(data):
            return CUT_OFF
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


def leading_objects(data: bytes) -> list[tuple[int, int]]:
    """Return the spans of the complete objects at the start of the data, with or without blanks between them."""
    spans = []
    start = skip_blanks(data, 0)
    while (end := object_end(data, start)) >= 0:
        spans.append((start, end))
        start = skip_blanks(data, end)
    return spans


def skip_blanks(data: bytes, start: int) -> int:
    """Return the offset of the next byte that is not blank, or the length of the data."""
    match = NOT_BLANK.search(data, start)
    return match.start() if match else len(data)
