"""The ledger's records of erasures: each is kept as it was written, and together they say what an object became."""

from pathlib import Path

import pytest

from schemas.erasure import ErasedObject
from schemas.errors import StorageError
from sinks.erasures import Erasures, current_object
from sinks.store import LocalStore


def test_erasures_are_records_that_nobody_changes(tmp_path: Path) -> None:
    erasures = Erasures(LocalStore(tmp_path))
    assert erasures.load() == {}
    steps = [ErasedObject("a", "1", "b", "2"), ErasedObject("b", "2", "c", "3"), ErasedObject("d", "4", "d", "5")]
    for step in (*steps, steps[0]):
        erasures.add(step)
    assert len(list((tmp_path / "erasures").iterdir())) == 3
    became = erasures.load()
    for before, after in {
        ("a", "1"): ("c", "3"),
        ("b", "2"): ("c", "3"),
        ("d", "4"): ("d", "5"),
        ("a", "2"): ("a", "2"),
    }.items():
        assert current_object(*before, became) == after
    (tmp_path / "erasures" / "x.json").write_bytes(b"{}")
    with pytest.raises(StorageError, match=r"erasures/x\.json is not an erasure record; restore it"):
        erasures.load()
