"""Text for terminals: aligned columns, and what came from outside without what would steer the terminal."""


def text_table(lines: list[tuple[str, ...]], texts: int, texts_after: int = 0) -> str:
    """Lines of as many cells as columns: so many texts, then numbers, then so many texts again."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if texts <= i < len(widths) - texts_after else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def printable(text: str) -> str:
    """The text, or its escapes where it is no plain text."""
    return text if text.isprintable() else ascii(text)
