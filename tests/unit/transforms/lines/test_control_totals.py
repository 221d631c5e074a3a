"""Control totals: their sums, and the balance of records read and accounted for."""

import msgspec
import pytest

from jobs.releases.results import numbers
from tests.support.controls import ONE, TWO
from transforms.lines.control_totals import accounted_records, imbalance, total


def test_totals_are_sums_by_reason_in_the_order_of_names() -> None:
    found = total([ONE, TWO])
    assert list(found.excluded.items()) == [("channel", 4), ("no_agent", 16), ("voicemail", 16)]
    assert found.quarantined == {"not_json": 64, "wrong_type": 2816}
    assert (found.call_seconds, found.talk_seconds, found.hold_seconds) == (75000, 43000, 32000)
    assert numbers(total([])) == (0,) * 8


def test_a_control_that_balances_has_nothing_to_tell() -> None:
    assert [imbalance(c) for c in (ONE, TWO, total([ONE, TWO]))] == [None] * 3
    assert accounted_records(ONE) == ONE.read


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"read": 1024}, "balance: 1024 records read, 1023 accounted for, difference 1"),
        ({"billed": 2}, "balance: 1023 records read, 1024 accounted for, difference -1"),
        ({"held": 1}, "balance: 1023 records read, 1022 accounted for, difference 1"),
        ({"superseded": 15}, "balance: 1023 records read, 1022 accounted for, difference 1"),
        ({"duplicate": 31}, "balance: 1023 records read, 1022 accounted for, difference 1"),
        ({"excluded": {"channel": 4}}, "balance: 1023 records read, 1015 accounted for, difference 8"),
        ({"quarantined": {"not_json": 64}}, "balance: 1023 records read, 127 accounted for, difference 896"),
        ({"call_seconds": 5001}, "balance: call seconds 5001, talk and hold 5000"),
        ({"hold_seconds": 2001}, "balance: call seconds 5000, talk and hold 5001"),
    ],
)
def test_the_balance_says_expected_found_and_the_difference(changes: dict[str, object], told: str) -> None:
    assert imbalance(msgspec.structs.replace(ONE, **changes)) == told
