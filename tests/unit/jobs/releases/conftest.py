"""The gate, for the tests of releases."""

import pytest

from jobs.releases.gate import Gate


@pytest.fixture(scope="module")
def gate() -> Gate:
    """It keeps nothing between checks."""
    return Gate()
