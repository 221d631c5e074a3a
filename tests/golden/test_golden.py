"""Every case gives its expected files, byte for byte."""

from pathlib import Path

import pytest

from tests.golden.case import cases, expected, run


def test_there_are_cases_and_each_says_why() -> None:
    assert len(cases()) >= 6
    for case in cases():
        assert (case / "why.md").read_text(encoding="utf-8").strip()
        assert expected(case), f"{case.name} expects nothing; run python -m tests.golden.rewrite and review"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(case: Path, tmp_path: Path) -> None:
    assert run(case, tmp_path) == expected(case)
