"""A sealed table that was edited, in whatever way, is refused; or says what it said."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.agents.table import load_agents, parse_agents
from jobs.agents.table_file import csv_with_seals
from schemas.errors import InputError
from transforms.agents.row_seals import first_broken, seals
from transforms.records.extension import BEGINNING, END, AgentHistory, Assignment
from transforms.records.timestamps import instant

MARCH = instant("2026-03-01T00:00:00Z") or 0
ROWS = (
    Assignment("nurse-1", "0417", BEGINNING, MARCH),
    Assignment("nurse-1", "0500", MARCH, END),
    Assignment("nurse-2", "4,4", BEGINNING, END),
)
SEALED = csv_with_seals(ROWS)
HEADER, *LINES = SEALED.splitlines(keepends=True)
# Bytes that mean something to a reader of CSV, JSON, numbers or text; and some that mean nothing.
BYTES = bytes(range(0x20)) + b"\",:;'{}[]0129afZzn -+_#\\\x7f\x80\xc3\xef\xff"

BY_HAND = {
    "a row changed": [HEADER, LINES[0].replace(b"0417", b"0418"), *LINES[1:]],
    "the last row changed": [HEADER, *LINES[:2], LINES[2].replace(b"nurse-2", b"nurse-3")],
    "an end set": [HEADER, LINES[0], LINES[1].replace(b"Z,,", b"Z,2026-04-01T00:00:00Z,"), LINES[2]],
    "a cell moved": [HEADER, LINES[0].replace(b",,", b",").replace(b"Z,", b"Z,,"), *LINES[1:]],
    "a remark beside a row": [HEADER, LINES[0][:-1] + b",x\n", *LINES[1:]],
    "a seal taken away": [HEADER, *LINES[:2], LINES[2].rpartition(b",")[0] + b",\n"],
    "a row without a seal added": [HEADER, *LINES, b"nurse-3,1,,\n"],
    "a row with another's seal added": [HEADER, *LINES, b"nurse-3,1,,," + LINES[2].rpartition(b",")[2]],
    "all rows taken away": [HEADER],
    "the end cut off": [HEADER, *LINES[:2]],
    "the beginning cut off": [HEADER, *LINES[1:]],
    "a column added": [HEADER[:-1] + b",note\n", *(line[:-1] + b",x\n" for line in LINES)],
    "a column taken away": [line.rpartition(b",")[0] + b"\n" for line in (HEADER, LINES[0])] + LINES[1:],
    "columns exchanged": [HEADER.replace(b"valid_from,valid_to", b"valid_to,valid_from"), *LINES],
    "the header taken away": LINES,
    "the header's line end taken away": [HEADER[:-1], *LINES],
    "the header's line end taken away, and all rows but one": [HEADER[:-1], LINES[2]],
}
LEFT = {
    "line ends of Windows": SEALED.replace(b"\n", b"\r\n"),
    "a byte order mark": b"\xef\xbb\xbf" + SEALED,
    "no line end at the end": SEALED[:-1],
    "cells in quotes": SEALED.replace(b"0417", b'"0417"'),
}


def said(data: bytes) -> AgentHistory | None:
    """The history in the bytes; None: they are refused."""
    try:
        return parse_agents(data, "table")[0]
    except InputError:
        return None


def assert_refused_or_harmless(data: bytes) -> None:
    if (history := said(data)) is not None:
        assert history.assignments == ROWS, data


def test_what_is_written() -> None:
    assert HEADER == b"agent_id,extension,valid_from,valid_to,seal\n"
    assert [line.rpartition(b",")[0] for line in LINES] == [
        b"nurse-1,0417,,2026-03-01T00:00:00Z",
        b"nurse-1,0500,2026-03-01T00:00:00Z,",
        b'nurse-2,"4,4",,',
    ]
    assert parse_agents(SEALED, "table")[1] is True
    assert csv_with_seals(ROWS) == SEALED


@pytest.mark.parametrize("what", BY_HAND)
def test_an_edit_by_hand_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "agents.csv"
    path.write_bytes(b"".join(BY_HAND[what]))
    with pytest.raises(InputError, match=r"restore it from the store's older version|lacks the column") as error:
        load_agents(path)
    message = str(error.value)
    assert str(path) in message
    assert "\n" not in message
    assert [value for value in ("nurse", "0417", "0418", "0500") if value in message] == []


@pytest.mark.parametrize("what", LEFT)
def test_what_other_programs_do_to_a_file_is_no_edit(what: str) -> None:
    history, sealed = parse_agents(LEFT[what], "table")
    assert (history.assignments, sealed) == (ROWS, True)


def test_every_byte_may_be_lost_or_doubled_or_become_another() -> None:
    for place in range(len(SEALED)):
        before, byte, after = SEALED[:place], SEALED[place : place + 1], SEALED[place + 1 :]
        assert_refused_or_harmless(before + after)
        assert_refused_or_harmless(before + byte + byte + after)
        for other in BYTES:
            assert_refused_or_harmless(before + bytes([other]) + after)
            assert_refused_or_harmless(before + bytes([other]) + byte + after)


def test_every_row_may_be_lost_or_doubled_or_exchanged_and_every_end_cut_off() -> None:
    for number in range(len(LINES)):
        assert said(b"".join([HEADER, *LINES[:number], *LINES[number + 1 :]])) is None
        for place in range(len(LINES) + 1):
            assert said(b"".join([HEADER, *LINES[:place], LINES[number], *LINES[place:]])) is None
    for one, two in combinations(range(len(LINES)), 2):
        moved = list(LINES)
        moved[one], moved[two] = LINES[two], LINES[one]
        assert said(b"".join([HEADER, *moved])) is None
    for length in range(len(HEADER), len(SEALED) - 1):
        assert said(SEALED[:length]) is None


CELLS = st.lists(st.none() | st.text(max_size=3), min_size=4, max_size=4)
TABLES = st.lists(CELLS, max_size=4)


@given(TABLES, TABLES)
def test_no_two_tables_have_the_same_seals(one: list[list[str | None]], other: list[list[str | None]]) -> None:
    assert (seals(one) == seals(other)) is (one == other)


@given(TABLES.filter(bool), st.integers(0, 3), st.integers(0, 3), st.text(max_size=3))
def test_the_first_row_that_does_not_fit_is_named(
    table: list[list[str | None]], row: int, column: int, text: str
) -> None:
    changed = [list(cells) for cells in table]
    changed[row % len(table)][column] = text
    assert first_broken(table, seals(table)) is None
    assert first_broken(changed, seals(table)) == (None if changed == table else row % len(table) + 1)
