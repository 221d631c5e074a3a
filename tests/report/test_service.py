"""Service: waiting, transfers, callers who call again, and the time zone, case by case."""

from pathlib import Path

from jobs.settings import settings as wanted
from jobs.settings.settings import Settings
from tests.report.pages import page, rows
from tests.support.desk import Desk
from tests.support.ledgers import new_ledger, write_payloads
from tests.support.records import payload

NEW_YORK = Settings(billing=wanted.Billing(time_zone="America/New_York"))


def call(name: str, day: int, *differences: str) -> str:
    """An answered call of a day in March."""
    date = f"2026-03-{day:02d}"
    times = {
        "InitiationTimestamp": f"{date}T10:00:00Z",
        "Agent.ConnectedToAgentTimestamp": f"{date}T10:00:20Z",
        "DisconnectTimestamp": f"{date}T10:00:56Z",
        "LastUpdateTimestamp": f"{date}T10:02:00Z",
    }
    told = (f'{key} = "{value}"' for key, value in times.items())
    return "; ".join([f'ContactId = "{name}"', *told, *differences])


def test_hours_are_those_of_the_billing_zone(tmp_path: Path) -> None:
    write_payloads(new_ledger(tmp_path / "ledger", "America/New_York"), [payload()], rules=NEW_YORK.rules)
    found = page(tmp_path, "supervisor", NEW_YORK)
    assert [row["hour of the day"] for row in rows(found, "hours") if "1" in row.values()] == ["05"]


def test_waiting_is_the_time_in_the_queue_where_there_is_one(desk: Desk) -> None:
    desk.deliver(call("queued", 1, "Queue.Duration = 45"), call("direct", 1))
    told = {row["time to answer"]: row["contacts"] for row in rows(page(desk.root, "supervisor"), "waiting")}
    assert {band: count for band, count in told.items() if count != "0"} == {"11 to 20 s": "1", "31 to 60 s": "1"}


def test_legs_of_a_conversation_are_counted_together(desk: Desk) -> None:
    passed_on = 'InitialContactId = "first"; InitiationMethod = "TRANSFER"'
    desk.deliver(call("first", 1), call("second", 1, passed_on), call("alone", 1), call("left", 1, "Agent = null"))
    told = [(row["answered legs"], row["conversations"]) for row in rows(page(desk.root, "supervisor"), "chains")]
    assert told == [("1 leg", "1"), ("2 legs", "1")]


def test_who_calls_again_within_seven_days_was_not_settled(desk: Desk) -> None:
    other = 'CustomerEndpoint.Address = "+12025550199"'
    desk.deliver(
        call("a", 1),
        call("b", 8, "Agent = null"),  # the seventh day after: again
        call("c", 16),  # eight days after: a new matter
        call("d", 2, other),
        call("e", 24, other),
        call("withheld", 1, 'CustomerEndpoint.Address = "anonymous"'),
        call("outbound", 1, other, 'InitiationMethod = "OUTBOUND"'),
        call("leg", 3, 'InitialContactId = "a"'),
    )
    found = page(desk.root, "supervisor")
    again = {row["date"]: (row["first"], row["again within 7 days"]) for row in rows(found, "repeated")}
    assert again["in all"] == ("4", "1") and again["2026-03-08"] == ("0", "1")
    # Of a, c and d, answered and over on the 24th, a was not settled; b was not answered, e is not over.
    told = [(row["conversations"], row["number"]) for row in rows(found, "resolved")]
    assert told == [("settled", "2"), ("called again", "1")]


def test_percentiles_are_values_that_occur(desk: Desk) -> None:
    desk.deliver(*(call(f"{n}", 1, f"Agent.AgentInteractionDuration = {n * 10}") for n in range(1, 11)))
    [row] = rows(page(desk.root, "supervisor"), "queues")
    assert (row["queue"], row["contacts"], row["talk, median"], row["talk, 90th percentile"]) == (
        "Scheduling",
        "10",
        "50 s",
        "90 s",
    )
