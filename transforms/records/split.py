"""Split the decompressed bytes of an archive file into payloads. No byte is lost.

In a line-delimited file no payload crosses a line's end; else objects follow each other in any layout (DESIGN.md,
"Splitting a file into payloads"). Memory use stays flat: nothing much longer than a payload is kept.
"""

from collections.abc import Iterator
from itertools import chain

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BATCH_SIZE, Decoder, Unreadable
from transforms.records.json_objects import BLANKS, SEPARATORS, object_end
from transforms.records.payloads import Payload, by_object, inner_payloads, numbered, unwrap

HEAD_LINES = 20
HEAD_BYTES = 8 * MAX_PAYLOAD_BYTES
# A longer line is read piece by piece.
LINE_BYTES = 2 * MAX_PAYLOAD_BYTES
_BRACE = ord("{")


def payloads(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """Yield all payloads of a file, in order, each decoded once."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES or _lines(head) > HEAD_LINES:
            break
    stream = chain((head,), chunks)
    return by_line(stream, decoder) if is_line_delimited(head, decoder) else by_object(stream, decoder)


def take_apart(payload: Payload, decoder: Decoder) -> Iterator[Payload]:
    """Yield the payloads in one that came alone: usually itself; of several objects each, with a number."""
    if inner := inner_payloads(payload, decoder):
        yield from numbered(payload, inner)
    elif isinstance(payload.decoded, Unreadable) and payload.data is not None and payload.length <= MAX_PAYLOAD_BYTES:
        parts = [*payloads(iter((payload.data,)), decoder)]
        # What holds anything else, too, stays whole: nobody knows what it was.
        is_apart = parts and not any(isinstance(part.decoded, Unreadable) for part in parts)
        yield from numbered(payload, parts) if is_apart else (payload,)
    else:
        yield payload


def _lines(head: bytes) -> int:
    return sum(1 for line in head.split(b"\n") if line.strip(BLANKS))


def is_line_delimited(head: bytes, decoder: Decoder) -> bool:
    """Whether one of the first 20 non-blank lines is a record by itself.

    That is, stripped of blanks, commas and brackets, an object that starts in column 0, or a JSON text or base64 that
    holds one.
    """
    line_count = start = 0
    head = head[:HEAD_BYTES]  # regardless of the size of the last chunk
    while line_count < HEAD_LINES and start < len(head):
        end = head.find(b"\n", start)
        end = len(head) if end < 0 else end
        line = head[start:end].rstrip(SEPARATORS)
        is_blank = not head[start:end].strip(BLANKS)
        start = end + 1
        if not is_blank:
            line_count += 1
            if _is_record(line.lstrip(b",[]"), decoder):
                return True
    return False


def _is_record(line: bytes, decoder: Decoder) -> bool:
    if object_end(line, 0) == len(line):
        return not isinstance(decoder.decode(line), Unreadable)
    payload = Payload(0, len(line), line.lstrip(BLANKS), Unreadable("not_an_object"))
    return bool(inner_payloads(payload, decoder))


def by_line(chunks: Iterator[bytes], decoder: Decoder) -> Iterator[Payload]:
    """Yield the payloads of each line."""
    offset, rest = 0, b""
    stream = _Lines(chunks)
    for chunk in stream:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from _lines_of(lines, offset, decoder)
        offset += sum(map(len, lines)) + len(lines)
        if len(rest) > LINE_BYTES:
            yield from by_object(stream.line(rest), decoder, offset)
            offset, rest = offset + stream.length, b""
    yield from _lines_of([rest], offset, decoder)


class _Lines:
    """Chunks, of which some are read up to the next line's end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._after = b""
        self.length = 0

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := self._after or next(self._chunks, None)) is not None:
            self._after = b""
            yield chunk

    def line(self, begin: bytes) -> Iterator[bytes]:
        """Yield the rest of a line that begins so; afterwards `length` is that of all of it, with its end."""
        self.length = len(begin)
        yield begin
        for chunk in self._chunks:
            end = chunk.find(b"\n")
            if end >= 0:
                self._after = chunk[end + 1 :]
                self.length += end + 1
                yield chunk[:end]
                return
            self.length += len(chunk)
            yield chunk


def _lines_of(lines: list[bytes], offset: int, decoder: Decoder) -> Iterator[Payload]:
    """Yield the payloads of complete lines, the first of which starts at the offset."""
    for start in range(0, len(lines), BATCH_SIZE):
        batch = lines[start : start + BATCH_SIZE]
        stripped = [line.strip(SEPARATORS) for line in batch]
        all_decoded = iter(decoder.decode_batch([line for line in stripped if line]))
        for line, whole in zip(stripped, batch, strict=True):
            if line:
                decoded = next(all_decoded)
                begin = offset if len(line) == len(whole) else offset + len(whole) - len(whole.lstrip(SEPARATORS))
                payload = Payload(begin, len(line), line, decoded)
                # Almost all are records; nothing is called for them, since it would cost a tenth of their decoding.
                if getattr(decoded, "contact_id", None) is not None and line[0] == _BRACE:
                    yield payload
                else:
                    yield from _of_line(whole, offset, payload, decoder)
            offset += len(whole) + 1


def _of_line(whole: bytes, offset: int, stripped: Payload, decoder: Decoder) -> Iterator[Payload]:
    """Yield the payloads of a line: itself, what it holds, or one after another."""
    is_readable = not isinstance(stripped.decoded, Unreadable)
    if is_readable and stripped.data is not None and stripped.data.startswith(b"{"):
        yield from unwrap(stripped, decoder)
    elif not is_readable and len(whole) <= LINE_BYTES and (inner := inner_payloads(stripped, decoder)):
        yield from numbered(stripped, inner)
    else:
        yield from by_object(iter((whole,)), decoder, offset)
