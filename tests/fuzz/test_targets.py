"""A short run of what `make fuzz` runs for long: seeds, and seeds with pieces changed, cut out and repeated."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.sample.file_formats import FORMS
from tests.fuzz.targets import TARGETS, seeds

CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 8), st.binary(max_size=6), st.integers(1, 3)),
    min_size=1,
    max_size=5,
)


@cache
def known(target: str) -> list[bytes]:
    return seeds(target)


@pytest.mark.parametrize("target", TARGETS)
def test_seeds(target: str) -> None:
    assert len(known(target)) >= len(FORMS)
    for seed in known(target):
        TARGETS[target](seed)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_seeds(target: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(known(target)))
    for place, cut, put, times in data.draw(CHANGES):
        at = int(place * len(text))
        text = text[:at] + put * times + text[at + cut :]
    TARGETS[target](text)
