"""Consult legs at a release: reported, or not billed, in every version, its amendments and its totals."""

import json

import pytest

from jobs.releases.verify.against_ledger import LedgerVerifier
from jobs.settings import settings as wanted
from jobs.settings.digests import rules_digest
from jobs.settings.settings import Settings
from jobs.suspense.held import read_held
from sinks.store import LocalStore
from tests.support.desk import AGENTS, Desk
from tests.support.ledgers import NO_AGENTS
from tests.support.records import DATE, payload
from tests.support.suspense import LATER, NEW_VERSION, Suspense
from tests.support.verification import check
from transforms.records.extension import AgentHistory

EXCLUDE = Settings(billing=wanted.Billing(consult_legs="exclude"))
# Five minutes of talk and two on hold, of which the consult leg takes 100 seconds.
FIRST = (
    "Agent.AgentInteractionDuration = 300; Agent.CustomerHoldDuration = 120; "
    'DisconnectTimestamp = "2026-03-01T10:07:20Z"'
)
CONSULT = (
    'ContactId = "leg-2"; InitiationMethod = "TRANSFER"; InitialContactId = "call-1"; Agent.CustomerHoldDuration = 0; '
    'Agent.ConnectedToAgentTimestamp = "2026-03-01T10:02:00Z"; Agent.AgentInteractionDuration = 100; '
    'Attributes.extensionNumber = "0043"; DisconnectTimestamp = "2026-03-01T10:03:40Z"'
)
NEWER = '; LastUpdateTimestamp = "2026-03-07T00:00:00Z"'
FINDING = [["call-1", "leg-2"]]


def findings(desk: Desk, version: int) -> object:
    audit = json.loads(desk.files("audit")[f"billing_date={DATE}/v{version:04d}.json"])
    return audit["chains"]["consult_leg"]


def ids(desk: Desk, version: int) -> list[str]:
    return [line["contact_id"] for line in desk.lines(version)]


def amendments(desk: Desk, version: int) -> list[tuple[str, str]]:
    return [(row["amendment"], row["contact_id"] or row["previous_contact_id"]) for row in desk.amendments(version)]


def against(desk: Desk, settings: Settings, agents: AgentHistory = NO_AGENTS) -> list[str]:
    audits = LocalStore(desk.root / "audit")
    return [*LedgerVerifier(desk.ledger, desk.partner, audits, settings, agents).findings(DATE)]


def test_a_consult_leg_is_reported_or_not_billed(desk: Desk) -> None:
    desk.deliver(FIRST, CONSULT)
    reported = desk.release()
    assert (reported.control.billed, reported.control.excluded, reported.findings) == (2, {}, 1)
    excluded = desk.release(settings=EXCLUDE)
    assert (excluded.version, excluded.control.billed, excluded.control.excluded) == (2, 1, {"consult": 1})
    assert (excluded.control.call_seconds, excluded.failures, excluded.findings) == (420, (), 1)
    assert ids(desk, 2) == ["call-1"]
    assert amendments(desk, 2) == [("WITHDRAWN", "leg-2")]
    assert findings(desk, 1) == findings(desk, 2) == FINDING
    assert desk.manifest(1)["settings_digest"] != desk.manifest(2)["settings_digest"]
    assert check(desk.partner).findings == ()
    assert against(desk, EXCLUDE) == []
    assert any("other lines (1 added)" in finding for finding in against(desk, Settings()))


def test_a_leg_billed_before_is_withdrawn_when_the_other_leg_comes_and_is_billed_again_without_it(desk: Desk) -> None:
    desk.deliver(CONSULT)
    assert desk.release(settings=EXCLUDE).control.billed == 1
    desk.deliver(FIRST)
    assert desk.release(settings=EXCLUDE).control.excluded == {"consult": 1}
    assert amendments(desk, 2) == [("ADDED", "call-1"), ("WITHDRAWN", "leg-2")]
    desk.deliver(f"{FIRST}; Agent.CustomerHoldDuration = 99{NEWER}")
    last = desk.release(settings=EXCLUDE)
    assert (last.control.billed, last.control.excluded, last.control.superseded) == (2, {}, 1)
    assert amendments(desk, 3) == [("ADDED", "leg-2"), ("CHANGED", "call-1")]
    assert against(desk, EXCLUDE) == []


@pytest.mark.parametrize("unknown", ["first", "consult", "both"])
def test_agents_do_not_decide_which_leg_is_a_consult_leg(unknown: str, desk: Desk) -> None:
    no_extension = "; Attributes = null"
    desk.deliver(
        FIRST + (no_extension if unknown != "consult" else ""), CONSULT + (no_extension if unknown != "first" else "")
    )
    held = desk.release(settings=EXCLUDE).control
    assert held.excluded == {"consult": 1}
    assert (held.billed, held.held) == ((1, 0) if unknown == "consult" else (0, 1))
    waiting = read_held(desk.ledger, DATE, (), NO_AGENTS, EXCLUDE.rules)
    assert [row.contact_id for row in waiting] == ([] if unknown == "consult" else ["call-1"])
    known = desk.release(AGENTS, settings=EXCLUDE).control
    assert (known.billed, known.held, known.excluded) == (1, 0, {"consult": 1})
    assert against(desk, EXCLUDE, AGENTS) == []


def test_on_a_date_that_is_not_billed_no_leg_is_a_consult_leg(desk: Desk) -> None:
    desk.deliver(FIRST, CONSULT)
    settings = Settings(EXCLUDE.billing, release=wanted.Release(not_billed=(DATE,)))
    assert desk.release(settings=settings).control.excluded == {"not_billed": 2}


def test_superseded_and_repeated_deliveries_are_counted_as_such(desk: Desk) -> None:
    desk.deliver(FIRST, CONSULT, CONSULT, CONSULT + NEWER, f"{FIRST}; Agent.CustomerHoldDuration = 0")
    desk.deliver(FIRST + NEWER)
    control = desk.release(settings=EXCLUDE).control
    assert (control.read, control.superseded, control.duplicate) == (6, 4, 0)
    assert (control.billed, control.excluded) == (1, {"consult": 1})


def test_a_recycled_leg_is_a_leg(suspense: Suspense) -> None:
    suspense.read(payload(FIRST), payload(f"{NEW_VERSION}; {CONSULT}"))
    suspense.read(payload(f'{NEW_VERSION}; {CONSULT}; ContactId = "leg-3"'), live=True)
    settings = Settings(EXCLUDE.billing, LATER.records)
    assert suspense.release(DATE, settings).control.quarantined == {"unsupported_version": 2}
    suspense.recycle()
    assert not suspense.release(DATE, settings).new
    control = suspense.releases(settings).preview_date(DATE).control
    assert (control.read, control.billed, control.excluded, control.quarantined) == (3, 1, {"consult": 2}, {})


@pytest.mark.parametrize("method", ["INBOUND", "QUEUE_TRANSFER", "CALLBACK", "API"])
def test_only_a_transfer_is_a_consult_leg(method: str, desk: Desk) -> None:
    desk.deliver(FIRST, f'{CONSULT}; InitiationMethod = "{method}"')
    released = desk.release(settings=EXCLUDE)
    assert (released.control.billed, released.control.excluded, findings(desk, 1)) == (2, {}, [])


def test_another_choice_does_not_have_the_archive_read_again() -> None:
    assert rules_digest(EXCLUDE) == rules_digest(Settings())
    assert rules_digest(Settings(wanted.Billing(minimum_call_seconds=2))) != rules_digest(Settings())
