"""The live job's table of agents: read again when it is old, and kept when it cannot be read."""

import pytest

from jobs.ingest.live.agents_cache import LiveAgents
from schemas.errors import InputError, StorageError
from transforms.records.extension import AgentHistory, Assignment

ONE = AgentHistory([Assignment("nurse-1", "1")])
TWO = AgentHistory([Assignment("nurse-1", "2")])


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Table:
    """Gives what it is told to, or raises it."""

    def __init__(self, *answers: AgentHistory | Exception) -> None:
        self.answers = list(answers)

    def __call__(self) -> AgentHistory:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_agents_are_read_again_when_they_are_old() -> None:
    clock = Clock()
    agents = LiveAgents(Table(ONE, TWO), 10, clock)
    clock.now = 9.9
    assert agents.history() is ONE
    clock.now = 10
    assert agents.history() is TWO
    assert agents.age() == 0


def test_agents_that_cannot_be_read_stay_and_are_counted() -> None:
    clock = Clock()
    agents = LiveAgents(Table(ONE, InputError("overlap"), StorageError("away"), TWO), 10, clock)
    for now, failures in ((10, 1), (15, 1), (20, 2)):
        clock.now = now
        assert agents.history() is ONE
        assert (agents.failures, agents.age()) == (failures, now)
    clock.now = 30
    assert agents.history() is TWO
    assert (agents.failures, agents.age()) == (2, 0)


def test_the_first_reading_must_succeed() -> None:
    with pytest.raises(InputError, match="gone"):
        LiveAgents(Table(InputError("gone")), 10)
