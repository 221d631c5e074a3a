"""Where JSON objects start and end in a stretch of bytes, told by structure alone.

Bytes are looked at as Latin-1, so that an object whose texts are no UTF-8 still ends where it ends.
"""

import json
import re
import sys
from typing import Any, Final

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BOM, BRACKET

BLANKS: Final = b" \t\r\n"
# Between two objects; inside one there is a comma (or a text, and then the piece does not decode).
BOUNDARY: Final = re.compile(rb"\}[ \t\r\n]*(?=\{[ \t\r\n]*\")")
CANDIDATE: Final = re.compile(rb"\{[ \t\r\n]*\"")
NOT_BLANK: Final = re.compile(rb"[^ \t\r\n]")

# Answers of `object_end` where there is no end to tell.
NO_OBJECT: Final = -1
CUT_OFF: Final = -2
TOO_DEEP: Final = -3  # no object either

_FIRST_WINDOW = 16_384
# As far as is looked for many levels.
DEEP_WINDOW: Final = 65_536


def _refuse(name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _zero(digits: str) -> int:
    return 0


_SCANNER = json.JSONDecoder(parse_constant=_refuse, parse_int=_zero, parse_float=_zero)


def object_end(data: bytes, start: int) -> int:
    """Where the object that starts at `start` (or behind a BOM there) ends.

    NO_OBJECT: none starts there, or one of more than a payload's size. TOO_DEEP: it has more levels than can be read.
    CUT_OFF: the data ends first.
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
            if not _at_the_end(error, len(text)):
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


def _at_the_end(error: json.JSONDecodeError, length: int) -> bool:
    # An escape or a literal such as `false` may be cut, so a few characters before the end count.
    return error.pos >= length - 8 or error.msg.startswith("Unterminated string")


def past_too_deep(data: bytes, start: int) -> int:
    """Where the next object may start that is not too deep, given one that is; NO_OBJECT where that cannot be told.

    Objects that start within it are too deep themselves as long as so many levels are open behind them; looking at each
    would read all those levels again and again. Those that end before, within what was read of it, are parts of it.
    """
    limit = sys.getrecursionlimit()
    opened: list[int] = []
    deepest = 0
    for match in BRACKET.finditer(data[start : start + DEEP_WINDOW].decode("latin-1")):
        found = match.group()
        if found in "{[":
            opened.append(match.start() if found == "{" else NO_OBJECT)
            deepest = max(deepest, len(opened))
            if len(opened) == limit + limit // 2:
                place = next((place for place in opened[limit // 2 :] if place >= 0), NO_OBJECT)
                return NO_OBJECT if place == NO_OBJECT else start + place
        elif found in "}]":
            # Beyond half of the limit it is not certain that it was read.
            if not opened or deepest > limit // 2:
                break
            opened.pop()
        elif CANDIDATE.search(found.encode("latin-1")):
            break
    return NO_OBJECT


def leading_objects(data: bytes) -> list[tuple[int, int]]:
    """The complete objects that follow one another from the start on, blanks between them allowed."""
    spans = []
    start = skip_blanks(data, 0)
    while (end := object_end(data, start)) >= 0:
        spans.append((start, end))
        start = skip_blanks(data, end)
    return spans


def skip_blanks(data: bytes, start: int) -> int:
    """The place of the next byte that is no blank; the length of the data where there is none."""
    found = NOT_BLANK.search(data, start)
    return found.start() if found else len(data)
