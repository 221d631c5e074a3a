"""A storage location: one spelling for messages, Flink and workers; and what lies in what."""

from pathlib import Path

import pytest

from jobs.settings.connections import S3
from schemas.errors import SettingsError
from sinks.location import Location
from sinks.s3 import S3Store
from sinks.store import LocalStore


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = Location("a b/c")
    assert (found.is_s3, found.folder, found.uri) == (False, Path("a b/c"), f"{tmp_path.resolve().as_uri()}/a%20b/c")
    assert found.absolute() == Location(str(tmp_path.resolve() / "a b/c"))
    assert isinstance(found.open(S3(), "storage.ledger"), LocalStore)


def test_a_bucket() -> None:
    found = Location("s3://b/x/")
    assert (found.is_s3, found.folder, found.uri) == (True, None, "s3://b/x")
    assert found.absolute() == found
    assert isinstance(found.open(S3(), "storage.ledger"), S3Store)
    with pytest.raises(SettingsError, match=r"storage\.ledger names no bucket"):
        Location("s3://").open(S3(), "storage.ledger")


@pytest.mark.parametrize(
    ("text", "parent", "name"),
    [("s3://b/a.csv", "s3://b", "a.csv"), ("s3://b/x/a.csv", "s3://b/x", "a.csv"), ("/x/a.csv", "/x", "a.csv")],
)
def test_an_object_and_where_it_is(text: str, parent: str, name: str) -> None:
    assert Location(text).object() == (Location(parent), name)


@pytest.mark.parametrize("text", ["s3://b/", "s3://b/x/", "s3://b", "s3://"])
def test_what_cannot_be_an_object(text: str) -> None:
    assert Location(text).object() is None


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("s3://b", "s3://b", True),
        ("s3://b", "s3://b/x", True),
        ("s3://b/x", "s3://b/x/y/", True),
        ("s3://b/x/", "s3://b//x", True),
        ("s3://b/x", "s3://b/xy", False),
        ("s3://b/x", "s3://c/x", False),
        ("/a/b", "/a/b/c", True),
        ("/a/b", "/a/c/../b", True),
        ("/a/b", "/a/bc", False),
        ("/b/x", "s3://b/x", False),
        ("/", "s3://b", False),
    ],
)
def test_whether_one_lies_in_the_other(one: str, other: str, overlap: bool) -> None:
    assert Location(one).overlaps(Location(other)) is overlap
    assert Location(other).overlaps(Location(one)) is overlap


SETTING = "storage.release"


def test_a_folder_or_a_uri(tmp_path: Path) -> None:
    assert isinstance(Location("s3://records/x").open(S3(), SETTING), S3Store)
    assert isinstance(Location(str(tmp_path)).open(S3(), SETTING), LocalStore)
