"""What the check of the agents' table finds: shared extensions, gaps, agents without an extension."""

import pytest

from tests.support.agents import rows
from tests.support.tables import Row, cases
from transforms.agents.checks import check_assignments

# At 9: rows of the agents a, b and c; what is found, by rows and periods.
FOUND = """
| history                      | shared                       | gaps      | without   |
|------------------------------|------------------------------|-----------|-----------|
|                              |                              |           |           |
| a 1 -..-, b 2 -..-           |                              |           |           |
| a 1 -..-, b 1 -..-           | 1+2 -..-                     |           |           |
| a 1 -..-, b 01 -..-          |                              |           |           |
| b 1 3..7, a 1 5..-           | 1+2 5..7                     |           | b since 7 |
| b 1 3..5, a 1 5..-           |                              |           | b since 5 |
| a 1 -..4, b 1 4..-, a 2 4..- |                              |           |           |
| c 1 6..-, b 1 4..-, a 1 2..5 | 1+2 6..-, 2+3 4..5           |           | a since 5 |
| a 1 -..-, b 1 -..-, c 1 -..- | 1+2 -..-, 1+3 -..-, 2+3 -..- |           |           |
| a _ -..-, b _ -..-           |                              |           | a, b      |
| a 1 -..3, a 2 5..-           |                              | 1+2 3..5  |           |
| a 2 5..-, a 1 -..3           |                              | 2+1 3..5  |           |
| a 1 -..3, a _ 3..5, a 2 5..- |                              | 1+3 3..5  |           |
| a 1 -..3, a 1 3..9           |                              |           | a since 9 |
| a 1 12..-, a 2 3..7          |                              | 2+1 7..12 | a since 7 |
| a 1 12..-                    |                              |           | a         |
| a 1 -..3, a _ 3..-           |                              |           | a since 3 |
"""


def edge(at: int) -> str:
    return str(at) if abs(at) < 99 else "-"


@pytest.mark.parametrize("row", cases(FOUND))
def test_what_is_found(row: Row) -> None:
    history = rows(row["history"])
    found = check_assignments(history, 9)
    for name, items in (("shared", found.shared), ("gaps", found.gaps)):
        told = [f"{i.rows[0]}+{i.rows[1]} {edge(i.valid_from)}..{edge(i.valid_to)}" for i in items]
        assert ", ".join(told) == row[name]
    told = [w.agent_id if w.since is None else f"{w.agent_id} since {w.since}" for w in found.without]
    assert ", ".join(told) == row["without"]
    assert (found.rows, found.agents) == (len(history), len({r.agent_id for r in history}))
    assert found.any is any((row["shared"], row["gaps"], row["without"]))
    for shared in found.shared:
        assert shared.agent_ids == tuple(history[number - 1].agent_id for number in shared.rows)
        assert {shared.extension} == {history[number - 1].extension for number in shared.rows}
