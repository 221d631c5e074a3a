"""What `make mutants` tries: each kind of change, and every source that it is for."""

import pytest

from tests.mutants.changes import mutants
from tests.mutants.known import UNNOTICED, WITHOUT_EFFECT
from tests.mutants.protection import PROTECTION
from tests.services.process import ROOT
from tests.support.tables import Row, cases

# A line, and what becomes of it; `/` is between mutants.
CASES = r"""
| line                            | mutants                                                                |
|---------------------------------|------------------------------------------------------------------------|
| f(a < b)                        | pass / f(a <= b)                                                       |
| x = a is not None               | x = a is None                                                          |
| x = a and b                     | x = True and b / x = a or b / x = a and True                           |
| x = not a                       | x = a                                                                  |
| x = a + 1                       | x = a - 1 / x = a + 2                                                  |
| x = "é" + a + b                 | x = "é" + a - b                                                        |
| x = [a for a in b if c]         | x = [a for a in b if True]                                             |
| x = min(a, b)                   | x = max(a, b)                                                          |
| x = a if b else c               | x = a if (not (b)) else c                                              |
| x = ("A", "B", "C")             | x = ("B", "C") / x = ("A", "C") / x = ("A", "B")                       |
| x = zip(a, b, strict=True)      |                                                                        |
| raise ValueError("no x")        | pass                                                                   |
| x: Annotated[int, "an x"] = 0   | x: Annotated[int, "an x"] = 1                                          |
| x = "SELECT a WHERE b < c"      | x = "SELECT a " / x = "SELECT a WHERE b <= c"                          |
| x = "FROM a EXCEPT ALL FROM b"  | x = "FROM a EXCEPT FROM b"                                             |
| x = "FROM a UNION FROM b"       | x = "FROM a UNION ALL FROM b"                                          |
| x = f"FROM a ORDER BY {b} DESC" | x = f"FROM a ORDER BY {b}"                                             |
| x = "a IS NULL AND {b}"         | x = "a IS NOT NULL AND {b}" / x = "a IS NULL OR {b}" / x = "a IS NULL" |
| x = "SELECT min(a) FROM b"      | x = "SELECT max(a) FROM b"                                             |
"""


def becomes(line: str) -> list[str]:
    return [mutant.becomes for mutant in mutants("x.py", f"{line}\n")]


@pytest.mark.parametrize("row", cases(CASES))
def test_each_kind_of_change(row: Row) -> None:
    assert becomes(row["line"]) == [one.strip() for one in row["mutants"].split(" / ") if one]


def test_a_list_is_tried_without_each_of_its_words() -> None:
    found = [mutant.becomes for mutant in mutants("x.py", "x = \"WHERE a IN ('b', 'c')\"\n")]
    assert {f'x = "WHERE a {words}"' for words in ("IN ('c')", "IN ('b')", "NOT IN ('b', 'c')")} < {*found}


def test_texts_that_are_read_by_people_and_types_stay() -> None:
    typed = "if TYPE_CHECKING:\n    x = 1\n\n\ndef f(a: int | None) -> int | None:\n"
    source = f'"""WHERE a < b."""\n{typed}    """Not < that."""\n'
    assert mutants("x.py", source) == []


def test_every_source_is_protected_by_tests_that_are_there() -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for room in ("transforms", "sinks")
        for path in (ROOT / room).rglob("[!_]*.py")
    }
    assert sources == {file for file in PROTECTION if not file.startswith("jobs/")}
    tests = {test for chosen in PROTECTION.values() for test in chosen}
    assert [name for name in (*PROTECTION, *(f"tests/{test}" for test in tests)) if not (ROOT / name).is_file()] == []


def test_what_is_known_is_known_of_lines_that_are_there() -> None:
    for file, was, _ in (*WITHOUT_EFFECT, *UNNOTICED):
        lines = {line.strip() for line in (ROOT / file).read_text(encoding="utf-8").split("\n")}
        assert was in lines, f"{file} has no line {was}"
