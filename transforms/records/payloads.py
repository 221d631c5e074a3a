"""Find the payloads in bytes that hold objects one after another, and open what wraps others.

Objects follow each other, with or without blanks, commas and square brackets between them. Other bytes are payloads of
their own. JSON texts, base64 and envelopes give what they hold.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from schemas.contact_record import ContactRecord
from transforms.records.decode import BATCH_SIZE, Decoded, Decoder, Unreadable, WrongType
from transforms.records.envelopes import envelope_entries, text_content
from transforms.records.object_window import ObjectWindow

TOO_LARGE = Unreadable("too_large")
# Envelopes in envelopes are opened as deep as this.
_DEPTH = 4


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A payload of a file: its offset, length, bytes (None if too large) and decoded content.

    `number` counts the payloads inside one that wraps several, whose offset is that of the wrapping one.
    """

    offset: int
    length: int
    data: bytes | None
    decoded: Decoded
    number: int | None = None

    @property
    def position(self) -> str:
        """The position in the file, as the ledger has it."""
        return str(self.offset) if self.number is None else f"{self.offset}/{self.number}"


def by_object(chunks: Iterator[bytes], decoder: Decoder, offset: int = 0) -> Iterator[Payload]:
    """Yield one payload per object, and one for other bytes between objects; the first chunk is at the offset."""
    return _in_window(ObjectWindow(chunks, offset), decoder, 0)


def _in_window(window: ObjectWindow, decoder: Decoder, depth: int) -> Iterator[Payload]:
    """Yield the payloads of a window that lies so deep in what wraps it."""
    while window.skip_separators():
        # In a list there is no boundary to look for.
        if window.is_list:
            yield from _irregular(window, decoder, depth)
            continue
        for payload in _regular(window, decoder):
            if isinstance(payload.decoded, Unreadable):
                window.offset = payload.offset
                yield from _irregular(window, decoder, depth)
                break
            if may_wrap(payload.decoded):
                yield from unwrap(payload, decoder, depth)
            else:
                yield payload


def _regular(window: ObjectWindow, decoder: Decoder) -> Iterator[Payload]:
    """Yield the pieces between boundaries, in batches: the window is ahead of them."""
    pieces = window.pieces()
    while batch := list(islice(pieces, BATCH_SIZE)):
        for (offset, piece), decoded in zip(batch, decoder.decode_batch([p for _, p in batch]), strict=True):
            yield Payload(offset, len(piece), piece, decoded)


def _irregular(window: ObjectWindow, decoder: Decoder, depth: int) -> Iterator[Payload]:
    """Take the object or the text that starts here, however unusual, else all bytes up to the next object."""
    offset = window.offset
    if (end := window.object_end(offset)) >= 0:
        piece = window.take(end)
        yield from unwrap(Payload(offset, len(piece), piece, decoder.decode(piece)), decoder, depth)
        return
    if (end := window.text_end(offset)) >= 0:
        text = Payload(offset, end - offset, window.peek(end), Unreadable("not_an_object"))
        if inner := inner_payloads(text, decoder, depth):
            window.offset = end
            yield from numbered(text, inner)
            return
    length, garbage = window.take_garbage()
    decoded = TOO_LARGE if garbage is None else decoder.decode(garbage)
    yield from unwrap(Payload(offset, length, garbage, decoded), decoder, depth)


def may_wrap(decoded: Decoded) -> bool:
    """Whether a payload may hold others: it cannot be read, or is an object with neither ContactId nor AgentARN."""
    if isinstance(decoded, Unreadable):
        return True
    record = decoded.record if isinstance(decoded, WrongType) else decoded
    return isinstance(record, ContactRecord) and record.contact_id is None and record.agent_arn is None


def unwrap(payload: Payload, decoder: Decoder, depth: int = 0) -> Iterator[Payload]:
    """Yield the payloads that a JSON text, base64 or an envelope holds, else the payload itself."""
    inner = inner_payloads(payload, decoder, depth)
    yield from numbered(payload, inner) if inner else (payload,)


def numbered(payload: Payload, inner: list[Payload]) -> Iterator[Payload]:
    """Yield what a payload holds at its offset: with numbers, but for the one object of a text."""
    if len(inner) == 1 and isinstance(payload.decoded, Unreadable):
        yield Payload(payload.offset, inner[0].length, inner[0].data, inner[0].decoded)
        return
    for number, record in enumerate(inner):
        yield Payload(payload.offset, record.length, record.data, record.decoded, number)


def inner_payloads(payload: Payload, decoder: Decoder, depth: int = 0) -> list[Payload]:
    """Return the payloads inside of one that lies so deep; none if there are none, or it lies too deep."""
    if payload.data is None or depth == _DEPTH or not may_wrap(payload.decoded):
        return []
    if isinstance(payload.decoded, Unreadable):
        content = text_content(payload.data)
        inner = [] if content is None else _split(content, decoder, depth + 1)
        return inner if any(not isinstance(record.decoded, Unreadable) for record in inner) else []
    entries = envelope_entries(payload.data) or ()
    return [record for entry in entries for record in _split(entry, decoder, depth + 1)]


def _split(content: bytes, decoder: Decoder, depth: int) -> list[Payload]:
    """Return the payloads of what was wrapped; at least one, so that an empty entry is not lost."""
    inner = [*_in_window(ObjectWindow(iter((content,))), decoder, depth)]
    return inner or [Payload(0, len(content), content, decoder.decode(content))]
