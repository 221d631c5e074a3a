"""Report a part of a stored file that holds no record, instead of losing it."""

import msgspec

from schemas.billing_rules import MAX_PAYLOAD_BYTES

# A file made of damage must not fill the memory: beyond these, parts are merged, or reported without their bytes.
_MOST_PARTS = 10_000
_MOST_BYTES = 64 * MAX_PAYLOAD_BYTES


class Damage(msgspec.Struct, frozen=True):
    """A byte range of a file; `data` is None if it is larger than a payload.

    A compressed member that is truncated at the end of its file has length 0: its bytes were read, and only the file
    is named. `layer` says which bytes the offset counts: 1 is the stored file, or the member of a ZIP file as it is
    stored in it, 2 what that decompresses to, and so on. `member` names the member, as in a position.
    """

    offset: int
    length: int
    data: bytes | None
    member: str = ""
    layer: int = 1

    @property
    def position(self) -> str:
        """The position in the ledger: `raw:` and the offset, after the member and with the layer, if there are any."""
        return f"{self.member}raw{self.layer if self.layer > 1 else ''}:{self.offset}"


class DamageLog:
    """The damage of a file, of which only a limited amount is kept in memory."""

    def __init__(self, parts: list[Damage]) -> None:
        self._parts = parts
        self._bytes = 0

    def add(self, part: Damage) -> None:
        """Append a part to the list, or merge it into the last one if there are too many."""
        if len(self._parts) >= _MOST_PARTS:
            self._merge(part)
            return
        if part.data and self._bytes + len(part.data) > _MOST_BYTES:
            part = msgspec.structs.replace(part, data=None)
        self._bytes += len(part.data or b"")
        self._parts.append(part)

    def _merge(self, part: Damage) -> None:
        last = self._parts[-1]
        is_same = (last.member, last.layer) == (part.member, part.layer)
        end = max(last.offset + last.length, part.offset + part.length) if is_same else last.offset + last.length
        length = end - last.offset if is_same else last.length + part.length
        self._parts[-1] = msgspec.structs.replace(last, length=length, data=None)


class LayerLog:
    """Reports damage of one layer of a file or ZIP member."""

    def __init__(self, log: DamageLog, member: str, layer: int) -> None:
        self._log = log
        self.member = member
        self.layer = layer

    def add(self, offset: int, length: int = 0, data: bytes | None = None) -> None:
        """Report a byte range; with length 0, only that the file is damaged."""
        kept = data if length and length <= MAX_PAYLOAD_BYTES else None
        self._log.add(Damage(offset, length, kept, self.member, self.layer))

    def of_member(self, number: int) -> "LayerLog":
        """Return the log of a ZIP member's bytes, as they are stored."""
        return LayerLog(self._log, f"{self.member}{number}:", 1)

    def next_layer(self) -> "LayerLog":
        """Return the log of what this layer decompresses to."""
        return LayerLog(self._log, self.member, self.layer + 1)


class SkippedBytes:
    """Bytes of a layer that are passed over, piece by piece; they are kept as far as a payload may be long."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._length = 0
        self._head = b""
        self.is_padding = True  # only zeros, as tapes and tools pad with

    def add(self, piece: bytes) -> None:
        """Add the next bytes."""
        self._length += len(piece)
        self.is_padding = self.is_padding and not piece.strip(b"\0")
        if len(self._head) <= MAX_PAYLOAD_BYTES:
            self._head = (self._head + piece)[: MAX_PAYLOAD_BYTES + 1]

    def report(self, log: LayerLog) -> None:
        """Report them as one part, if there are any."""
        if self._length:
            log.add(self._offset, self._length, self._head)


def damaged_bytes(offset: int, data: bytes) -> Damage:
    """Return damage with its bytes, if they are not larger than a payload."""
    return Damage(offset, len(data), data if len(data) <= MAX_PAYLOAD_BYTES else None)
