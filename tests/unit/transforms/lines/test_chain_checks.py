"""Chain sanity: each rule finds what it should and nothing else; findings are told by contact ids alone."""

import json
from pathlib import Path

import pytest

from jobs.releases.results import ReleaseResult
from tests.support.chains import calls, found
from tests.support.desk import Desk
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import DATE, payload
from tests.support.tables import Row, cases
from transforms.lines import chain_checks as chains
from transforms.records.outcome import outcome

# Findings with `,` between them, their contact ids with blanks.
CASES = """
| calls                                                          | legs overlap | longer | billed twice | consult leg |
|----------------------------------------------------------------|--------------|--------|--------------|-------------|
| a 0+60; b 60+60 of a                                           |              |        |              |             |
| a 0+60; b 59+60 of a                                           | a b          |        |              |             |
| a 30+60 of b; b 0+60                                           | a b          |        |              |             |
| a 0+60; b 0+60 of a                                            | a b          |        |              |             |
| a 0+60; b 10+20 of a                                           | a b          |        |              |             |
| a 0+60 of a; b 10+20 of a                                      | a b          |        |              |             |
| b 0+60 of a; c 30+60 of a                                      | b c          |        |              |             |
| b 0+60 of a; c 30+60 of b                                      |              |        | b c          |             |
| a 0+20; b 10+20 of a; c 30+20 of a; d 40+20 of a               | a b, c d     |        |              |             |
| a 0+60; b 30+60 of a ext 0043                                  |              |        |              |             |
| a 0+60; b 30+60 of a phone +12025550102                        | a b          |        |              |             |
| a 0+60 phone null; b 30+60 of a phone null                     | a b          |        |              |             |
| a 0+60; b 30+60 of a excluded                                  |              |        |              |             |
| a 0+60 ext null; b 30+60 of a ext null                         |              |        |              |             |
| a 0+60; b 30+0 of a                                            |              |        |              |             |
| a 0+100; b 10+20 of a; c 90+20 of a                            | a b c        |        |              |             |
| a 0+20; b 10+20 of a; c 25+20 of a                             | a b c        |        |              |             |
| a 0+20; b 10+20 of a; c 30+20 of a                             | a b          |        |              |             |
| a 0+20; b 10+20 of a; c 100+20 of a; d 110+20 of a             | a b, c d     |        |              |             |
| a 0+60; b 30+60                                                |              |        | a b          |             |
| a 0+60; b 60+60                                                |              |        |              |             |
| a 0+60; b 30+0                                                 |              |        |              |             |
| a 0+60; b 30+60 ext 0043                                       |              |        |              |             |
| a 0+60; b 30+60 phone +12025550102                             |              |        |              |             |
| a 0+60 phone null; b 30+60 phone null                          |              |        |              |             |
| a 0+60 phone null; b 30+60                                     |              |        |              |             |
| a 0+60; b 30+60 excluded                                       |              |        |              |             |
| a 0+60; b 30+60; c 80+60                                       |              |        | a b c        |             |
| a 0+20; b 10+20; c 30+20; d 40+20                              |              |        | a b, c d     |             |
| a 0+60; b 30+60 of a; c 50+60                                  | a b          |        | a b c        |             |
| a 0+60 from 0 to 60                                            |              |        |              |             |
| a 0+60 from 0 to 59                                            |              | a      |              |             |
| a 0+60 from 0 to 30; b 70+20 of a                              |              |        |              |             |
| a 0+60 from 0 to 30; b 70+20 of a excluded                     |              |        |              |             |
| a 0+60 from 0 to 30; b 70+20                                   |              | a      |              |             |
| a 0+60 from 0 to 30; b 10+10 of a from 5 to 50 ext 0043        |              | a      |              |             |
| b 0+60 of a from 0 to 30; c 0+70 of a from 0 to 50 ext 0043    |              | b, c   |              |             |
| a 0+60 from 0 to 30 excluded                                   |              |        |              |             |
| a 0+60 hold 20; b 20+20 of a transfer ext 0043                 |              |        |              | a b         |
| a 0+60 hold 19; b 20+20 of a transfer ext 0043                 |              |        |              |             |
| a 0+60 hold 20; b 20+20 of a ext 0043                          |              |        |              |             |
| a 0+60 hold 20; b 20+20 transfer ext 0043                      |              |        |              |             |
| a 0+60 hold 20; b 0+20 of a transfer ext 0043                  |              |        |              | a b         |
| a 0+60 hold 20; b 40+20 of a transfer ext 0043                 |              |        |              | a b         |
| a 1+60 hold 20; b 0+20 of a transfer ext 0043                  |              |        |              |             |
| a 0+60 hold 20; b 41+20 of a transfer ext 0043                 |              |        |              |             |
| a 0+60 hold 20; b 60+20 of a transfer ext 0043                 |              |        |              |             |
| a 0+60 hold 60; b 20+0 of a transfer ext 0043                  |              |        |              |             |
| a 0+60 hold 60; b 0+60 hold 60 of a transfer ext 0043          |              |        |              | a b         |
| a 0+60 hold 60 of b transfer; b 0+60 hold 60 transfer ext 0043 |              |        |              | a b         |
| a 0+60 hold 40; b 5+40 hold 9 of a transfer ext 3; c 9+9 of a transfer ext 4 | |      |              | a b, a c    |
| a 0+60 hold 10; b 5+40 hold 9 of a transfer ext 3; c 9+9 of a transfer ext 4 | |      |              | a c         |
| a 0+60 hold 8; b 5+40 hold 9 of a transfer ext 3; c 9+9 of a transfer ext 4  | |      |              | b c         |
| c 0+60 hold 20 of a; b 20+20 of a transfer ext 0043            |              |        |              | b c         |
| a 0+60 hold 20 ext null; b 20+20 of a transfer ext 0043        |              |        |              | a b         |
| a 0+60 hold 20; b 20+20 of a transfer ext null                 |              |        |              | a b         |
| a 0+60 hold 20 excluded; b 20+20 of a transfer ext 0043        |              |        |              |             |
| a 0+60 hold 20; b 20+20 of a transfer ext 0043 excluded        |              |        |              |             |
| a 0+60 hold 20; b 20+20 of a transfer                          | a b          |        |              | a b         |
"""


@pytest.mark.parametrize("row", cases(CASES))
def test_what_is_found(row: Row, tmp_path: Path) -> None:
    told = found(calls(row["calls"]), tmp_path)
    assert [", ".join(" ".join(ids) for ids in told[rule]) for rule in chains.RULES] == list(row.values())[1:]
    assert tuple(told) == chains.RULES


def test_a_hostile_duration_is_only_long(tmp_path: Path) -> None:
    told = found(calls(f"a 0+{2**63 - 1} to 60; b 30+60 of a; c 40+60"), tmp_path)
    assert told == {
        "legs_overlap": (("a", "b"),),
        "leg_longer_than_chain": (("a",),),
        "patient_billed_twice": (("a", "b", "c"),),
        "consult_leg": (),
    }


def test_fractions_count(tmp_path: Path) -> None:
    rows = calls("a 0+60; b 60+60 of a")
    assert rows[1].connected_at is not None
    rows[1].connected_at -= 1
    assert found(rows, tmp_path)["legs_overlap"] == (("a", "b"),)


SECOND_LEG = 'ContactId = "leg-2"; InitiationMethod = "TRANSFER"; InitialContactId = "call-1"'
TWICE = 'ContactId = "call-2"'


def audit(desk: Desk, version: int = 1) -> dict[str, object]:
    told: dict[str, object] = json.loads(desk.files("audit")[f"billing_date={DATE}/v{version:04d}.json"])
    return told


def test_the_audit_lists_contacts_counts_them_and_has_no_phone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("", SECOND_LEG, TWICE)
    released = desk.release()
    assert released.new
    assert released.findings == 2
    told = audit(desk)
    assert told["chains"] == {
        "legs_overlap": [["call-1", "leg-2"]],
        "leg_longer_than_chain": [],
        "patient_billed_twice": [["call-1", "call-2", "leg-2"]],
        "consult_leg": [],
    }
    counted = {"legs_overlap": 1, "leg_longer_than_chain": 0, "patient_billed_twice": 1, "consult_leg": 0}
    assert told["warnings"] == {"extension_conflict": 0, "patient_phone_withheld": 0, **counted}
    assert "202555" not in json.dumps(told)
    assert not any(b"overlap" in data for data in desk.files().values())


def test_a_leg_that_is_withdrawn_or_superseded_is_not_seen(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("", SECOND_LEG, TWICE)
    desk.release()
    later = '; LastUpdateTimestamp = "2026-03-07T00:00:00Z"'
    moved = '; Agent.ConnectedToAgentTimestamp = "2026-03-01T12:00:00Z"; DisconnectTimestamp = "2026-03-01T13:00:00Z"'
    desk.deliver(SECOND_LEG + moved + later, f'{TWICE}; AnsweringMachineDetectionStatus = "FAX_X"{later}')
    assert desk.release().findings == 0
    assert audit(desk, 2)["chains"] == {rule: [] for rule in chains.RULES}


@pytest.mark.parametrize("value", ["5", "null", '""', "{}", '["call-1"]', "1e999", '"\\ud800"', "true", "9" * 5000])
def test_a_chain_that_is_no_text_is_none_and_stops_nothing(value: str) -> None:
    given = payload('InitialContactId = "call-0"')
    row = outcome(given.replace(b'"call-0"', value.encode()), NO_AGENTS, RULES)
    assert row == outcome(payload(), NO_AGENTS, RULES)
    assert row != outcome(given, NO_AGENTS, RULES)


def test_of_equals_it_does_not_matter_which_is_the_duplicate(tmp_path: Path) -> None:
    """The greatest of their chains counts."""
    said = []
    other = SECOND_LEG.replace("call-1", "call-0")
    orders = [("", SECOND_LEG), (SECOND_LEG, ""), (other, SECOND_LEG), (SECOND_LEG, other), (other, "", SECOND_LEG)]
    for name, deliveries in zip("abcde", orders, strict=True):
        desk = Desk(tmp_path / name)
        desk.deliver(
            'ContactId = "call-1"', *(f'{d}; ContactId = "leg-2"; InitiationMethod = "INBOUND"' for d in deliveries)
        )
        assert desk.release().control.duplicate == len(deliveries) - 1
        said.append(audit(desk)["chains"])
    assert all(one == said[0] for one in said)
    assert said[0]["legs_overlap"] == [["call-1", "leg-2"]]  # type: ignore[index]


def test_the_console_says_how_many(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("")
    quiet = desk.release()
    desk.deliver(TWICE)
    told = [line for line in ReleaseResult(False, (quiet, desk.release())).text().splitlines() if "finding" in line]
    assert told == [f"{DATE}: 1 chain finding (see {tmp_path / 'audit'}/billing_date={DATE}/v0002.json)"]
