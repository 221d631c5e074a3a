"""Which files --exclude leaves out: shell patterns on the whole path in the archive."""

from pathlib import Path

import pytest

from jobs.ingest.archive.exclusions import Exclusions
from jobs.ingest.archive.files import archive_files, count_excluded
from jobs.settings.date_range import DateRange
from schemas.errors import InputError

NAMES = ("a.pdf", "x/a.pdf", "x/y/a.pdf", "x/y/b.json", "2026/03/01/10/c", "[d]")
PATTERNS = {
    "*.pdf": "a.pdf x/a.pdf x/y/a.pdf",
    "**/*.pdf": "a.pdf x/a.pdf x/y/a.pdf",
    "a.pdf": "a.pdf",
    "x/**/a.pdf": "x/a.pdf x/y/a.pdf",
    "x/*": "x/a.pdf x/y/a.pdf x/y/b.json",
    "x/**": "x/a.pdf x/y/a.pdf x/y/b.json",
    "?.pdf": "a.pdf",
    "x": "",
    "*.PDF": "",
    "2026/03/*": "2026/03/01/10/c",
    "[ab].*": "a.pdf",
    "[[]d]": "[d]",
    "x/y/[!a]*": "x/y/b.json",
}


@pytest.mark.parametrize(("pattern", "names"), PATTERNS.items())
def test_patterns(pattern: str, names: str) -> None:
    assert [name for name in NAMES if Exclusions((pattern,)).has(name)] == names.split()


def test_any_of_several_patterns_leaves_out() -> None:
    assert [name for name in NAMES if Exclusions(("x/*", "[[]d]")).has(name)] == [*NAMES[1:4], "[d]"]
    assert not any(Exclusions().has(name) for name in NAMES)


def test_files_left_out_are_counted_and_not_opened(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "x/nowhere").symlink_to("gone")
    exclude = Exclusions(("x/*",))
    assert [file.name for file in archive_files(tmp_path, DateRange(), exclude)] == [*NAMES[4:5], "[d]", "a.pdf"]
    assert count_excluded(tmp_path, DateRange(), exclude) == 4
    assert count_excluded(tmp_path, DateRange(), Exclusions()) == 0
    with pytest.raises(InputError, match=r"cannot read .*nowhere"):
        archive_files(tmp_path, DateRange())
    with pytest.raises(InputError, match="check --archive, --from, --to, --exclude"):
        archive_files(tmp_path, DateRange(), Exclusions(("*",)))
