"""The shipped Flink configuration on a real cluster: metrics as Prometheus reads them, and agents read again."""

import json
from collections.abc import Callable

from tests.monitoring.watched import TABLE, Jobs
from tests.services.process import await_that
from tests.support.answered_calls import record

NEW_AGENT = "11111111-8c01-44e6-abd5-80b7b51944cf"


def test_metrics(jobs: Jobs) -> None:
    live, given = jobs.live, 0

    def send(*contacts: dict[str, object] | bytes) -> None:
        jobs.send(*(c if isinstance(c, bytes) else json.dumps(c).encode() for c in contacts))

    def more(count: int, name: str, **labels: str) -> Callable[[], bool]:
        wanted = jobs.sum(name, **labels) + count
        return lambda: jobs.sum(name, **labels) == wanted

    def counted(count: int, outcome: str, reason: str = "none") -> Callable[[], bool]:
        return more(count, "outcome_reason_records", outcome=outcome, reason=reason)

    def await_metric(what: str, condition: Callable[[], bool]) -> None:
        await_that(what, condition, log=live.cluster.logs)

    jobs.await_counted()
    failures = jobs.sum("agents_refresh_failures")
    expected = {
        "billable": counted(301, "billable"),
        "excluded": counted(20, "excluded", "channel"),
        "quarantined": counted(2, "quarantined", "not_json"),
        "held": counted(1, "held", "extension_unmatched"),
        "conflicts": more(1, "extension_conflicts"),
    }
    send(*(record(f"billed-{number}", agent_id="busy") for number in range(300)))
    send(*(record(f"chat-{number}", Channel="CHAT") for number in range(20)), b"oops", b"{")
    send(record("conflict", agent_id="other"), record("held", extension=None, agent_id=NEW_AGENT))
    for what, condition in expected.items():
        await_metric(what, condition)
    await_metric("decode time", lambda: jobs.sum("decode_nanoseconds") > 0)
    await_metric("age", lambda: jobs.exists("agents_age_seconds"))
    assert jobs.sum("agents_refresh_failures") == failures

    # A broken table: counted, grown old, and no record waits for it.
    live.agents.write_text("agent;extension\n")
    billable = jobs.sum("outcome_reason_records", outcome="billable", reason="none")

    def failing() -> bool:
        nonlocal given
        given += 1
        send(record(f"while-broken-{given}"))
        return jobs.sum("agents_refresh_failures") >= failures + 2 and jobs.sum("agents_age_seconds") >= 2

    def went_on() -> bool:
        return jobs.sum("outcome_reason_records", outcome="billable", reason="none") == billable + given

    await_metric("the table is old", failing)
    await_metric("records went on", went_on)

    # Mended, with the agent whose contact was held.
    live.agents.write_text(TABLE + f"{NEW_AGENT},0042\n")

    def joined() -> bool:
        send(record("held", extension=None, agent_id=NEW_AGENT))
        return jobs.sum("outcome_reason_records", outcome="billable", reason="none") > billable + given

    await_metric("the held contact has its extension", joined)
    live.agents.write_text(TABLE)
