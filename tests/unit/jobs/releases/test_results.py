"""What a backfill prints: control totals of every date, and of all of them in the last row."""

import msgspec
import pytest

from jobs.releases.publisher import Released
from jobs.releases.results import BackfillResult, numbers
from schemas.manifest import Control
from transforms.lines.control_totals import accounted, imbalance, total

# No two figures are the same, so that none passes for another.
ONE = Control(1023, 1, 2, {"channel": 4, "no_agent": 8}, 16, 32, {"not_json": 64, "wrong_type": 896}, 5000, 3000, 2000)
TWO = Control(2046, 2, 4, {"no_agent": 8, "voicemail": 16}, 32, 64, {"wrong_type": 1920}, 70000, 40000, 30000)


def row(text: str, name: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(name)]
    return line.removeprefix(name).split()


def result(unknown: Control | None) -> str:
    dates = tuple(Released(f"2026-03-0{n}", c, n, True) for n, c in ((1, ONE), (2, TWO)))
    return BackfillResult(3, (), dates, unknown, "out", "", "", "").text()


def test_the_row_in_all_adds_up_every_column() -> None:
    text = result(None)
    head = "read billed held excluded superseded duplicate quarantined call s release"
    assert row(text, "billing date") == head.split()
    assert row(text, "2026-03-01") == ["1023", "1", "2", "12", "16", "32", "960", "5000", "v0001"]
    assert row(text, "in all") == ["3069", "3", "6", "36", "48", "96", "2880", "75000"]


def test_rows_without_a_date_are_among_all() -> None:
    text = result(ONE)
    assert row(text, "unknown") == ["1023", "1", "2", "12", "16", "32", "960", "5000", "not", "published"]
    assert row(text, "in all") == ["4092", "4", "8", "48", "64", "128", "3840", "80000"]


def test_totals_are_sums_by_reason_in_the_order_of_names() -> None:
    found = total([ONE, TWO])
    assert list(found.excluded.items()) == [("channel", 4), ("no_agent", 16), ("voicemail", 16)]
    assert found.quarantined == {"not_json": 64, "wrong_type": 2816}
    assert (found.call_seconds, found.talk_seconds, found.hold_seconds) == (75000, 43000, 32000)
    assert numbers(total([])) == (0,) * 8


def test_a_control_that_balances_has_nothing_to_tell() -> None:
    assert [imbalance(c) for c in (ONE, TWO, total([ONE, TWO]))] == [None] * 3
    assert accounted(ONE) == ONE.read


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
