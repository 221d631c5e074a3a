"""Releases at once, whatever the order of their steps: one version, whose files are those of its manifest."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import StorageError
from sinks import release
from sinks.store import LocalStore
from tests.support.interleaving import Died, MemoryStore, interleave
from tests.support.publishing import assert_one_version, content, publishing, race
from tests.support.records import DATE


@pytest.mark.parametrize("looks", [1, 2, 60])
@given(
    whos=st.lists(st.sampled_from("abc"), min_size=2, max_size=4),
    remains=st.integers(0, 3),
    seed=st.integers(0, 2**32),
)
def test_all_live(looks: int, whos: list[str], remains: int, seed: int) -> None:
    """Whatever a crash has left before, and even if nobody has patience, so that the living are taken for dead."""
    store = MemoryStore()
    for name, data in sorted(content("dead")[0].items())[:remains]:
        store.put(f"billing_date={DATE}/v0001/{name}", data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "_LOOKS", looks)
        results = interleave([publishing(store, w) for w in whos], random.Random(seed), [None] * len(whos))
    errors = [r for r in results if isinstance(r, Exception)]
    assert all(isinstance(e, StorageError) and "stop all but one" in str(e) for e in errors), errors
    if looks == 60:
        assert errors == []
    if f"billing_date={DATE}/v0001/manifest.json" in store.objects:
        assert results.count(True) == 1
        assert assert_one_version(store) == whos[results.index(True)]
    else:
        assert len(errors) == len(whos)


@given(
    whos=st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
    deaths=st.lists(st.none() | st.integers(0, 30), min_size=3, max_size=3),
    seed=st.integers(0, 2**32),
)
def test_some_die_and_a_last_one_comes(whos: list[str], deaths: list[int | None], seed: int) -> None:
    store = MemoryStore()
    bodies = [publishing(store, w) for w in whos]
    results = interleave(bodies, random.Random(seed), deaths[: len(whos)])
    assert all(isinstance(r, bool | Died) for r in results), results
    (last,) = interleave([publishing(store, "last")], random.Random(0), [None])
    whose = assert_one_version(store)
    assert last is (whose == "last")


@pytest.mark.parametrize("same", [True, False])
def test_threads_on_the_local_file_system(tmp_path: Path, same: bool) -> None:
    for number in range(30):
        store = LocalStore(tmp_path / str(number))
        won = race(store, same, 6)
        assert won == [assert_one_version(store)]
        left = sorted(p.name for p in (tmp_path / str(number)).rglob("*") if p.is_file())
        assert left == ["amendments.csv", "billing.csv", "billing.parquet", "manifest.json"]
