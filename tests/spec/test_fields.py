"""Rules 2 to 4b: events, versions, required fields, types and timestamps.

Every record differs from the plain answered call (tests/support/records.py) by what is written.
"""

import json
from datetime import date

import pytest

from schemas.billing_rules import Rules
from schemas.outcome import OutcomeRow
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import CONTACT_EVENT, changed, payload
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

# Differences from EventBridge's event of the plain call. Events have no other fields of a row.
CONTACT_EVENTS = """
| the event differs by                                     | becomes                                       |
|----------------------------------------------------------|-----------------------------------------------|
| detail.eventType = "INITIATED"                           | excluded contact_event                        |
| detail.eventType = "A_TYPE_TO_COME"                      | excluded contact_event                        |
| detail = {"eventType": "QUEUED", "contactId": "c"}       | excluded contact_event                        |
| time absent; resources = 5; Channel = 5                  | excluded contact_event                        |
| ContactId = null; id = "\\ud800"                         | excluded contact_event                        |
| AgentARN = "a"; AWSContactTraceRecordFormatVersion = "x" | excluded contact_event                        |
| EventType = "LOGIN"; AgentARN = "a"                      | excluded agent_event                          |
| ContactId = ""                                           | quarantined missing_field ContactId           |
| ContactId = "c"                                          | quarantined missing_field InitiationTimestamp |
| source = "a.clinic"                                      | quarantined missing_field ContactId           |
| source absent                                            | quarantined missing_field ContactId           |
| detail-type = "Contact Lens Analysis State Change"       | quarantined missing_field ContactId           |
| detail = null                                            | quarantined missing_field ContactId           |
| detail = []                                              | quarantined missing_field ContactId           |
| detail.eventType absent                                  | quarantined missing_field ContactId           |
| detail.eventType = "connected"                           | quarantined missing_field ContactId           |
| detail.eventType = ["QUEUED"]                            | quarantined missing_field ContactId           |
| detail.contactId = ""                                    | quarantined missing_field ContactId           |
| detail.contactId = 5                                     | quarantined missing_field ContactId           |
"""

# Differences from the event itself, without EventBridge's envelope.
BARE_EVENTS = """
| the event differs by                    | becomes                             |
|-----------------------------------------|-------------------------------------|
| eventType = "DISCONNECTED"              | excluded contact_event              |
| eventType = "COMPLETED"; channel absent | excluded contact_event              |
| source = "a.clinic"; detail = 5         | excluded contact_event              |
| eventType = null                        | quarantined missing_field ContactId |
| eventType = "QUEUED\\n"                 | quarantined missing_field ContactId |
| contactId absent                        | quarantined missing_field ContactId |
"""

ZERO = '"1970-01-01T00:00:00Z"'
# Before 28 March 2017, when Amazon Connect began, or another date in `earliest`: all are quarantined.
IMPLAUSIBLE_TIMES = f"""
| the record differs by                                          | field                           | date       |
|----------------------------------------------------------------|---------------------------------|------------|
| InitiationTimestamp = {ZERO}                                   | InitiationTimestamp             | unknown    |
| InitiationTimestamp = "2017-03-27T23:59:59.999999Z"            | InitiationTimestamp             | unknown    |
| LastUpdateTimestamp = {ZERO}                                   | LastUpdateTimestamp             | 2026-03-01 |
| Agent.ConnectedToAgentTimestamp = {ZERO}                       | Agent.ConnectedToAgentTimestamp | 2026-03-01 |
| DisconnectTimestamp = {ZERO}                                   | DisconnectTimestamp             | 2026-03-01 |
| DisconnectTimestamp = "2017-03-28T00:59:59+01:00"              | DisconnectTimestamp             | 2026-03-01 |
| DisconnectTimestamp = "0001-01-01T00:00:00Z"; Channel = "CHAT" | DisconnectTimestamp             | 2026-03-01 |
| InitiationTimestamp = {ZERO}; DisconnectTimestamp = {ZERO}     | InitiationTimestamp             | unknown    |
| LastUpdateTimestamp = {ZERO}; DisconnectTimestamp = {ZERO}     | LastUpdateTimestamp             | 2026-03-01 |
"""

# Of these, the initiation gives no date either, whatever the reason.
WITHOUT_DATE = f"""
| the record differs by                                                  | becomes                         |
|------------------------------------------------------------------------|---------------------------------|
| InitiationTimestamp = {ZERO}; ContactId = ""                           | quarantined missing_field       |
| InitiationTimestamp = {ZERO}; Queue = 5                                | quarantined wrong_type          |
| InitiationTimestamp = {ZERO}; DisconnectTimestamp = "x"                | quarantined bad_timestamp       |
| InitiationTimestamp = {ZERO}; AWSContactTraceRecordFormatVersion = "x" | quarantined unsupported_version |
"""

EARLIEST = """
| earliest   | zone              | initiated            | becomes                                          |
|------------|-------------------|----------------------|--------------------------------------------------|
| 2017-03-28 | UTC               | 2017-03-28T00:00:00Z | billable                                         |
| 2026-03-01 | UTC               | 2026-03-01T00:00:00Z | billable                                         |
| 2026-03-02 | UTC               | 2026-03-01T23:59:59Z | quarantined implausible_time InitiationTimestamp |
| 2026-03-01 | America/New_York  | 2026-03-01T04:59:59Z | quarantined implausible_time InitiationTimestamp |
| 2026-03-01 | America/New_York  | 2026-03-01T05:00:00Z | billable                                         |
| 2018-11-04 | America/Sao_Paulo | 2018-11-04T02:59:59Z | quarantined implausible_time InitiationTimestamp |
| 2018-11-04 | America/Sao_Paulo | 2018-11-04T03:00:00Z | billable                                         |
| 2026-10-25 | Atlantic/Azores   | 2026-10-25T00:00:00Z | billable                                         |
| 1970-01-01 | UTC               | 1970-01-01T00:00:00Z | billable                                         |
| 0001-01-01 | Asia/Tokyo        | 0001-01-01T00:00:00Z | billable                                         |
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
| SystemEndpoint = "+12025550101"                       | billable           |
| SystemEndpoint.Address = 5                            | billable           |
| SystemEndpoint = []; Agent = null                     | excluded abandoned |
| Agent.Username = 5; Agent.RoutingProfile = "x"        | billable           |
| CustomerEndpoint.Type = 5                             | billable           |
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


def decided(data: bytes, rules: Rules = RULES) -> str:
    """Outcome, reason and detail of a payload, as far as there are such."""
    found = outcome(data, NO_AGENTS, rules)
    return " ".join(filter(None, (found.outcome, found.reason, found.detail)))


def becomes(differences: str) -> str:
    return decided(payload(differences))


@pytest.mark.parametrize(
    "row", [*cases(AGENT_EVENTS), *cases(VERSIONS), *cases(REQUIRED), *cases(TYPES_THAT_DO_NOT_MATTER)]
)
def test_fields(row: Row) -> None:
    assert becomes(row["the record differs by"]) == row["becomes"]


@pytest.mark.parametrize("row", cases(CONTACT_EVENTS))
def test_contact_events(row: Row) -> None:
    event = changed(row["the event differs by"], base=CONTACT_EVENT)
    assert decided(json.dumps(event).encode()) == row["becomes"]


@pytest.mark.parametrize("row", cases(BARE_EVENTS))
def test_contact_events_without_an_envelope(row: Row) -> None:
    event = changed(row["the event differs by"], base=CONTACT_EVENT["detail"])
    assert decided(json.dumps(event).encode()) == row["becomes"]


def test_an_event_tells_nothing_but_that_it_is_one() -> None:
    row = outcome(json.dumps(CONTACT_EVENT).encode(), NO_AGENTS, RULES)
    assert row == OutcomeRow("excluded", "contact_event")


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


@pytest.mark.parametrize("row", cases(IMPLAUSIBLE_TIMES))
def test_implausible_time(row: Row) -> None:
    found = outcome(payload(row["the record differs by"]), NO_AGENTS, RULES)
    assert (found.outcome, found.reason, found.detail) == ("quarantined", "implausible_time", row["field"])
    assert (found.billing_date, found.initiated_at is None) == (row["date"], row["date"] == "unknown")


@pytest.mark.parametrize("row", cases(WITHOUT_DATE))
def test_an_implausible_initiation_gives_no_date(row: Row) -> None:
    found = outcome(payload(row["the record differs by"]), NO_AGENTS, RULES)
    assert f"{found.outcome} {found.reason}" == row["becomes"]
    assert (found.billing_date, found.initiated_at) == ("unknown", None)


@pytest.mark.parametrize("row", cases(EARLIEST))
def test_the_earliest_date_is_one_of_the_billing_time_zone(row: Row) -> None:
    times = ("LastUpdateTimestamp", "DisconnectTimestamp", "Agent.ConnectedToAgentTimestamp")
    late = [f'{name} = "2026-12-0{day}T00:00:00Z"' for name, day in zip(times, (3, 2, 1), strict=True)]
    data = payload("; ".join([f'InitiationTimestamp = "{row["initiated"]}"', *late]))
    rules = Rules(time_zone=row["zone"], earliest=date.fromisoformat(row["earliest"]))
    assert decided(data, rules) == row["becomes"]


def test_a_time_that_no_rule_reads_is_not_checked() -> None:
    assert becomes('Agent.AfterContactWorkStartTimestamp = "x"; Queue.EnqueueTimestamp = 1') == "billable"
    assert becomes('ConnectedToSystemTimestamp = "1970-01-01T00:00:00Z"') == "billable"
