"""Text for terminals: aligned columns, and outside text with its control characters escaped."""

from collections.abc import Collection
from itertools import islice


def text_table(rows: list[tuple[str, ...]], texts: int, texts_after: int = 0) -> str:
    """Align rows of equal length: `texts` columns of text, then numbers, then `texts_after` columns of text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if texts <= i < len(widths) - texts_after else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def first_few(items: Collection[str], most: int) -> str:
    """Return at most so many items, separated by commas, and how many more there are."""
    text = ", ".join(islice(items, most))
    return f"{text} and {len(items) - most} more" if len(items) > most else text


def printable(text: str) -> str:
    """Return the text, escaped if it has characters that cannot be printed."""
    return text if text.isprintable() else ascii(text)


def escape(text: str, keep: str = "") -> str:
    """Return the text with an escape for each character that cannot be printed; those of `keep` stay."""
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)
