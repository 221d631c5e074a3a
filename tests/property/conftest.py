"""One database for all properties: making one takes longer than most of what is asked of it."""

from collections.abc import Iterator

import pytest

from jobs import workbench
from jobs.sql import aside, connect


@pytest.fixture(scope="module", autouse=True)
def one_database() -> Iterator[None]:
    """Each workbench has a connection of its own, with tables of its own."""
    with connect() as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbench, "connect", lambda: aside(database))
        yield
