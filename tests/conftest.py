"""How generated tests run: the same examples every time, unless asked for a search.

`pytest --hypothesis-profile=search` tries new examples each time.
"""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}

settings.register_profile("stable", derandomize=True, max_examples=150, **_COMMON)
settings.register_profile("search", derandomize=False, max_examples=3000, **_COMMON)
# The stable examples, without looking for a smaller one that fails: for `make claims`, where they have to.
settings.register_profile(
    "claims", derandomize=True, max_examples=150, phases=[Phase.explicit, Phase.generate], **_COMMON
)
settings.load_profile("stable")


@pytest.fixture(autouse=True)
def log_handlers() -> Iterator[None]:
    """Who hears of the log is who heard of it before: what workers run replaces them."""
    before = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers = before


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder for the whole run, instead of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
