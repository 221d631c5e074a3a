"""What a backfill prints: control totals of every date, and of all of them in the last row."""

from jobs.releases.backfill_results import BackfillResult
from jobs.releases.publisher import Released
from schemas.manifest import Control
from tests.support.controls import ONE, TWO


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
