"""The table parser refuses tables that would leave out a check unseen."""

import pytest

from tests.support.records import PLAIN, changed
from tests.support.tables import cases, raw, table


def test_cells_are_named_by_the_header() -> None:
    text = """
        | case | outcome  |
        |------|----------|
        | one  | billable |
        | two  |          |
    """
    assert table(text) == [{"case": "one", "outcome": "billable"}, {"case": "two", "outcome": ""}]


@pytest.mark.parametrize("text", ["", "| case |", "| a | b |\n| 1 |", "| a |\n| 1 | 2 |", "| a |\n 1 |"])
def test_a_table_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"header|cells|begins"):
        table(text)


def test_two_rows_that_are_the_same() -> None:
    with pytest.raises(ValueError, match="same"):
        cases("| case | x |\n| one | 1 |\n| one | 1 |")
    assert len(cases("| case | x |\n| one | 1 |\n| one | 2 |")) == 2


def test_escapes_are_bytes() -> None:
    assert raw(r'{"a":1}\r\n\xff\\') == b'{"a":1}\r\n\xff\\'


def test_differences() -> None:
    record = changed('Queue absent; Agent.CustomerHoldDuration = 7; Attributes.vm_flag = "1"')
    assert "Queue" not in record
    assert record["Agent"] == {**PLAIN["Agent"], "CustomerHoldDuration": 7}
    assert record["Attributes"] == {"extensionNumber": "0042", "vm_flag": "1"}
    assert changed() == PLAIN
    with pytest.raises(ValueError, match="difference"):
        changed("Queue missing")
