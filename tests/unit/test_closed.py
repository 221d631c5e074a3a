"""Which dates are closed, and what their parts are."""

from pathlib import Path

import pytest

from sinks.date_gaps import LONGEST_GAP_DAYS
from sinks.ledger import InputMark, Ledger
from tests.support.ledgers import new_ledger


def ledger_of(folder: Path, *names: str) -> Ledger:
    ledger = new_ledger(folder)
    for name in names:
        ledger.store.put(f"outcomes/billing_date={name}", b"")
    return ledger


@pytest.mark.parametrize(
    ("names", "closed"),
    [
        ((), []),
        (("2026-03-01/part-a-0-0",), []),
        (("2026-03-01/part-a-0-0", "2026-03-01/_SUCCESS"), ["2026-03-01"]),
        (("2026-03-01/part-a-0-0", "2026-03-02/_SUCCESS", "2026-03-03/part-a-0-0"), ["2026-03-01", "2026-03-02"]),
        (("2026-02-27/part-a-0-0", "2026-03-02/_SUCCESS"), ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]),
        (("unknown/part-a-0-0", "unknown/_SUCCESS"), []),
        (("2026-03-01/_SUCCESS", "unknown/part-a-0-0"), ["2026-03-01"]),
        (("2026-02-30/_SUCCESS", "2026-02-30/part-a-0-0"), []),
        (("/part-a-0-0", "2026-02-30/_SUCCESS", "2026-03-01/_SUCCESS", "x"), ["2026-03-01"]),
        (("2026-03-01/_SUCCESS/x", "2026-03-02/_SUCCESS"), ["2026-03-02"]),
        (("2026-03-01/.part-a-0-0.inprogress", "2026-03-02/_SUCCESS"), ["2026-03-02"]),
        (("2026-03-01/replay-0a-0-0.parquet", "2026-03-02/_SUCCESS"), ["2026-03-02"]),
    ],
)
def test_a_date_is_closed_when_it_or_a_later_one_has_success(
    tmp_path: Path, names: tuple[str, ...], closed: list[str]
) -> None:
    """Dates without a record in between are closed, too; replayed parts without a mark are no rows."""
    assert list(ledger_of(tmp_path, *names).closed()) == closed


def test_a_stray_old_date_does_not_close_all_the_days_since(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, "1999-12-31/part-a-0-0", "2026-03-01/part-a-0-0", "2026-03-01/_SUCCESS")
    assert list(ledger.closed()) == ["1999-12-31", "2026-03-01"]
    longest = ledger_of(tmp_path / "2", "2026-01-01/part-a-0-0", "2026-02-01/_SUCCESS")
    assert len(longest.closed()) == LONGEST_GAP_DAYS + 1


def test_the_parts_are_those_that_count(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        "2026-03-01/part-a-0-1",
        "2026-03-01/part-a-0-0",
        "2026-03-01/replay-0a-0-0.parquet",
        "2026-03-01/replay-0b-0-0.parquet",
        "2026-03-03/_SUCCESS",
    )
    ledger.finish("0b-0", InputMark("b", "s", {}, {}))
    assert ledger.closed() == {
        "2026-03-01": tuple(ledger.names("2026-03-01")),
        "2026-03-02": (),
        "2026-03-03": (),
    }
    assert [name.rpartition("/")[2] for name in ledger.names("2026-03-01")] == [
        "part-a-0-0",
        "part-a-0-1",
        "replay-0b-0-0.parquet",
    ]
