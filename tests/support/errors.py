"""An exception that holds what it was given, wherever an exception can."""

from typing import Any


def failing(planted: Any) -> BaseException:
    """An exception with something planted in it, in its notes, its cause, and what it was raised while handling."""
    try:
        try:
            try:
                raise KeyError(planted)
            except KeyError as cause:
                raise ValueError(planted) from cause
        except ValueError:
            raise TypeError(planted)  # noqa: B904
    except TypeError as error:
        error.add_note(str(planted))
        return error
