"""A release of three versions, complete for all tests, or as a copy to damage."""

import shutil
from pathlib import Path

import pytest

from sinks.store import LocalStore
from tests.support.desk import Desk
from tests.support.verification import SIX

NEWER = 'LastUpdateTimestamp = "2026-03-07T00:00:00Z"'


def fill(desk: Desk) -> None:
    """Three versions of a date; the third has another contract."""
    desk.deliver("", 'ContactId = "call-2"; CustomerEndpoint = null', 'ContactId = "call-3"', "Queue = 5")
    desk.release()
    desk.deliver(f"{NEWER}; Agent.AgentInteractionDuration = 31", 'ContactId = "call-4"')
    desk.deliver(f'{NEWER}; ContactId = "call-3"; Agent = null')
    desk.release()
    desk.deliver('ContactId = "call-5"')
    desk.release(settings=SIX, change_contract=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("whole"))
    fill(desk)
    return desk


@pytest.fixture
def desk(whole: Desk, tmp_path: Path) -> Desk:
    """A copy of it, to damage."""
    shutil.copytree(whole.root, tmp_path / "copy")
    copy = Desk.__new__(Desk)
    copy.root, copy.ledger, copy.inputs = (
        tmp_path / "copy",
        type(whole.ledger)(LocalStore(tmp_path / "copy/ledger"), "UTC"),
        9,
    )
    return copy
