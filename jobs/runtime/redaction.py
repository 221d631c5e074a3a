"""Redact exceptions: keep classes and stack frames, drop messages, which may contain patient data."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from schemas.errors import ContactBillingError


class RedactedError(RuntimeError):
    """A bug that was redacted where it happened: its text holds frames and classes alone."""


@contextmanager
def redact_errors() -> Iterator[None]:
    """Drop the messages of exceptions before they cross into Java; users' errors keep theirs."""
    try:
        yield
    except ContactBillingError:
        raise
    except Exception as bug:  # noqa: BLE001  its message could hold a value, its frames cannot
        raise RedactedError(redacted_traceback(bug)) from None


def redacted_traceback(bug: BaseException) -> str:
    """Return the frames and class of an exception and of its causes, the first cause first."""
    return "\nwhich led to:\n".join(map(_frames, reversed(causes(bug))))


def causes(error: BaseException) -> list[BaseException]:
    """Return an exception, its cause or the exception that was being handled, and so on."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        is_hidden = current.__suppress_context__
        current = current.__cause__ or (None if is_hidden else current.__context__)
    return chain


def redacted_java_traceback(error: Any) -> str:
    """Return the same for a Java exception of Py4J's; call it while Java still runs."""
    texts: list[str] = []
    while error is not None:
        texts.append("\n    at ".join([error.getClass().getName(), *map(str, error.getStackTrace())]))
        error = error.getCause()
    return "\nwhich led to:\n".join(reversed(texts))


def _frames(error: BaseException) -> str:
    if isinstance(error, RedactedError):
        return str(error)
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__} (message withheld)"
