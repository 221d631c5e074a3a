"""Show a progress bar with rate and remaining time on stderr, if that is a terminal.

It names a step and counts items, and holds no data of any record. A bar ends with its block, so that an error has a
line of its own.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Sequence[T], step: str, unit: str) -> AbstractContextManager[Iterable[T]]:
    """Return the items, to be iterated once."""
    bar: AbstractContextManager[Iterable[T]] = tqdm(items, desc=step, unit=unit, disable=None)
    return bar


def progress_bar(step: str, unit: str, total: int | None = None) -> AbstractContextManager[Any]:
    """Return a bar to `update`; bytes (B) are scaled. Without a total it shows no remaining time."""
    bar: AbstractContextManager[Any] = tqdm(total=total, desc=step, unit=unit, unit_scale=unit == "B", disable=None)
    return bar
