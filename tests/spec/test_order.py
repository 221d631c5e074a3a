"""The first rule that matches decides: every rule against every later one, in one record."""

from itertools import combinations

import pytest

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from tests.support.tables import Row, table
from transforms.records.outcome import outcome

# In the order of the rules table: what makes a plain answered call match, and what it becomes then.
MATCHES = table("""
| rule | the record differs by                                              | becomes                   |
|------|--------------------------------------------------------------------|---------------------------|
| 2    | ContactId absent; EventType = "LOGIN"; AgentARN = "a"              | agent_event               |
| 2    | ContactId absent; eventType = "QUEUED"; contactId = "c"            | contact_event             |
| 3    | AWSContactTraceRecordFormatVersion = "2031-01-01"                  | unsupported_version       |
| 4    | LastUpdateTimestamp = null                                         | missing_field             |
| 4    | Recordings = [5]                                                   | wrong_type                |
| 4    | ConnectedToSystemTimestamp = "yesterday"                           | bad_timestamp             |
| 4b   | LastUpdateTimestamp = "1970-01-01T00:00:00Z"                       | implausible_time          |
| 5    | Channel = "TASK"                                                   | channel                   |
| 6    | InitiationMethod = "FLOW"                                          | unknown_initiation_method |
| 7    | InitiationMethod = "MONITOR"                                       | monitoring                |
| 7    | InitiationMethod = "DISCONNECT"                                    | disconnect_flow           |
| 7    | InitiationMethod = "EXTERNAL_OUTBOUND"                             | third_party               |
| 7b   | SystemEndpoint.Address = "+12025550101"                            | internal                  |
| 8    | Agent.ConnectedToAgentTimestamp = null; Attributes.vm_flag = "1"   | voicemail                 |
| 9    | Agent.ConnectedToAgentTimestamp = null; Queue = {"Name": "Care"}   | abandoned                 |
| 10   | Agent.ConnectedToAgentTimestamp = null; Queue = null               | no_agent                  |
| 11   | AnsweringMachineDetectionStatus = "VOICEMAIL_BEEP"                 | answering_machine         |
| 12   | InitiationMethod = "API"; ConnectedToSystemTimestamp = null        | unanswered                |
| 13   | DisconnectTimestamp = null                                         | missing_field             |
| 13   | Agent.CustomerHoldDuration = -5                                    | negative_duration         |
| 13   | DisconnectTimestamp = "2026-03-01T09:00:00Z"                       | inconsistent_times        |
| 13b  | Agent.AgentInteractionDuration = 5000                              | implausible_duration      |
| 14   | Agent.AgentInteractionDuration = 0; Agent.CustomerHoldDuration = 0 | below_minimum             |
| 14b  | DisconnectTimestamp = "2026-03-01T10:00:10Z"                       | caller_left               |
| 15   | Attributes.extensionNumber = "Timeout"                             | extension_unmatched       |
""")

# Rule 1 comes before all others, whatever a part of the payload looks like.
UNREADABLE = table(r"""
| payload                                              | becomes       |
|------------------------------------------------------|---------------|
| {"EventType": "LOGIN", "AgentARN": "a", "x": "\xff"} | not_utf8      |
| {"EventType": "LOGIN", "AgentARN": "a", }            | not_json      |
| {"AWSContactTraceRecordFormatVersion": "2031-01-01"  | not_json      |
| [{"EventType": "LOGIN", "AgentARN": "a"}]            | not_an_object |
""")


def _differences(row: Row) -> dict[str, str]:
    parts = row["the record differs by"].split("; ")
    return {part.split(" ")[0]: part for part in parts}


def _together(first: Row, second: Row) -> str | None:
    """The differences of both; None where they contradict each other, so that no record has both."""
    one, other = _differences(first), _differences(second)
    if any(one[path] != other[path] for path in one.keys() & other.keys()):
        return None
    return "; ".join((one | other).values())


def _pairs() -> list[object]:
    found = []
    for first, second in combinations(MATCHES, 2):
        both = _together(first, second)
        if both is not None:
            name = f"{first['rule']} {first['becomes']} before {second['rule']} {second['becomes']}"
            found.append(pytest.param(both, first["becomes"], id=name))
    return found


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row['rule']} {row['becomes']}") for row in MATCHES])
def test_each_rule_by_itself(row: Row) -> None:
    assert outcome(payload(row["the record differs by"]), NO_AGENTS, RULES).reason == row["becomes"]


@pytest.mark.parametrize(("differences", "reason"), _pairs())
def test_the_first_rule_decides(differences: str, reason: str) -> None:
    assert outcome(payload(differences), NO_AGENTS, RULES).reason == reason


def test_within_rule_13_what_is_missing_comes_first() -> None:
    missing = "Agent.AgentInteractionDuration = null; Agent.CustomerHoldDuration = -5"
    assert outcome(payload(missing), NO_AGENTS, RULES).reason == "missing_field"


# In the order in which they are looked at.
TIMESTAMPS = (
    "InitiationTimestamp",
    "LastUpdateTimestamp",
    "Agent.ConnectedToAgentTimestamp",
    "ConnectedToSystemTimestamp",
    "DisconnectTimestamp",
)


@pytest.mark.parametrize(("first", "second"), [*combinations(TIMESTAMPS, 2)])
def test_of_two_bad_timestamps_the_first_is_named(first: str, second: str) -> None:
    row = outcome(payload(f'{second} = "yesterday"; {first} = "today"'), NO_AGENTS, RULES)
    assert (row.reason, row.detail) == ("bad_timestamp", first)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["becomes"]) for row in UNREADABLE])
def test_unreadable_comes_first(row: Row) -> None:
    data = row["payload"].encode().replace(rb"\xff", b"\xff")
    assert outcome(data, NO_AGENTS, RULES).reason == row["becomes"]
