"""A ledger below a folder of its own, for the tests of modules."""

from pathlib import Path

import pytest

from tests.support.desk import Desk
from tests.support.suspense import Suspense


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A ledger, and releases of it."""
    return Desk(tmp_path)


@pytest.fixture
def suspense(tmp_path: Path) -> Suspense:
    """A ledger with quarantined payloads, and releases of it."""
    return Suspense(tmp_path)
