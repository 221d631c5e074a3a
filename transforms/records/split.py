"""Split the decompressed bytes of an archive file into payloads. No byte is lost.

One payload per line in a line-delimited file, else one per object, with or without blanks between objects; other bytes
are payloads of their own (DESIGN.md, "Splitting a file into payloads"). Memory use stays flat: nothing much longer
than a payload is kept.
"""

from collections.abc import Iterator
from itertools import chain, islice

import msgspec

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BATCH_SIZE, BOM, Decoded, Decoder, Unreadable
from transforms.records.json_objects import BLANKS, leading_objects, object_end, skip_blanks
from transforms.records.object_window import ObjectWindow

HEAD_LINES = 20
HEAD_BYTES = 8 * MAX_PAYLOAD_BYTES
TOO_LARGE = Unreadable("too_large")


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A payload of a file: its offset, length, bytes (None if too large) and decoded content."""

    offset: int
    length: int
    data: bytes | None
    decoded: Decoded


def payloads(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """Yield all payloads of a file, in order, each decoded once."""
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
    """Whether one of the first 20 non-blank lines is a complete object that starts in column 0."""
    line_count = start = 0
    head = head[:HEAD_BYTES]  # regardless of the size of the last chunk
    while line_count < HEAD_LINES and start < len(head):
        end = head.find(b"\n", start)
        end = len(head) if end < 0 else end
        line = head[start:end].rstrip(BLANKS)
        start = end + 1
        if line:
            line_count += 1
            if object_end(line, 0) == len(line) and not isinstance(decoder.decode(line), Unreadable):
                return True
    return False


def by_line(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """Yield one payload per non-blank line, or one per object of a line with several."""
    offset, rest = 0, b""
    skipped = 0  # bytes of a long line that were dropped
    short: bytes | None = None  # the dropped bytes without trailing blanks, if a payload may be that long
    fewest = 2  # objects that a line needs to be split; 1 after its first objects were yielded
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
        # Two objects that are not too large would be complete by now.
        if len(rest) > 2 * MAX_PAYLOAD_BYTES and not skipped:
            blanks = skip_blanks(rest, 0)
            offset, rest = offset + blanks, rest[blanks:]
            spans = _object_spans(rest, fewest)
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
    """Yield the payloads of a line that was dropped: too large, unless it is short without its trailing blanks."""
    start, end = span
    if short is None:
        yield Payload(start, end - start, None, TOO_LARGE)
    else:
        yield from _lines_of([short], start, decoder, fewest)


def _lines_of(lines: list[bytes], offset: int, decoder: Decoder, fewest: int) -> Iterator[Payload]:
    """Yield the payloads of complete lines, the first of which starts at the offset."""
    for start in range(0, len(lines), BATCH_SIZE):
        batch = lines[start : start + BATCH_SIZE]
        stripped = [line.strip(BLANKS) for line in batch]
        all_decoded = iter(decoder.decode_batch([line for line in stripped if line]))
        for line, raw_line in zip(stripped, batch, strict=True):
            if line:
                decoded = next(all_decoded)
                indent = 0 if len(line) == len(raw_line) else len(raw_line) - len(raw_line.lstrip(BLANKS))
                begin = offset + indent
                if isinstance(decoded, Unreadable):
                    yield from _irregular_line(line, begin, decoded, decoder, fewest)
                else:
                    yield Payload(begin, len(line), line, decoded)
            offset += len(raw_line) + 1


def _irregular_line(line: bytes, offset: int, decoded: Unreadable, decoder: Decoder, fewest: int) -> Iterator[Payload]:
    """Yield the objects of a line that has several; its rest, or the whole line, is a payload too."""
    spans = _object_spans(line, fewest)
    if not spans:
        yield Payload(offset, len(line), line, decoded)
        return
    yield from (_payload(line, span, offset, decoder) for span in spans)
    end = skip_blanks(line, spans[-1][1])
    if end < len(line):
        yield _payload(line, (end, len(line)), offset, decoder)


def _may_go_on(rest: bytes) -> bool:
    """Whether there is one object and, after blanks, room for a second one to become complete."""
    spans = leading_objects(rest)
    if len(spans) != 1:
        return False
    second = skip_blanks(rest, spans[0][1])
    return second <= HEAD_BYTES and len(rest) - second <= MAX_PAYLOAD_BYTES + len(BOM)


def _object_spans(line: bytes, fewest: int) -> list[tuple[int, int]]:
    spans = leading_objects(line)
    # The limit on blanks after the first object is what may be kept of a line, whatever the chunks.
    too_far = fewest > 1 and len(spans) > 1 and spans[1][0] > HEAD_BYTES
    return spans if len(spans) >= fewest and not too_far else []


def _payload(data: bytes, span: tuple[int, int], offset: int, decoder: Decoder) -> Payload:
    piece = data[span[0] : span[1]]
    return Payload(offset + span[0], len(piece), piece, decoder.decode(piece))


def by_object(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """Yield one payload per object; other bytes between objects are payloads too."""
    window = ObjectWindow(chunks)
    while window.skip_blanks():
        for payload in _regular(window, decoder):
            if isinstance(payload.decoded, Unreadable):
                window.offset = payload.offset
                yield _irregular(window, decoder)
                break
            yield payload


def _regular(window: ObjectWindow, decoder: Decoder) -> Iterator[Payload]:
    """Yield the pieces between boundaries, in batches: the window is ahead of the payloads yielded."""
    pieces = window.pieces()
    while batch := list(islice(pieces, BATCH_SIZE)):
        for (offset, piece), decoded in zip(batch, decoder.decode_batch([p for _, p in batch]), strict=True):
            yield Payload(offset, len(piece), piece, decoded)


def _irregular(window: ObjectWindow, decoder: Decoder) -> Payload:
    """Return the object that starts here, however odd, or else all bytes up to the next one."""
    offset = window.offset
    end = window.object_end(offset)
    if end >= 0:
        piece = window.take(end)
        return Payload(offset, len(piece), piece, decoder.decode(piece))
    length, garbage = window.take_garbage()
    decoded = TOO_LARGE if garbage is None else decoder.decode(garbage)
    return Payload(offset, length, garbage, decoded)
