"""Any sequence of looks at the table: the history answers what the last look before an instant saw."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jobs.agents.table import parse_agents
from jobs.agents.table_file import csv_with_seals
from transforms.agents.sync import Counts, sync_history
from transforms.records.extension import AgentHistory, Assignment
from transforms.records.timestamps import MICROSECONDS, instant

MARCH = instant("2026-03-01T00:00:00Z") or 0
AGENTS = ("a", "b", "c")
# Extensions are taken as they are, whatever the table has.
EXTENSIONS = st.sampled_from(["1", "01", "2"]) | st.sampled_from(
    ["", "x y", "x,y", 'q"', "l\nf", "c\rr", "\x00", "٤", "seal"]
)
SNAPSHOTS = st.dictionaries(st.sampled_from(AGENTS), EXTENSIONS)
LOOKS = st.lists(st.tuples(st.integers(0, 3), SNAPSHOTS), max_size=8)
# Blanks around a cell are no part of it, as the scan of the table has it.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(str.strip)


def after(looks: list[tuple[int, dict[str, str]]]) -> tuple[list[tuple[int, dict[str, str]]], tuple[Assignment, ...]]:
    """The looks with their instants, and the history after all of them."""
    at, history = MARCH, tuple[Assignment, ...]()
    dated = []
    for seconds, snapshot in looks:
        at += seconds * MICROSECONDS
        history = sync_history(history, snapshot, at).assignments
        dated.append((at, snapshot))
    return dated, history


def expected(agent_id: str, at: int, looks: list[tuple[int, dict[str, str]]]) -> str | None:
    """What the last look at or before the instant saw; before an agent was first seen, what that look saw."""
    seen = [(when, extension) for when, snapshot in looks if (extension := snapshot.get(agent_id, ""))]
    if not seen:
        return None
    if at < seen[0][0]:
        return seen[0][1]
    return next(snapshot.get(agent_id, "") for when, snapshot in reversed(looks) if when <= at) or None


@given(LOOKS)
def test_the_history_answers_what_was_seen(looks: list[tuple[int, dict[str, str]]]) -> None:
    """As it is, and as it is read from what is written; no two rows of an agent overlap, or neither could be made."""
    dated, rows = after(looks)
    history = AgentHistory(rows)
    assert list(rows) == sorted(rows, key=lambda row: (row.agent_id, row.valid_from))
    if rows:
        written, sealed = parse_agents(csv_with_seals(rows), "table")
        assert (written.assignments, sealed) == (rows, True)
    for agent_id in AGENTS:
        for at, _ in [(MARCH, {}), *dated]:
            for instant_ in (at - 1, at, at + 1):
                assert history.extension(agent_id, instant_) == expected(agent_id, instant_, dated)


@given(LOOKS, st.integers(0, 3))
def test_the_same_look_twice_changes_nothing(looks: list[tuple[int, dict[str, str]]], seconds: int) -> None:
    dated, rows = after(looks)
    at, last = dated[-1] if dated else (MARCH, {})
    again = sync_history(rows, last, at + seconds * MICROSECONDS)
    assert again.assignments == rows
    assert again.counts == Counts(unchanged=len([extension for extension in last.values() if extension]))


@given(LOOKS)
def test_the_past_stays_as_it_was(looks: list[tuple[int, dict[str, str]]]) -> None:
    """What a release has joined before a look, it joins after it; but for agents who were not known."""
    histories = [AgentHistory(after(looks[:number])[1]) for number in range(len(looks) + 1)]
    dated, _ = after(looks)
    for (before, later), (at, _) in zip(pairwise(histories), dated, strict=True):
        for agent_id in {row.agent_id for row in before.assignments}:
            for earlier in range(MARCH - 1, at, MICROSECONDS // 2):
                assert later.extension(agent_id, earlier) == before.extension(agent_id, earlier)


# An ARN that is not an agent's is refused.
AGENT_IDS = TEXTS.filter(lambda text: text and not text.startswith("arn:"))


@given(st.lists(st.tuples(AGENT_IDS, TEXTS), min_size=1, unique_by=lambda row: row[0]))
def test_any_text_is_read_as_it_was_written(table: list[tuple[str, str]]) -> None:
    rows = [Assignment(agent_id, extension) for agent_id, extension in table]
    assert list(parse_agents(csv_with_seals(rows), "table")[0].assignments) == rows
