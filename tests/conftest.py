"""How tests run: the same generated examples every time, unless asked for a search, and side by side in groups.

`pytest --hypothesis-profile=search` tries new examples each time.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from tests.support.cluster import System

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}

settings.register_profile("stable", derandomize=True, max_examples=150, **_COMMON)
settings.register_profile("search", derandomize=False, max_examples=3000, **_COMMON)
# The stable examples, without looking for a smaller one that fails: for `make claims`, where they have to.
settings.register_profile(
    "claims", derandomize=True, max_examples=150, phases=[Phase.explicit, Phase.generate], **_COMMON
)
settings.load_profile("stable")

# What mostly waits, for a cluster or a process, begins first, so that what computes fills the processors beside it.
_WAITING = ("cluster", "faults", "clusters of their own")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name each test's group, which one process of pytest-xdist runs: that of its mark, or else its file."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    mark = item.get_closest_marker("xdist_group")
    assert mark is not None
    return _WAITING.index(mark.args[0]) if mark.args[0] in _WAITING else len(_WAITING)


@pytest.fixture(autouse=True)
def log_handlers() -> Iterator[None]:
    """Who hears of the log is who heard of it before: what workers run replaces them."""
    before = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers = before


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator["System"]:
    """The services of the live job's tests, each of which starts when it is asked for."""
    # Only their tests import the services' clients.
    from tests.support.cluster import System

    with System(tmp_path_factory.mktemp("system")) as services:
        yield services
