"""Class-data sharing: what Java is told, and that only who runs again pays for it."""

from pathlib import Path

import pytest

from jobs.runtime.class_data_sharing import ClassData


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, and a Java."""
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "contact-billing"


def test_the_second_replay_makes_the_file_and_the_third_has_it(folder: Path) -> None:
    assert ClassData().options == ""
    told = ClassData().options.split()[0]
    assert told.startswith("-XX:ArchiveClassesAtExit=")
    file = Path(told.partition("=")[2]).with_suffix(".jsa")
    assert file.parent == folder
    file.touch()
    assert ClassData().options.split()[0] == f"-XX:SharedArchiveFile={file}"


def test_another_java_has_another_file(folder: Path, tmp_path: Path) -> None:
    ClassData()
    (tmp_path / "jdk" / "bin" / "java").unlink()
    (tmp_path / "jdk" / "bin" / "java").touch()
    assert ClassData().options == ""
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("name", ["with a blank", "a-file/below"])
def test_where_there_is_no_place_for_it_java_goes_without(
    name: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))
    assert [ClassData().options for _ in range(3)] == [""] * 3
