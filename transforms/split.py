"""Split: the decompressed bytes of an archive file in, its payloads out; no byte is lost.

One payload per line where the file is line-delimited, else one per object, objects following each
other with or without blanks; bytes that are no object are a payload of their own (DESIGN.md,
"Splitting a file into payloads"). Memory stays flat: nothing much longer than a payload is kept.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import msgspec

from schemas.rules import MAX_PAYLOAD_BYTES
from transforms.decode import Decoded, Unreadable
from transforms.objects import BLANKS, leading_objects, object_end, skip_blanks
from transforms.window import Window

HEAD_LINES = 20
HEAD_BYTES = 8 * MAX_PAYLOAD_BYTES
TOO_LARGE = Unreadable("too_large")

Decode = Callable[[bytes], Decoded]


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the file: where it starts, its bytes (None when too large), what they are."""

    offset: int
    length: int
    data: bytes | None
    decoded: Decoded


def payloads(chunks: Iterator[bytes], decode: Decode) -> Iterator[Payload]:
    """All payloads of a file, in order, each decoded once."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES or _lines(head) > HEAD_LINES:
            break
    stream = chain((head,), chunks)
    return by_line(stream, decode) if is_line_delimited(head, decode) else by_object(stream, decode)


def _lines(head: bytes) -> int:
    return sum(1 for line in head.split(b"\n") if line.strip(BLANKS))


def is_line_delimited(head: bytes, decode: Decode) -> bool:
    """Whether one of the first 20 non-blank lines is by itself an object that starts in column 0."""
    seen = start = 0
    while seen < HEAD_LINES and start < len(head):
        end = head.find(b"\n", start)
        end = len(head) if end < 0 else end
        line = head[start:end].rstrip(BLANKS)
        start = end + 1
        if line:
            seen += 1
            if object_end(line, 0) == len(line) and not isinstance(decode(line), Unreadable):
                return True
    return False


def by_line(chunks: Iterator[bytes], decode: Decode) -> Iterator[Payload]:
    """One payload per non-blank line; a line of several objects gives one each."""
    offset, rest = 0, b""
    skipped = 0  # bytes of a line that is too large, already let go
    fewest = 2  # objects that make a line several; 1 once its first objects have been given
    for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            if skipped:
                yield Payload(offset - skipped, skipped + len(line), None, TOO_LARGE)
            else:
                yield from _line(line, offset, decode, fewest)
            offset, skipped, fewest = offset + len(line) + 1, 0, 2
        # Two objects, neither too large, would be complete by now.
        if len(rest) > 2 * MAX_PAYLOAD_BYTES and not skipped:
            blanks = skip_blanks(rest, 0)
            offset, rest = offset + blanks, rest[blanks:]
            spans = _several(rest, fewest)
            yield from (_payload(rest, span, offset, decode) for span in spans)
            if spans:
                end, fewest = skip_blanks(rest, spans[-1][1]), 1
                offset, rest = offset + end, rest[end:]
        if skipped or (len(rest) > 2 * MAX_PAYLOAD_BYTES and not _may_go_on(rest)):
            skipped, offset, rest = skipped + len(rest), offset + len(rest), b""
    if skipped:
        yield Payload(offset - skipped, skipped, None, TOO_LARGE)
    else:
        yield from _line(rest, offset, decode, fewest)


def _line(line: bytes, offset: int, decode: Decode, fewest: int) -> Iterator[Payload]:
    stripped = line.strip(BLANKS)
    if not stripped:
        return
    if len(stripped) < len(line):
        offset += len(line) - len(line.lstrip(BLANKS))
        line = stripped
    decoded = decode(line)
    spans = _several(line, fewest) if isinstance(decoded, Unreadable) else []
    if not spans:
        yield Payload(offset, len(line), line, decoded)
        return
    yield from (_payload(line, span, offset, decode) for span in spans)
    end = spans[-1][1]
    if line[end:].strip(BLANKS):
        yield _payload(line, (end, len(line)), offset, decode)


def _may_go_on(rest: bytes) -> bool:
    """Whether there is one object and, behind blanks, room for a second to become complete."""
    spans = leading_objects(rest)
    if len(spans) != 1:
        return False
    second = skip_blanks(rest, spans[0][1])
    return second <= HEAD_BYTES and len(rest) - second <= MAX_PAYLOAD_BYTES


def _several(line: bytes, fewest: int) -> list[tuple[int, int]]:
    spans = leading_objects(line)
    # What may be kept of a line bounds the blanks behind its first object, whatever the chunks.
    too_far = fewest > 1 and len(spans) > 1 and spans[1][0] > HEAD_BYTES
    return spans if len(spans) >= fewest and not too_far else []


def _payload(data: bytes, span: tuple[int, int], offset: int, decode: Decode) -> Payload:
    piece = data[span[0] : span[1]]
    return Payload(offset + span[0], len(piece), piece, decode(piece))


def by_object(chunks: Iterator[bytes], decode: Decode) -> Iterator[Payload]:
    """One payload per object; what lies between objects and is none is a payload too."""
    window = Window(chunks)
    while window.skip_blanks():
        for offset, piece in window.pieces():
            decoded = decode(piece)
            if isinstance(decoded, Unreadable):
                window.offset = offset
                yield _irregular(window, decode)
                break
            yield Payload(offset, len(piece), piece, decoded)


def _irregular(window: Window, decode: Decode) -> Payload:
    """The object that starts here, however odd, else everything up to the next one."""
    offset = window.offset
    end = window.object_end(offset)
    if end >= 0:
        piece = window.take(end)
        return Payload(offset, len(piece), piece, decode(piece))
    length, garbage = window.take_garbage()
    decoded = TOO_LARGE if garbage is None else decode(garbage)
    return Payload(offset, length, garbage, decoded)
