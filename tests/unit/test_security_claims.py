"""SECURITY.md: every threat is met by tests, and they are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)")


def test_every_threat_is_met_by_a_test() -> None:
    threats = (ROOT / "SECURITY.md").read_text().split("## Who could do harm")[1].split("## What is not")[0]
    rows = [line for line in threats.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row.rsplit("|", 2)[1])] == []


def test_every_test_that_is_named_is_there() -> None:
    named = NAMED.findall((ROOT / "SECURITY.md").read_text())
    assert [name for file, name in named if f"\ndef {name}(" not in (ROOT / file).read_text()] == []
