"""Rules 2 to 4: agent events, versions, required fields, types and timestamps.

Every record differs from the plain answered call (tests/support/records.py) by what is written.
"""

import pytest

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from tests.support.tables import Row, cases
from transforms.records.outcome import outcome

AGENT_EVENTS = """
| the record differs by                                     | becomes                             |
|-----------------------------------------------------------|-------------------------------------|
| ContactId absent; EventType = "LOGIN"; AgentARN = "a"     | excluded agent_event                |
| ContactId = null; EventType = "LOGIN"; AgentARN = "a"     | excluded agent_event                |
| ContactId absent; EventType = 1; AgentARN = {}; Agent = 5 | excluded agent_event                |
| ContactId absent; EventType = "\\ud800"; AgentARN = "a"   | excluded agent_event                |
| ContactId absent; AgentARN = "a"                          | quarantined missing_field ContactId |
| ContactId absent; EventType = "LOGIN"; AgentARN = null    | quarantined missing_field ContactId |
| ContactId = ""; EventType = "LOGIN"; AgentARN = "a"       | quarantined missing_field ContactId |
| ContactId = 5; EventType = "LOGIN"; AgentARN = "a"        | quarantined wrong_type ContactId    |
| EventType = "LOGIN"; AgentARN = "a"                       | billable                            |
"""

VERSIONS = """
| the record differs by                               | becomes                         |
|-----------------------------------------------------|---------------------------------|
| AWSContactTraceRecordFormatVersion = "2017-03-10"   | billable                        |
| AWSContactTraceRecordFormatVersion absent           | billable                        |
| AWSContactTraceRecordFormatVersion = null           | billable                        |
| AWSContactTraceRecordFormatVersion = "2031-01-01"   | quarantined unsupported_version |
| AWSContactTraceRecordFormatVersion = ""             | quarantined unsupported_version |
| AWSContactTraceRecordFormatVersion = 20170310       | quarantined unsupported_version |
| AWSContactTraceRecordFormatVersion = ["2017-03-10"] | quarantined unsupported_version |
| AWSContactTraceRecordFormatVersion = "\\ud800"      | quarantined unsupported_version |
"""

REQUIRED = """
| the record differs by      | becomes                                       |
|----------------------------|-----------------------------------------------|
| ContactId absent           | quarantined missing_field ContactId           |
| ContactId = ""             | quarantined missing_field ContactId           |
| ContactId = " "            | billable                                      |
| InitiationTimestamp = null | quarantined missing_field InitiationTimestamp |
| InitiationTimestamp = ""   | quarantined missing_field InitiationTimestamp |
| InitiationMethod absent    | quarantined missing_field InitiationMethod    |
| InitiationMethod = ""      | quarantined missing_field InitiationMethod    |
| Channel absent             | quarantined missing_field Channel             |
| Channel = ""               | quarantined missing_field Channel             |
| LastUpdateTimestamp = null | quarantined missing_field LastUpdateTimestamp |
| LastUpdateTimestamp = ""   | quarantined missing_field LastUpdateTimestamp |
| CustomerEndpoint absent    | billable                                      |
| DisconnectReason absent    | billable                                      |
| Recordings absent          | billable                                      |
"""

# All of these are quarantined as wrong_type; the second column is the field that is named.
WRONG_TYPES = """
| the record differs by                                 | field                           |
|-------------------------------------------------------|---------------------------------|
| ContactId = 5                                         | ContactId                       |
| ContactId = []                                        | ContactId                       |
| ContactId = "\\ud800"                                 | ContactId                       |
| InitiationMethod = ["INBOUND"]                        | InitiationMethod                |
| Channel = true                                        | Channel                         |
| InitiationTimestamp = 1772359200                      | InitiationTimestamp             |
| LastUpdateTimestamp = 1772359200                      | LastUpdateTimestamp             |
| Agent = "nurse-1"                                     | Agent                           |
| Agent = []                                            | Agent                           |
| Agent.ARN = 5                                         | Agent.ARN                       |
| Agent.ConnectedToAgentTimestamp = 5                   | Agent.ConnectedToAgentTimestamp |
| Agent.AgentInteractionDuration = 45.0                 | Agent.AgentInteractionDuration  |
| Agent.AgentInteractionDuration = "45"                 | Agent.AgentInteractionDuration  |
| Agent.AgentInteractionDuration = true                 | Agent.AgentInteractionDuration  |
| Agent.AgentInteractionDuration = 9223372036854775808  | Agent.AgentInteractionDuration  |
| Agent.AgentInteractionDuration = -9223372036854775809 | Agent.AgentInteractionDuration  |
| Agent.CustomerHoldDuration = "5"                      | Agent.CustomerHoldDuration      |
| Agent.CustomerHoldDuration = 1e1                      | Agent.CustomerHoldDuration      |
| Attributes = []                                       | Attributes                      |
| Attributes.extensionNumber = 42                       | Attributes.extensionNumber      |
| Queue = "Scheduling"                                  | Queue                           |
| Recordings = {}                                       | Recordings                      |
| Recordings = ["call.wav"]                             | Recordings[0]                   |
| Recordings = [{"StorageType": "S3"}, null]            | Recordings[1]                   |
| Recordings = [{"StorageType": 5}]                     | Recordings[0].StorageType       |
| Recordings = [{"ParticipantType": []}]                | Recordings[0].ParticipantType   |
| CustomerEndpoint = "+12025550101"                     | CustomerEndpoint                |
| CustomerEndpoint.Address = 12025550101                | CustomerEndpoint.Address        |
| DisconnectReason = 5                                  | DisconnectReason                |
| AnsweringMachineDetectionStatus = true                | AnsweringMachineDetectionStatus |
| ConnectedToSystemTimestamp = 5                        | ConnectedToSystemTimestamp      |
| DisconnectTimestamp = 5                               | DisconnectTimestamp             |
| Channel = "CHAT"; Queue = 5                           | Queue                           |
| InitiationMethod = "MONITOR"; Queue = 5               | Queue                           |
"""

# "Nothing else is" checked: the flags may be anything, and so may all that no rule reads.
TYPES_THAT_DO_NOT_MATTER = """
| the record differs by                                 | becomes            |
|-------------------------------------------------------|--------------------|
| Attributes.vm_flag = 5; Attributes.vmx3_flag = [true] | billable           |
| Attributes.vm_flag = "\\ud800"                        | billable           |
| Attributes.vm_flag = {"a": 123456789012345678901234}  | billable           |
| Attributes = {"extensionNumber": "7", "\\ud800": "x"} | billable           |
| Agent.Unknown = {"\\ud800": "\\ud800"}                | billable           |
| Attributes.callback = true                            | billable           |
| Queue.Name = 5                                        | billable           |
| SystemEndpoint = 5; References = "x"; Campaign = []   | billable           |
| Agent.Username = 5; Agent.RoutingProfile = "x"        | billable           |
| CustomerEndpoint.Type = 5                             | billable           |
| Agent.AgentInteractionDuration = 9223372036854775802  | billable           |
| Agent = {}                                            | excluded abandoned |
| Agent = null                                          | excluded abandoned |
"""

# All of these are quarantined as bad_timestamp.
BAD_TIMES = """
| the record differs by                                    | field                           |
|----------------------------------------------------------|---------------------------------|
| InitiationTimestamp = "2026-03-01T10:00:00"              | InitiationTimestamp             |
| LastUpdateTimestamp = "03/01/2026 10:00"                 | LastUpdateTimestamp             |
| Agent.ConnectedToAgentTimestamp = "2026-02-30T10:00:00Z" | Agent.ConnectedToAgentTimestamp |
| Agent.ConnectedToAgentTimestamp = ""                     | Agent.ConnectedToAgentTimestamp |
| ConnectedToSystemTimestamp = "yesterday"                 | ConnectedToSystemTimestamp      |
| DisconnectTimestamp = ""                                 | DisconnectTimestamp             |
| Channel = "CHAT"; DisconnectTimestamp = "x"              | DisconnectTimestamp             |
"""

# For reports alone: whatever they hold, the call is billed. Plain: Scheduling, no durations.
REPORTED = """
| the record differs by                                          | queue      | waited | afterwards |
|----------------------------------------------------------------|------------|--------|------------|
| DisconnectReason = "CUSTOMER_DISCONNECT"                       | Scheduling |        |            |
| Queue.Duration = 70; Agent.AfterContactWorkDuration = 45       | Scheduling | 70     | 45         |
| Queue.Duration = 0; Agent.AfterContactWorkDuration = 0         | Scheduling | 0      | 0          |
| Queue.Name = null; Queue.Duration = 3                          |            | 3      |            |
| Queue = null; Agent.AfterContactWorkDuration = null            |            |        |            |
| Queue.Name = 5; Queue.Duration = "70"                          |            |        |            |
| Queue.Name = "\\ud800"                                         |            |        |            |
| Queue.Duration = -1; Agent.AfterContactWorkDuration = true     | Scheduling |        |            |
| Queue.Duration = 1e2; Agent.AfterContactWorkDuration = []      | Scheduling |        |            |
| Queue.Duration = 9223372036854775808                           | Scheduling |        |            |
| Queue.Duration = 9223372036854775807                           | Scheduling | 9223372036854775807 | |
"""


def becomes(differences: str) -> str:
    """Outcome, reason and detail of the record, as far as there are such."""
    found = outcome(payload(differences), NO_AGENTS, RULES)
    return " ".join(filter(None, (found.outcome, found.reason, found.detail)))


@pytest.mark.parametrize(
    "row", [*cases(AGENT_EVENTS), *cases(VERSIONS), *cases(REQUIRED), *cases(TYPES_THAT_DO_NOT_MATTER)]
)
def test_fields(row: Row) -> None:
    assert becomes(row["the record differs by"]) == row["becomes"]


@pytest.mark.parametrize(
    ("differences", "method"),
    [
        ("", "INBOUND"),
        ('InitiationMethod = "TRANSFER"', "TRANSFER"),
        ('InitiationMethod = "CALLBACK"', "CALLBACK"),
        ('InitiationMethod = "MONITOR"', None),
        ('InitiationMethod = "+12025550101"', None),
    ],
)
def test_only_methods_that_the_settings_name_are_kept(differences: str, method: str | None) -> None:
    """Any other value may be anything."""
    assert outcome(payload(differences), NO_AGENTS, RULES).initiation_method == method


@pytest.mark.parametrize("row", cases(REPORTED))
def test_what_is_for_reports_alone(row: Row) -> None:
    found = outcome(payload(row["the record differs by"]), NO_AGENTS, RULES)
    assert found.outcome == "billable"
    told = (found.queue_name, found.queue_seconds, found.after_contact_work_seconds)
    assert ["" if value is None else str(value) for value in told] == [row["queue"], row["waited"], row["afterwards"]]


@pytest.mark.parametrize("row", cases(WRONG_TYPES))
def test_wrong_type(row: Row) -> None:
    assert becomes(row["the record differs by"]) == f"quarantined wrong_type {row['field']}"


@pytest.mark.parametrize("row", cases(BAD_TIMES))
def test_bad_timestamp(row: Row) -> None:
    assert becomes(row["the record differs by"]) == f"quarantined bad_timestamp {row['field']}"


def test_a_time_that_no_rule_reads_is_not_checked() -> None:
    assert becomes('Agent.AfterContactWorkStartTimestamp = "x"; Queue.EnqueueTimestamp = 1') == "billable"
