"""Progress: a bar with the rate and the remaining time on stderr while a command works; nothing if that is no terminal.

It names what is done and counts it, and holds nothing of any record. A bar ends with its block, so that an error has a
line of its own.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Sequence[T], what: str, unit: str) -> AbstractContextManager[Iterable[T]]:
    """The items, to be gone through once."""
    shown: AbstractContextManager[Iterable[T]] = tqdm(items, desc=what, unit=unit, disable=None)
    return shown


def progress_bar(what: str, unit: str, total: int | None = None) -> AbstractContextManager[Any]:
    """A bar to `update`; bytes (B) are scaled. Without a total there is no remaining time to tell."""
    shown: AbstractContextManager[Any] = tqdm(total=total, desc=what, unit=unit, unit_scale=unit == "B", disable=None)
    return shown
