"""docs/operations.md: every procedure names the tests that carry it out, and every setting has a row."""

import tomllib
from typing import Any

from tests.services.process import ROOT
from tests.support.documents import NAMED

TEXT = (ROOT / "docs" / "operations.md").read_text()


def test_every_procedure_names_tests_that_are_there() -> None:
    sections = TEXT.split("\n## ")[1:]
    assert len(sections) == 9
    assert [section.splitlines()[0] for section in sections if not NAMED.search(section)] == []
    named = NAMED.findall(TEXT)
    assert [name for file, name in named if f"\ndef {name}(" not in (ROOT / file).read_text()] == []


def test_every_test_of_a_procedure_is_named() -> None:
    tests = {
        name
        for path in (ROOT / "tests" / "operations").glob("test_*.py")
        for name in path.read_text().split("\ndef ")
        if name.startswith("test_") and path.stem != "test_docs"
    }
    assert sorted({name.partition("(")[0] for name in tests} - {name for _, name in NAMED.findall(TEXT)}) == []


def keys(settings: dict[str, Any], prefix: str = "") -> list[str]:
    """Every key of the reference, with its section; a map of the user's own is one key."""
    found = []
    for key, value in settings.items():
        name = prefix + key
        found += keys(value, f"{name}.") if isinstance(value, dict) and value else [name]
    return found


def test_every_setting_has_a_row() -> None:
    table = TEXT.split("## Other settings")[1].split("\n## ")[0]
    given = keys(tomllib.loads((ROOT / "conf" / "reference.toml").read_text()))
    rows = {
        name for line in table.splitlines() if line.startswith("| `") for name in line.split("|")[1].split("`")[1::2]
    }
    missing = {key for key in given if key not in rows and f"{key.partition('.')[0]}.*" not in rows}
    assert missing == set()
    assert {row for row in rows if row not in given and not row.endswith(".*")} == set()
