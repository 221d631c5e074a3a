"""One database for all properties: making one takes longer than most of what is asked of it."""

from collections.abc import Iterator

import pytest

from jobs.sql import date_tables
from jobs.sql.connection import connect, second_connection


@pytest.fixture(scope="module", autouse=True)
def one_database() -> Iterator[None]:
    """Each date's tables have a connection of their own to it, which sees no other's."""
    with connect() as database, pytest.MonkeyPatch.context() as patch:
        patch.setattr(date_tables, "connect", lambda: second_connection(database))
        yield
