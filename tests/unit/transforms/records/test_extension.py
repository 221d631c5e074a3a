"""The agents' history: periods of one agent may touch, and not overlap."""

import pytest

from transforms.records.extension import BEGINNING, END, AgentHistory, Assignment, Overlap


def test_touching_periods_do_not_overlap_and_others_do() -> None:
    touching = [Assignment("a", "1", BEGINNING, 10), Assignment("a", "2", 10, 20), Assignment("b", "1", 5, 15)]
    assert AgentHistory(reversed(touching)).extension("a", 10) == "2"
    with pytest.raises(Overlap) as overlap:
        AgentHistory([Assignment("b", "3", 0, END), *touching])
    assert (overlap.value.first, overlap.value.second) == (0, 3)
