"""Tells of a bug without what it says: a message could hold a patient's data, frames and classes cannot."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from schemas.errors import ContactBillingError


class RedactedError(RuntimeError):
    """A bug that was told so where it happened: its text holds frames and classes alone."""


@contextmanager
def redact_errors() -> Iterator[None]:
    """What goes wrong within loses its message, before it crosses into Java; errors of users keep theirs."""
    try:
        yield
    except ContactBillingError:
        raise
    except Exception as bug:  # noqa: BLE001  its message could hold a value, its frames cannot
        raise RedactedError(redacted(bug)) from None


def redacted(bug: BaseException) -> str:
    """The frames and the kind of an exception and of its causes, the first cause first."""
    return "\nwhich led to:\n".join(map(_one, reversed(causes(bug))))


def causes(error: BaseException) -> list[BaseException]:
    """An exception, what caused it or what it was raised while handling, and so on."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
    return found


def redacted_java(error: Any) -> str:
    """The same of an exception of Java's, as Py4J has it; it has to be asked while Java is there."""
    told: list[str] = []
    while error is not None:
        told.append("\n    at ".join([error.getClass().getName(), *map(str, error.getStackTrace())]))
        error = error.getCause()
    return "\nwhich led to:\n".join(reversed(told))


def _one(error: BaseException) -> str:
    if isinstance(error, RedactedError):
        return str(error)
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__} (message withheld)"
