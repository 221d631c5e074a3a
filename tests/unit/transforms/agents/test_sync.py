"""How the history goes on: rules as a table, in microseconds; `-` is open, `2 5..9` is extension 2 during [5, 9)."""

import pytest

from tests.support.agents import rows
from tests.support.tables import Row, cases
from transforms.agents.sync import ClockBackwards, Counts, sync_history

NOW = 9
COUNTS = {"n": "new", "c": "changed", "r": "returned", "e": "ended", "u": "unchanged"}


# The history and what it becomes, of the agents a and b; what the table says of them at 9.
RULES = """
| what                     | history                      | table    | becomes                                | counts |
|--------------------------|------------------------------|----------|----------------------------------------|--------|
| nobody                   |                              |          |                                        |        |
| never seen before        |                              | a 1      | a 1 -..-                               | n1     |
| two share an extension   |                              | b 1, a 1 | a 1 -..-, b 1 -..-                     | n2     |
| no extension yet         |                              | a        |                                        |        |
| another agent            | a 1 -..-                     | a 1, b 0 | a 1 -..-, b 0 -..-                     | n1 u1  |
| the same                 | a 1 -..-                     | a 1      | a 1 -..-                               | u1     |
| the same since some time | a 2 -..5, a 1 5..-           | a 1      | a 2 -..5, a 1 5..-                     | u1     |
| another extension        | a 1 -..-                     | a 2      | a 1 -..9, a 2 9..-                     | c1     |
| leading zeros matter     | a 1 -..-                     | a 01     | a 1 -..9, a 01 9..-                    | c1     |
| gone                     | a 1 -..-, b 2 -..-           | b 2      | a 1 -..9, b 2 -..-                     | e1 u1  |
| no extension any more    | a 1 -..-                     | a        | a 1 -..9                               | e1     |
| passed on to another     | a 1 -..-                     | b 1      | a 1 -..9, b 1 -..-                     | n1 e1  |
| exchanged                | a 1 2..-, b 2 2..-           | a 2, b 1 | a 1 2..9, a 2 9..-, b 2 2..9, b 1 9..- | c2     |
| still gone               | a 1 -..6                     |          | a 1 -..6                               |        |
| back with the same       | a 1 -..6                     | a 1      | a 1 -..6, a 1 9..-                     | r1     |
| back with another        | a 1 -..6                     | a 2      | a 1 -..6, a 2 9..-                     | r1     |
| changed twice at once    | a 1 -..9, a 2 9..-           | a 3      | a 1 -..9, a 3 9..-                     | c1     |
| changed and gone at once | a 1 -..9, a 2 9..-           |          | a 1 -..9                               | e1     |
| gone and back at once    | a 1 -..9                     | a 1      | a 1 -..9, a 1 9..-                     | r1     |
| a row of no extension    | a 1 -..5, a _ 5..-           |          | a 1 -..5, a _ 5..-                     |        |
| the end of such a row    | a _ 5..-                     | a 1      | a _ 5..9, a 1 9..-                     | r1     |
| rows made by hand        | a 1 3..5, a 2 7..8, b 1 4..- | b 1      | a 1 3..5, a 2 7..8, b 1 4..-           | u1     |
| rows in any order        | b 1 4..-, a 2 7..-, a 1 3..5 | a 2, b 1 | a 1 3..5, a 2 7..-, b 1 4..-           | u2     |
"""
LATER = """
| history                        | latest |
|--------------------------------|--------|
| a 1 -..10                      | 10     |
| a 1 10..-                      | 10     |
| a 1 -..5, a 2 5..99, b 1 50..- | 99     |
"""


def snapshot(text: str) -> dict[str, str]:
    return {entry.partition(" ")[0]: entry.partition(" ")[2] for entry in text.split(", ") if entry}


@pytest.mark.parametrize("row", cases(RULES))
def test_what_becomes_of_the_history(row: Row) -> None:
    found = sync_history(rows(row["history"]), snapshot(row["table"]), NOW)
    assert list(found.assignments) == rows(row["becomes"])
    assert found.counts == Counts(**{COUNTS[entry[0]]: int(entry[1:]) for entry in row["counts"].split()})


@pytest.mark.parametrize("row", cases(RULES))
def test_a_second_look_changes_nothing(row: Row) -> None:
    table = snapshot(row["table"])
    first = sync_history(rows(row["history"]), table, NOW).assignments
    for later in (NOW, NOW + 1):
        again = sync_history(first, table, later)
        assert again.assignments == first
        assert again.counts == Counts(unchanged=len([extension for extension in table.values() if extension]))


@pytest.mark.parametrize("row", cases(LATER))
def test_a_clock_that_goes_backwards_is_told(row: Row) -> None:
    """Also where nothing would be changed: the history is ahead, or the clock is wrong."""
    for table in ({"a": "7"}, {}):
        with pytest.raises(ClockBackwards) as error:
            sync_history(rows(row["history"]), table, NOW)
        assert error.value.latest == int(row["latest"])
