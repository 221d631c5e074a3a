"""Split: the decompressed bytes of an archive file in, its payloads out; no byte is lost.

One payload per line where the file is line-delimited, else one per object, objects following each
other with or without blanks; bytes that are no object are a payload of their own (DESIGN.md,
"Splitting a file into payloads"). Memory stays flat: nothing much longer than a payload is kept.
"""

from collections.abc import Iterator
from itertools import chain, islice

import msgspec

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BOM, TOGETHER, Decoded, Decoder, Unreadable
from transforms.records.json_objects import BLANKS, leading_objects, object_end, skip_blanks
from transforms.records.object_window import ObjectWindow

HEAD_LINES = 20
HEAD_BYTES = 8 * MAX_PAYLOAD_BYTES
TOO_LARGE = Unreadable("too_large")


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the file: where it starts, its bytes (None when too large), what they are."""

    offset: int
    length: int
    data: bytes | None
    decoded: Decoded


def payloads(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """All payloads of a file, in order, each decoded once."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES or _lines(head) > HEAD_LINES:
            break
    stream = chain((head,), chunks)
    return by_line(stream, decoder) if is_line_delimited(head, decoder) else by_object(stream, decoder)


def _lines(head: bytes) -> int:
    return sum(1 for line in head.split(b"\n") if line.strip(BLANKS))


def is_line_delimited(head: bytes, decoder: Decoder) -> bool:
    """Whether one of the first 20 non-blank lines is by itself an object that starts in column 0."""
    seen = start = 0
    head = head[:HEAD_BYTES]  # however much came with the last chunk
    while seen < HEAD_LINES and start < len(head):
        end = head.find(b"\n", start)
        end = len(head) if end < 0 else end
        line = head[start:end].rstrip(BLANKS)
        start = end + 1
        if line:
            seen += 1
            if object_end(line, 0) == len(line) and not isinstance(decoder.decode(line), Unreadable):
                return True
    return False


def by_line(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """One payload per non-blank line; a line of several objects gives one each."""
    offset, rest = 0, b""
    skipped = 0  # bytes of a long line, already let go
    short: bytes | None = None  # these bytes, where all but a payload's size are blanks at their end
    fewest = 2  # objects that make a line several; 1 once its first objects have been given
    for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if lines and skipped:
            start, tail = offset - skipped, lines.pop(0)
            offset += len(tail)
            yield from _long_line(None if tail.strip(BLANKS) else short, (start, offset), decoder, fewest)
            offset, skipped, fewest = offset + 1, 0, 2
        elif lines and fewest < 2:
            line = lines.pop(0)
            yield from _lines_of([line], offset, decoder, fewest)
            offset, fewest = offset + len(line) + 1, 2
        yield from _lines_of(lines, offset, decoder, 2)
        offset += sum(map(len, lines)) + len(lines)
        # Two objects, neither too large, would be complete by now.
        if len(rest) > 2 * MAX_PAYLOAD_BYTES and not skipped:
            blanks = skip_blanks(rest, 0)
            offset, rest = offset + blanks, rest[blanks:]
            spans = _several(rest, fewest)
            yield from (_payload(rest, span, offset, decoder) for span in spans)
            if spans:
                end, fewest = skip_blanks(rest, spans[-1][1]), 1
                offset, rest = offset + end, rest[end:]
        if skipped or (len(rest) > 2 * MAX_PAYLOAD_BYTES and not _may_go_on(rest)):
            stripped = rest.rstrip(BLANKS)
            if not skipped:
                short = stripped if len(stripped) <= MAX_PAYLOAD_BYTES else None
            elif stripped:
                short = None
            skipped, offset, rest = skipped + len(rest), offset + len(rest), b""
    if skipped:
        yield from _long_line(short, (offset - skipped, offset), decoder, fewest)
    else:
        yield from _lines_of([rest], offset, decoder, fewest)


def _long_line(short: bytes | None, span: tuple[int, int], decoder: Decoder, fewest: int) -> Iterator[Payload]:
    """The payloads of a line that has been let go: too large, unless it is short but for the blanks at its end."""
    start, end = span
    if short is None:
        yield Payload(start, end - start, None, TOO_LARGE)
    else:
        yield from _lines_of([short], start, decoder, fewest)


def _lines_of(lines: list[bytes], offset: int, decoder: Decoder, fewest: int) -> Iterator[Payload]:
    """The payloads of whole lines, the first of which starts at the offset."""
    for start in range(0, len(lines), TOGETHER):
        few = lines[start : start + TOGETHER]
        stripped = [line.strip(BLANKS) for line in few]
        all_decoded = iter(decoder.decode_batch([line for line in stripped if line]))
        for line, whole in zip(stripped, few, strict=True):
            if line:
                decoded = next(all_decoded)
                begin = offset if len(line) == len(whole) else offset + len(whole) - len(whole.lstrip(BLANKS))
                if isinstance(decoded, Unreadable):
                    yield from _irregular_line(line, begin, decoded, decoder, fewest)
                else:
                    yield Payload(begin, len(line), line, decoded)
            offset += len(whole) + 1


def _irregular_line(line: bytes, offset: int, decoded: Unreadable, decoder: Decoder, fewest: int) -> Iterator[Payload]:
    """The objects of a line, where it holds several; what is left of it, or all of it, is a payload too."""
    spans = _several(line, fewest)
    if not spans:
        yield Payload(offset, len(line), line, decoded)
        return
    yield from (_payload(line, span, offset, decoder) for span in spans)
    end = skip_blanks(line, spans[-1][1])
    if end < len(line):
        yield _payload(line, (end, len(line)), offset, decoder)


def _may_go_on(rest: bytes) -> bool:
    """Whether there is one object and, behind blanks, room for a second to become complete."""
    spans = leading_objects(rest)
    if len(spans) != 1:
        return False
    second = skip_blanks(rest, spans[0][1])
    return second <= HEAD_BYTES and len(rest) - second <= MAX_PAYLOAD_BYTES + len(BOM)


def _several(line: bytes, fewest: int) -> list[tuple[int, int]]:
    spans = leading_objects(line)
    # What may be kept of a line bounds the blanks behind its first object, whatever the chunks.
    too_far = fewest > 1 and len(spans) > 1 and spans[1][0] > HEAD_BYTES
    return spans if len(spans) >= fewest and not too_far else []


def _payload(data: bytes, span: tuple[int, int], offset: int, decoder: Decoder) -> Payload:
    piece = data[span[0] : span[1]]
    return Payload(offset + span[0], len(piece), piece, decoder.decode(piece))


def by_object(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """One payload per object; what lies between objects and is none is a payload too."""
    window = ObjectWindow(chunks)
    while window.skip_blanks():
        for payload in _regular(window, decoder):
            if isinstance(payload.decoded, Unreadable):
                window.offset = payload.offset
                yield _irregular(window, decoder)
                break
            yield payload


def _regular(window: ObjectWindow, decoder: Decoder) -> Iterator[Payload]:
    """What lies between boundaries, a few pieces at a time: the window is ahead of what is given."""
    pieces = window.pieces()
    while few := list(islice(pieces, TOGETHER)):
        for (offset, piece), decoded in zip(few, decoder.decode_batch([piece for _, piece in few]), strict=True):
            yield Payload(offset, len(piece), piece, decoded)


def _irregular(window: ObjectWindow, decoder: Decoder) -> Payload:
    """The object that starts here, however odd, else everything up to the next one."""
    offset = window.offset
    end = window.object_end(offset)
    if end >= 0:
        piece = window.take(end)
        return Payload(offset, len(piece), piece, decoder.decode(piece))
    length, garbage = window.take_garbage()
    decoded = TOO_LARGE if garbage is None else decoder.decode(garbage)
    return Payload(offset, length, garbage, decoded)
