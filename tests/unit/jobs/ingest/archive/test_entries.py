"""Odd folders: each file is listed once, and what is no file of the archive is named."""

import datetime
import os
import socket
import subprocess
from pathlib import Path

import pytest

from jobs.ingest.archive.files import archive_files
from jobs.settings.date_range import DateRange
from schemas.errors import InputError


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("{}")


def link(root: Path, **targets: str) -> None:
    """Links by name, relative to their own folders."""
    for name, target in targets.items():
        (root / name).symlink_to(target)


def names(root: Path) -> list[str]:
    return [file.name for file in archive_files(root, DateRange())]


LINKS: dict[str, tuple[dict[str, str], list[str]]] = {
    "to a file": ({"a": "z"}, ["d/y", "z"]),
    "to a folder": ({"a": "d"}, ["d/y", "z"]),
    "up": ({"d/a": "..", "d/b": "../d", "d/c": "."}, ["d/y", "z"]),
    "to a link": ({"a": "b", "b": "z", "c": "a"}, ["d/y", "z"]),
    "to a hidden file": ({"a": "..data/x", "b": "..data/x"}, ["a", "d/y", "z"]),
    "to a hidden folder": ({"a": "..data", "b": "..data"}, ["a/deep/w", "a/x", "d/y", "z"]),
    "to a file and then its hidden folder": ({"a": "..data/x", "b": "..data"}, ["a", "b/deep/w", "d/y", "z"]),
    "around in a hidden folder": ({"a": "..data", "..data/b": "../..data"}, ["a/deep/w", "a/x", "d/y", "z"]),
    "that is hidden": ({"_a": "/etc/passwd", ".b": "/etc"}, ["d/y", "z"]),
}


@pytest.mark.parametrize("case", LINKS)
def test_links_within_the_archive_lead_to_no_file_twice(case: str, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write(archive, "z", "d/y", "..data/x", "..data/deep/w")
    links, listed = LINKS[case]
    link(archive, **links)
    assert names(archive) == listed
    link(tmp_path, linked="archive")
    assert names(tmp_path / "linked") == listed


def test_a_file_behind_a_link_is_read_as_that_name(tmp_path: Path) -> None:
    write(tmp_path, "..data/x")
    link(tmp_path, a="..data")
    (file,) = archive_files(tmp_path, DateRange())
    assert (file.path, file.size) == (str(tmp_path / "a/x"), 2)


def special(path: Path, kind: str) -> None:
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    else:
        path.symlink_to({"device": "/dev/null"}.get(kind, kind))


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("FIFO", "a FIFO, not a regular file"),
        ("socket", "a socket, not a regular file"),
        ("device", "a link out of the archive, to /dev/null"),
        ("/etc/passwd", "a link out of the archive, to /etc/passwd"),
        ("/etc", "a link out of the archive, to /etc"),
        ("..", "a link out of the archive, to "),
        ("../archive-2", "a link out of the archive, to "),
        ("nowhere", "No such file or directory"),
        ("odd", "Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_of_the_archive_is_named(
    kind: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive"
    write(archive, "z")
    write(tmp_path, "archive-2")
    # A socket's path has to be short.
    monkeypatch.chdir(archive)
    special(Path("odd"), kind)
    with pytest.raises(InputError) as error:
        names(archive)
    assert str(error.value).startswith(f"cannot read {archive}/odd ({problem}")
    assert str(error.value).endswith("; check permissions, or take it out of the archive")


def test_a_special_file_can_be_named_as_the_archive_and_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for archive, kind in ((tmp_path / "pipe", "a FIFO"), (Path("/dev/zero"), "a device")):
        with pytest.raises(InputError, match=kind):
            names(archive)


def test_an_archive_behind_a_loop_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(InputError, match=r"cannot read archive .*/a: Too many levels"):
        names(tmp_path / "a")


def test_many_problems_are_one_line(tmp_path: Path) -> None:
    for number in range(8):
        os.mkfifo(tmp_path / f"pipe\n{number}")
    with pytest.raises(InputError, match=r"pipe\\n0' .*pipe\\n4' .* and 3 more; check") as error:
        names(tmp_path)
    assert "\n" not in str(error.value)


def test_what_is_not_selected_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, "2026/03/01/a", "2026/03/02/b")
    os.mkfifo(tmp_path / "2026/03/01/pipe")
    arrivals = DateRange(datetime.date(2026, 3, 2), None)
    assert [file.name for file in archive_files(tmp_path, arrivals)] == ["2026/03/02/b"]


def test_names_are_unambiguous_text(tmp_path: Path) -> None:
    for name in (b"\xff", b"\\xff", b"\\\\xff", b"\xc3\xa9", b"a\nb", b"\xed\xa0\x80"):
        (tmp_path / os.fsdecode(name)).write_text("{}")
    listed = names(tmp_path)
    assert sorted(listed) == sorted([r"\xff", r"\\xff", r"\\\\xff", "é", "a\nb", r"\xed\xa0\x80"])
    for file in archive_files(tmp_path, DateRange()):
        assert file.name.encode()
        assert Path(file.path).read_text() == "{}"


def test_folders_nested_deeper_than_pythons_stack(tmp_path: Path) -> None:
    below = "d/" * 1100
    subprocess.run(["mkdir", "-p", tmp_path / "a" / below], check=True)
    (tmp_path / "a" / below / "x").write_text("{}")
    try:
        assert names(tmp_path / "a") == [f"{below}x"]
    finally:
        subprocess.run(["rm", "-r", tmp_path / "a"], check=True)
