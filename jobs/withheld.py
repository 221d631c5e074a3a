"""Tells of a bug where it happened without what it says: a message could hold a patient's data."""

import traceback


def withheld(bug: BaseException) -> str:
    """The frames and the kind of an exception, without its message and without values."""
    frames = "".join(traceback.format_tb(bug.__traceback__))
    return f"{frames}{type(bug).__name__} (message withheld)"
