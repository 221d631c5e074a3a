"""The extension is joined twice, in Python when read and in SQL when released: both agree."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.billing_rules import Rules
from schemas.contract import BILLING_V1
from schemas.outcome import OutcomeRow
from tests.property.strategies import NOON, SECOND, histories
from tests.support.ledgers import date_tables, new_ledger, write_rows
from tests.support.records import DATE
from transforms.records.extension import AgentHistory
from transforms.records.outcome import join_extension

PRECEDENCES = st.sampled_from(["attribute_first", "directory_first"])


@st.composite
def billable_rows(draw: st.DrawFn) -> list[OutcomeRow]:
    """Rows of billable contacts whose agents answered at, just before and just after the edges of periods."""
    return [
        OutcomeRow(
            "billable",
            contact_id=f"call-{number:02d}",
            call_type="inbound",
            initiated_at=NOON + number * SECOND,
            connected_at=NOON + draw(st.integers(-4, 4)),
            disconnected_at=NOON + 60 * SECOND,
            updated_at=NOON + 99 * SECOND,
            talk_seconds=30,
            hold_seconds=0,
            agent_id=draw(st.sampled_from(["nurse-1", "nurse-2", "nurse-9", None])),
            attribute_extension=draw(st.sampled_from([None, "0042", "42", "7"])),
            billing_date=DATE,
        )
        for number in range(draw(st.integers(1, 8)))
    ]


@settings(max_examples=60)
@given(billable_rows(), histories(), PRECEDENCES)
def test_the_sql_join_agrees_with_the_python_join(
    rows: list[OutcomeRow], agents: AgentHistory, precedence: str
) -> None:
    rules = Rules(extension_precedence=precedence)
    with tempfile.TemporaryDirectory() as folder:
        ledger = new_ledger(Path(folder))
        write_rows(ledger, rows)
        with date_tables(ledger, DATE, agents, rules) as tables:
            lines = tables.compare(BILLING_V1, None, 1).frame()
            released = dict(lines[["contact_id", "provider_extension"]].itertuples(index=False))
            conflicts = tables.warnings()["extension_conflict"]
            held = tables.control().held
    for row in rows:
        join_extension(row, agents, rules)
    assert released == {row.contact_id: row.extension for row in rows if row.outcome == "billable"}
    assert held == sum(row.outcome == "held" for row in rows)
    assert conflicts == sum(row.extension_conflict for row in rows)


@given(histories(), st.sampled_from(["nurse-1", "nurse-2", "nurse-9", ""]), st.integers(-5, 5))
def test_the_history_gives_what_the_one_row_of_that_instant_says(
    agents: AgentHistory, agent_id: str, offset: int
) -> None:
    at = NOON + offset
    valid = [a for a in agents.assignments if a.agent_id == agent_id and a.valid_from <= at < a.valid_to]
    assert len(valid) <= 1
    assert agents.extension(agent_id, at) == (valid[0].extension or None if valid else None)
