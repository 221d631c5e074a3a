"""A window that slides over the bytes of a file and knows where its objects are.

In: chunks of bytes. It keeps what is not consumed yet, and reads on only when it must. All places
are offsets in the file.
"""

from collections.abc import Iterator

from schemas.billing_rules import MAX_PAYLOAD_BYTES
from transforms.records.decode import BOM
from transforms.records.json_objects import (
    BLANKS,
    BOUNDARY,
    CANDIDATE,
    CUT_OFF,
    DEEP_WINDOW,
    NO_OBJECT,
    TOO_DEEP,
    object_end,
    past_too_deep,
    skip_blanks,
)

# An object followed by one of these is part of a larger value, not a record.
_WITHIN = (b",", b"]", b"}")


class ObjectWindow:
    """The bytes of a file that are not consumed yet; `offset` is the place of the first of them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._data = b""
        self._start = 0  # place in the file of the first byte of _data
        self.offset = 0
        self._deep = 0  # before this place nothing can be told of what is nested too deeply

    def skip_blanks(self) -> bool:
        """Consumes blanks; False where the file ends."""
        while True:
            place = skip_blanks(self._data, self.offset - self._start)
            self.offset = self._start + place
            if place < len(self._data):
                return True
            if not self._more():
                return False

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Consumes and gives what lies between boundaries, with offsets; at least one piece.

        A piece is empty where the next boundary is too far off.
        """
        while (found := BOUNDARY.search(self._data, self.offset - self._start)) is None:
            if len(self._data) - (self.offset - self._start) > MAX_PAYLOAD_BYTES:
                yield self.offset, b""
                return
            if not self._more():
                offset, end = self.offset, self._start + len(self._data)
                yield offset, self.take(end).rstrip(BLANKS)
                return
        data, base = self._data, self._start
        start = self.offset - base
        for boundary in BOUNDARY.finditer(data, found.start()):
            offset, piece = base + start, data[start : boundary.start() + 1]
            start = boundary.end()
            self.offset = base + start
            yield offset, piece

    def object_end(self, offset: int) -> int:
        """Where the object that starts at `offset` ends; NO_OBJECT or TOO_DEEP where none does."""
        while (end := object_end(self._data, offset - self._start)) == CUT_OFF:
            if not self._more():
                return NO_OBJECT
        return end if end < 0 else self._start + end

    def take(self, end: int) -> bytes:
        """Consumes and returns the bytes up to `end`."""
        piece = self._data[self.offset - self._start : end - self._start]
        self.offset = end
        return piece

    def take_garbage(self) -> tuple[int, bytes | None]:
        """Consumes what precedes the next object (or all): its length and bytes.

        The next object is one that is not followed by `,`, `]` or `}`. The bytes are None where
        they are more than a payload's size.
        """
        begin, end, cursor = self.offset, -1, self.offset + 1
        garbage: bytes | None = b""
        while end < 0:
            # What cannot be the BOM of the next object is let go, so that memory stays flat.
            if cursor - self.offset > MAX_PAYLOAD_BYTES + len(BOM):
                garbage = self._longer(garbage, cursor - len(BOM))
            found = CANDIDATE.search(self._data, cursor - self._start)
            if found is not None:
                candidate = self._start + found.start()
                cursor = candidate + 1
                after = self.object_end(candidate)
                if after >= 0 and self._stands_alone(after):
                    end = self._with_bom(candidate, begin)
                elif after == TOO_DEEP:
                    cursor = max(cursor, self._past_too_deep(candidate))
            else:
                cursor = max(cursor, self._start + self._open_tail())
                if not self._more():
                    end = self._start + len(self._data)
        garbage = self._longer(garbage, end)
        return (end - begin if garbage is None else len(garbage)), garbage

    def _longer(self, garbage: bytes | None, end: int) -> bytes | None:
        """Consumes the bytes up to `end`: the garbage with them, but for blanks at its end; None where it is too large.

        Where there is garbage already, more than a payload's size has been consumed.
        """
        piece = self.take(end).rstrip(BLANKS)
        if not piece:
            return garbage
        return piece if garbage == b"" and len(piece) <= MAX_PAYLOAD_BYTES else None

    def _stands_alone(self, end: int) -> bool:
        while (place := skip_blanks(self._data, end - self._start)) == len(self._data):
            if not self._more():
                return True
        return not self._data.startswith(_WITHIN, place)

    def _past_too_deep(self, candidate: int) -> int:
        """The next place to look at, given a candidate that is nested too deeply."""
        if candidate >= self._deep:
            place = past_too_deep(self._data, candidate - self._start)
            if place >= 0:
                return self._start + place
            # Looking again and again would cost more than it saves.
            self._deep = min(candidate + DEEP_WINDOW, self._start + len(self._data))
        return candidate

    def _with_bom(self, candidate: int, begin: int) -> int:
        place = candidate - self._start
        marked = candidate - len(BOM) > begin and self._data.endswith(BOM, 0, place)
        return candidate - len(BOM) if marked else candidate

    def _open_tail(self) -> int:
        # A `{` with nothing but blanks behind it may become a candidate when more is read.
        kept = self._data.rstrip(BLANKS)
        return len(kept) - 1 if kept.endswith(b"{") else len(self._data)

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        kept = self._data[self.offset - self._start :]
        self._data = kept + chunk
        self._start = self.offset
        return True
