"""SECURITY.md: every threat is met by tests, they are there, and one fails without the protection (`make claims`)."""

from tests.claims.removals import REMOVALS
from tests.services.process import ROOT
from tests.support.documents import NAMED


def threats() -> list[str]:
    """The rows of the tables."""
    told = (ROOT / "SECURITY.md").read_text().split("## Who could do harm")[1].split("## What is not")[0]
    return [line for line in told.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]


def test_every_threat_is_met_by_a_test() -> None:
    assert len(threats()) > 20
    assert [row for row in threats() if not NAMED.search(row.rsplit("|", 2)[1])] == []


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall((ROOT / "SECURITY.md").read_text())
    assert [name for file, name in named if f"\ndef {name}(" not in (ROOT / file).read_text()] == []


def test_of_every_threat_a_protection_can_be_removed() -> None:
    noticing = {f"tests/{removed.test}" for removed in REMOVALS}
    named = [{"::".join(test) for test in NAMED.findall(row)} for row in threats()]
    assert [sorted(tests) for tests in named if not tests & noticing] == []
    assert noticing - set[str]().union(*named) == set()


def test_what_is_removed_is_there_once() -> None:
    found = {
        (removed.file, removed.text): (ROOT / removed.file).read_text().count(removed.text) for removed in REMOVALS
    }
    assert {removed: count for removed, count in found.items() if count != 1} == {}
