"""A sliding window over the bytes of a file that finds its JSON objects.

It keeps only bytes that are not consumed yet, and reads chunks only when it must. All offsets are offsets in the file.
"""

from collections.abc import Iterator

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BOM
from transforms.records.envelopes import MOST_TEXT_BYTES
from transforms.records.json_objects import (
    BEFORE_OBJECT,
    BLANKS,
    BOUNDARY,
    CANDIDATE,
    CUT_OFF,
    DEEP_WINDOW,
    LIST,
    NO_OBJECT,
    TOO_DEEP,
    find_object,
    past_too_deep,
    skip_blanks,
    skip_separators,
    text_end,
)

# An object followed by one of these is part of a larger value, not a record.
_WITHIN = (b",", b"]", b"}")


class ObjectWindow:
    """The bytes of a file that are not consumed yet; `offset` is the offset of the first of them."""

    def __init__(self, chunks: Iterator[bytes], offset: int = 0) -> None:
        self._chunks = chunks
        self._data = b""
        self._start = offset  # offset in the file of the first byte of _data
        self.offset = offset
        self.is_list = False  # a comma or a bracket precedes the offset
        self._deep = 0  # before this offset, past_too_deep was tried and found nothing

    def skip_separators(self) -> bool:
        """Consume what separates objects, and a BOM that precedes none; False at the end of the file."""
        self.is_list = False
        while True:
            begin = self.offset - self._start
            position = skip_separators(self._data, begin)
            self.is_list = self.is_list or LIST.search(self._data, begin, position) is not None
            self.offset = self._start + position
            if position == len(self._data):
                if not self._more():
                    return False
            elif not self._skip_bom():
                return True

    def _skip_bom(self) -> bool:
        if self._data[self.offset - self._start] != BOM[0]:
            return False
        while len(self._data) - (self.offset - self._start) <= len(BOM) and self._more():
            pass
        position = self.offset - self._start
        if not self._data.startswith(BOM, position) or self._data.startswith(b"{", position + len(BOM)):
            return False
        self.offset += len(BOM)
        return True

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Consume and yield the pieces between boundaries, with their offsets; at least one piece.

        A piece is empty if the next boundary is too far away.
        """
        while (first := BOUNDARY.search(self._data, self.offset - self._start)) is None:
            if len(self._data) - (self.offset - self._start) > MAX_PAYLOAD_BYTES:
                yield self.offset, b""
                return
            if not self._more():
                offset, end = self.offset, self._start + len(self._data)
                yield offset, self.take(end).rstrip(BLANKS)
                return
        data, base = self._data, self._start
        start = self.offset - base
        for boundary in BOUNDARY.finditer(data, first.start()):
            offset, piece = base + start, data[start : boundary.start() + 1]
            start = boundary.end()
            self.offset = base + start
            yield offset, piece

    def object_end(self, offset: int) -> int:
        """Return the end of the object that starts at `offset`; NO_OBJECT or TOO_DEEP if there is none."""
        return self._find_object(offset)[0]

    def text_end(self, offset: int) -> int:
        """Return the end of the JSON text that starts at `offset`; NO_OBJECT if there is none, or a longer one."""
        while (end := text_end(self._data, offset - self._start)) == CUT_OFF:
            if len(self._data) - (offset - self._start) > MOST_TEXT_BYTES or not self._more():
                return NO_OBJECT
        return self._start + end if 0 <= end <= offset - self._start + MOST_TEXT_BYTES else NO_OBJECT

    def peek(self, end: int) -> bytes:
        """Return the bytes up to `end`, which stay."""
        return self._data[self.offset - self._start : end - self._start]

    def take(self, end: int) -> bytes:
        """Consume and return the bytes up to `end`."""
        piece = self.peek(end)
        self.offset = end
        return piece

    def take_garbage(self) -> tuple[int, bytes | None]:
        """Consume the bytes before the next object, or all; return their length and the bytes.

        The next object is a record, or one that is not followed by `,`, `]` or `}`. The bytes are None if they are
        larger than a payload may be.
        """
        begin, end, cursor = self.offset, -1, self.offset + 1
        garbage: bytes | None = b""
        while end < 0:
            # Bytes that cannot be the BOM of the next object are dropped, so that memory use stays flat.
            if cursor - self.offset > MAX_PAYLOAD_BYTES + len(BOM):
                garbage = self._extend(garbage, cursor - len(BOM))
            match = CANDIDATE.search(self._data, cursor - self._start)
            if match is not None:
                candidate = self._start + match.start()
                cursor = candidate + 1
                candidate_end, is_record = self._find_object(candidate)
                if candidate_end >= 0 and (is_record or self._is_separate(candidate_end)):
                    end = self._with_bom(candidate, begin)
                elif candidate_end == TOO_DEEP:
                    cursor = max(cursor, self._past_too_deep(candidate))
            else:
                cursor = max(cursor, self._start + self._open_tail())
                if not self._more():
                    end = self._start + len(self._data)
        garbage = self._extend(garbage, end)
        return (end - begin if garbage is None else len(garbage)), garbage

    def _extend(self, garbage: bytes | None, end: int) -> bytes | None:
        """Consume the bytes up to `end`; return the garbage with them, or None if too large.

        If there is garbage already, more than a payload's size was consumed.
        """
        piece = self.take(end).rstrip(BEFORE_OBJECT)
        if not piece:
            return garbage
        return piece if garbage == b"" and len(piece) <= MAX_PAYLOAD_BYTES else None

    def _find_object(self, offset: int) -> tuple[int, bool]:
        while (found := find_object(self._data, offset - self._start))[0] == CUT_OFF:
            if not self._more():
                return NO_OBJECT, False
        end, is_record = found
        return (end if end < 0 else self._start + end), is_record

    def _is_separate(self, end: int) -> bool:
        while (position := skip_blanks(self._data, end - self._start)) == len(self._data):
            if not self._more():
                return True
        return not self._data.startswith(_WITHIN, position)

    def _past_too_deep(self, candidate: int) -> int:
        """Return the next offset to try after a candidate that is nested too deeply."""
        if candidate >= self._deep:
            position = past_too_deep(self._data, candidate - self._start)
            if position >= 0:
                return self._start + position
            # Searching again and again would cost more than it saves.
            self._deep = min(candidate + DEEP_WINDOW, self._start + len(self._data))
        return candidate

    def _with_bom(self, candidate: int, begin: int) -> int:
        position = candidate - self._start
        has_bom = candidate - len(BOM) > begin and self._data.endswith(BOM, 0, position)
        return candidate - len(BOM) if has_bom else candidate

    def _open_tail(self) -> int:
        # A `{` followed only by blanks may become a candidate when more is read.
        stripped = self._data.rstrip(BLANKS)
        return len(stripped) - 1 if stripped.endswith(b"{") else len(self._data)

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._data = self._data[self.offset - self._start :] + chunk
        self._start = self.offset
        return True
