"""How tests run: the same generated examples every time, unless asked for a search, and side by side in groups.

`pytest --hypothesis-profile=search` tries new examples each time.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from tests.support.cluster import System
    from tests.support.desk import Desk
    from tests.support.suspense import Suspense

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}

settings.register_profile("stable", derandomize=True, max_examples=150, **_COMMON)
settings.register_profile("search", derandomize=False, max_examples=3000, **_COMMON)
# The stable examples, without looking for a smaller one that fails: for `make claims`, where they have to.
settings.register_profile(
    "claims", derandomize=True, max_examples=150, phases=[Phase.explicit, Phase.generate], **_COMMON
)
settings.load_profile("stable")

# Groups of files that one process of pytest-xdist runs, since they share services; the first path that fits counts. Any
# other file is a group by itself. What mostly waits, for a cluster or a process, begins first, so that what computes
# fills the processors beside it.
_GROUPS = {
    "tests/live/test_kms.py": "others that wait",
    "tests/deploy/test_package.py": "others that wait",
    "tests/live/": "cluster",
    "tests/monitoring/test_metrics.py": "cluster",
    "tests/monitoring/test_scrape.py": "cluster",
    "tests/operations/test_live.py": "cluster",
    "tests/services/": "others that wait",
    "tests/faults/": "others that wait",
}
_FIRST = ("cluster", "others that wait")


def _group(nodeid: str) -> str:
    """The group of a test."""
    file = nodeid.partition("::")[0]
    return next((group for path, group in _GROUPS.items() if file.startswith(path)), file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the groups in their order."""
    turns = {group: turn for turn, group in enumerate(_FIRST)}
    items.sort(key=lambda item: turns.get(_group(item.nodeid), len(turns)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each group to one process."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Groups(config, log)


@pytest.fixture(autouse=True)
def log_handlers() -> Iterator[None]:
    """Who hears of the log is who heard of it before: what workers run replaces them."""
    before = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers = before


@pytest.fixture
def desk(tmp_path: Path) -> "Desk":
    """A ledger below a folder of its own, and releases of it."""
    from tests.support.desk import Desk

    return Desk(tmp_path)


@pytest.fixture
def suspense(tmp_path: Path) -> "Suspense":
    """A ledger with quarantined payloads below a folder of its own, and releases of it."""
    from tests.support.suspense import Suspense

    return Suspense(tmp_path)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator["System"]:
    """The services of the live job's tests, each of which starts when it is asked for."""
    # Only their tests import the services' clients.
    from tests.support.cluster import System

    with System(tmp_path_factory.mktemp("system")) as services:
        yield services
