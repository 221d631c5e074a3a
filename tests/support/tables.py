"""Reads ASCII tables: `|` between the cells, the first line names the columns, dashes are ornament."""

import codecs

import pytest

Row = dict[str, str]


def table(text: str) -> list[Row]:
    """The rows of a table. ValueError: a row has more or fewer cells than the header."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cells = [_cells(line) for line in lines if not set(line) <= set("|-")]
    if len(cells) < 2:
        raise ValueError("a table has a header and rows")
    header, *rows = cells
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells where the header has {len(header)}: {' | '.join(row)}")
    return [dict(zip(header, row, strict=True)) for row in rows]


def _cells(line: str) -> list[str]:
    if not (line.startswith("|") and line.endswith("|")):
        raise ValueError(f"a row begins and ends with |: {line}")
    return [cell.strip() for cell in line[1:-1].split("|")]


def cases(text: str) -> list[object]:
    """The rows of a table as test cases, named by as many of their cells as tell them apart."""
    rows = table(text)
    for width in range(1, len(rows[0]) + 1):
        names = [" | ".join(list(row.values())[:width]) for row in rows]
        if len(set(names)) == len(names):
            return [pytest.param(row, id=name) for row, name in zip(rows, names, strict=True)]
    raise ValueError("two rows are the same")


def raw(cell: str) -> bytes:
    r"""The bytes that a cell means: `\n`, `\xff` and the like are written out."""
    return codecs.decode(cell, "unicode_escape").encode("latin-1")
