"""A store whose process dies, for what a crash leaves behind."""

from pathlib import Path

from sinks.store import LocalStore


class Crash(Exception):
    """The process dies."""


class CrashingStore(LocalStore):
    """A store whose process dies after so many writes."""

    def __init__(self, root: Path, writes: int) -> None:
        super().__init__(root)
        self._left = writes

    def put(self, name: str, data: bytes) -> None:
        self._count()
        super().put(name, data)

    def put_new(self, name: str, data: bytes) -> bool:
        self._count()
        return super().put_new(name, data)

    def _count(self) -> None:
        if self._left == 0:
            raise Crash
        self._left -= 1
