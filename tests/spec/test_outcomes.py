"""Rules 5 to 7 and 11 to 15: what is billed, and why not.

Every record differs from the plain answered call (tests/support/records.py) by what is written.
"""

import json
import re

import msgspec
import pytest

from schemas.billing_rules import Rules
from schemas.outcome import REASONS
from tests.services.process import ROOT
from tests.support.ledgers import NO_AGENTS
from tests.support.records import changed, payload
from tests.support.tables import Row, cases
from transforms.records.outcome import outcome

CHANNEL_AND_METHOD = """
| the record differs by                               | becomes                               |
|-----------------------------------------------------|---------------------------------------|
| Channel = "VOICE"                                   | billable                              |
| Channel = "CHAT"                                    | excluded channel                      |
| Channel = "TASK"                                    | excluded channel                      |
| Channel = "EMAIL"; CustomerEndpoint.Address = "a@b" | excluded channel                      |
| Channel = "voice"                                   | excluded channel                      |
| InitiationMethod = "INBOUND"                        | billable                              |
| InitiationMethod = "TRANSFER"                       | billable                              |
| InitiationMethod = "QUEUE_TRANSFER"                 | billable                              |
| InitiationMethod = "WEBRTC_API"                     | billable                              |
| InitiationMethod = "OUTBOUND"                       | billable                              |
| InitiationMethod = "CALLBACK"                       | billable                              |
| InitiationMethod = "API"                            | billable                              |
| InitiationMethod = "CAMPAIGN_PREVIEW"               | billable                              |
| InitiationMethod = "AGENT_REPLY"                    | quarantined unknown_initiation_method |
| InitiationMethod = "FLOW"                           | quarantined unknown_initiation_method |
| InitiationMethod = "VIDEO_VISIT"                    | quarantined unknown_initiation_method |
| InitiationMethod = "inbound"                        | quarantined unknown_initiation_method |
| InitiationMethod = "INBOUND "                       | quarantined unknown_initiation_method |
| InitiationMethod = "MONITOR"                        | excluded monitoring                   |
| InitiationMethod = "DISCONNECT"                     | excluded disconnect_flow              |
| InitiationMethod = "EXTERNAL_OUTBOUND"              | excluded third_party                  |
"""

# Of a call whose SystemEndpoint is +18005550100; its CustomerEndpoint is +12025550101.
INTERNAL = """
| the record differs by                                              | own numbers        | becomes           |
|--------------------------------------------------------------------|--------------------|-------------------|
| CustomerEndpoint.Address = "+18005550100"                          |                    | excluded internal |
| CustomerEndpoint.Address = "+18005550100"; SystemEndpoint = null   |                    | billable          |
| CustomerEndpoint.Address = "+18005550100"; SystemEndpoint.Type = 5 |                    | excluded internal |
| CustomerEndpoint.Address = "+18005550100"; Agent = null            |                    | excluded internal |
| CustomerEndpoint.Address = "18005550100"                           |                    | billable          |
| CustomerEndpoint.Address = ""; SystemEndpoint.Address = ""         |                    | billable          |
| CustomerEndpoint.Address = null; SystemEndpoint.Address = null     |                    | billable          |
| CustomerEndpoint = null; SystemEndpoint = {}                       |                    | billable          |
| Channel = "VOICE"                                                  | +12025550101       | excluded internal |
| SystemEndpoint = null                                              | 4711, +12025550101 | excluded internal |
| Channel = "VOICE"                                                  | 12025550101        | billable          |
| CustomerEndpoint.Address = "4711"                                  | 4711               | excluded internal |
| CustomerEndpoint = null                                            | +12025550101       | billable          |
"""

MACHINES = """
| the record differs by                                    | becomes                    |
|----------------------------------------------------------|----------------------------|
| AnsweringMachineDetectionStatus = "VOICEMAIL_BEEP"       | excluded answering_machine |
| AnsweringMachineDetectionStatus = "VOICEMAIL_NO_BEEP"    | excluded answering_machine |
| AnsweringMachineDetectionStatus = "FAX_MACHINE_DETECTED" | excluded answering_machine |
| AnsweringMachineDetectionStatus = "SIT_TONE_BUSY"        | excluded answering_machine |
| AnsweringMachineDetectionStatus = "HUMAN_ANSWERED"       | billable                   |
| AnsweringMachineDetectionStatus = "AMD_UNANSWERED"       | billable                   |
| AnsweringMachineDetectionStatus = "VOICEMAIL"            | billable                   |
| AnsweringMachineDetectionStatus = ""                     | billable                   |
"""

OUTBOUND = """
| the outbound call differs by                                                | becomes             |
|-----------------------------------------------------------------------------|---------------------|
| ConnectedToSystemTimestamp = null                                           | excluded unanswered |
| ConnectedToSystemTimestamp absent                                           | excluded unanswered |
| DisconnectReason = "TELECOM_BUSY"; Agent.AgentInteractionDuration = 0       | excluded unanswered |
| DisconnectReason = "TELECOM_PROBLEM"; Agent.AgentInteractionDuration = null | excluded unanswered |
| DisconnectReason = "TELECOM_BUSY"; Agent.AgentInteractionDuration = 1       | billable            |
| DisconnectReason = "TELECOM_BUSY"                                           | billable            |
| DisconnectReason = "AGENT_DISCONNECT"; Agent.AgentInteractionDuration = 0   | billable            |
| DisconnectReason = "TELECOM"; Agent.AgentInteractionDuration = 0            | billable            |
| DisconnectReason = null                                                     | billable            |
"""

INBOUND = """
| the record differs by                                                 | becomes  |
|-----------------------------------------------------------------------|----------|
| ConnectedToSystemTimestamp = null                                     | billable |
| DisconnectReason = "TELECOM_BUSY"; Agent.AgentInteractionDuration = 0 | billable |
"""

TALK, HOLD = "Agent.AgentInteractionDuration", "Agent.CustomerHoldDuration"
CONTRADICTIONS = f"""
| the record differs by                               | becomes                                            |
|-----------------------------------------------------|----------------------------------------------------|
| DisconnectTimestamp = null                          | quarantined missing_field DisconnectTimestamp      |
| DisconnectTimestamp absent                          | quarantined missing_field DisconnectTimestamp      |
| {TALK} = null                                       | quarantined missing_field {TALK}                   |
| {TALK} absent                                       | quarantined missing_field {TALK}                   |
| {TALK} = -1                                         | quarantined negative_duration {TALK}               |
| {HOLD} = -1                                         | quarantined negative_duration {HOLD}               |
| DisconnectTimestamp = "2026-03-01T09:59:59Z"        | quarantined inconsistent_times DisconnectTimestamp |
| DisconnectTimestamp = "2026-03-01T09:59:59.999999Z" | quarantined inconsistent_times DisconnectTimestamp |
| DisconnectTimestamp = "2026-03-01T10:00:00Z"        | excluded caller_left                               |
| {TALK} = 9223372036854775807; {HOLD} = 1            | quarantined inconsistent_times {HOLD}              |
| {HOLD} = null                                       | billable                                           |
| {HOLD} absent                                       | billable                                           |
"""

END = "DisconnectTimestamp"
# The plain call is connected at 10:00:20 and disconnected at 10:00:56, 36 seconds later. 900 more are plausible.
OVERRUN = f"""
| the record differs by                                              | becomes                                 |
|--------------------------------------------------------------------|-----------------------------------------|
| {TALK} = 936; {HOLD} = 0                                           | billable                                |
| {TALK} = 0; {HOLD} = 936                                           | billable                                |
| {TALK} = 906; {HOLD} = 30                                          | billable                                |
| {TALK} = 937; {HOLD} = 0                                           | quarantined implausible_duration {TALK} |
| {TALK} = 937; {HOLD} = null                                        | quarantined implausible_duration {TALK} |
| {TALK} = 907; {HOLD} = 30                                          | quarantined implausible_duration {HOLD} |
| {TALK} = 0; {HOLD} = 937                                           | quarantined implausible_duration {HOLD} |
| {TALK} = 936; {HOLD} = 0; {END} = "2026-03-01T10:00:55.999999Z"    | quarantined implausible_duration {TALK} |
| {TALK} = 43201; {HOLD} = 0                                         | quarantined implausible_duration {TALK} |
| {TALK} = 9223372036854775807; {HOLD} = 0                           | quarantined implausible_duration {TALK} |
| {TALK} = 43201; {HOLD} = 0; {END} = "2026-03-02T10:00:00Z"         | billable                                |
| {TALK} = 43201; {HOLD} = 0; Agent.ConnectedToAgentTimestamp = null | excluded abandoned                      |
"""

# Whether the patient was still there when the provider came on the line.
CALLER_LEFT = f"""
| the record differs by                                      | becomes                                 |
|------------------------------------------------------------|-----------------------------------------|
| DisconnectTimestamp = "2026-03-01T10:00:20Z"               | excluded caller_left                    |
| DisconnectTimestamp = "2026-03-01T10:00:05Z"               | excluded caller_left                    |
| DisconnectTimestamp = "2026-03-01T10:00:20.000001Z"        | billable                                |
| DisconnectTimestamp = "2026-03-01T10:00:21Z"               | billable                                |
| DisconnectTimestamp = "2026-03-01T10:00:20Z"; {TALK} = 895 | excluded caller_left                    |
| DisconnectTimestamp = "2026-03-01T10:00:20Z"; {TALK} = 896 | quarantined implausible_duration {HOLD} |
"""

LENGTH = f"""
| the record differs by     | becomes                |
|---------------------------|------------------------|
| {TALK} = 0; {HOLD} = 0    | excluded below_minimum |
| {TALK} = 0; {HOLD} = null | excluded below_minimum |
| {TALK} = 1; {HOLD} = 0    | billable               |
| {TALK} = 0; {HOLD} = 1    | billable               |
"""

CONFIGURED = f"""
| setting                          | the record differs by           | becomes                                   |
|----------------------------------|---------------------------------|-------------------------------------------|
| minimum_call_seconds = 35        | {TALK} = 30                     | billable                                  |
| minimum_call_seconds = 36        | {TALK} = 30                     | excluded below_minimum                    |
| minimum_call_seconds = 0         | {TALK} = 0; {HOLD} = 0          | billable                                  |
| longest_overrun_seconds = 0      | {TALK} = 36; {HOLD} = 0         | billable                                  |
| longest_overrun_seconds = 0      | {TALK} = 37; {HOLD} = 0         | quarantined implausible_duration {TALK}   |
| longest_overrun_seconds = 86400  | {TALK} = 43201                  | billable                                  |
| channels = ["CHAT", "VOICE"]     | Channel = "CHAT"                | billable                                  |
| channels = ["CHAT"]              | Channel = "VOICE"               | excluded channel                          |
| format_versions = ["2031-01-01"] | Channel = "VOICE"               | quarantined unsupported_version           |
| inbound_methods = ["FLOW"]       | InitiationMethod = "FLOW"       | billable                                  |
| inbound_methods = ["FLOW"]       | InitiationMethod = "INBOUND"    | quarantined unknown_initiation_method     |
| extension_attribute = "dialled"  | Attributes.extensionNumber = 42 | held extension_unmatched                  |
| extension_attribute = "dialled"  | Attributes.dialled = "7"        | billable                                  |
| extension_attribute = "dialled"  | Attributes.dialled = 7          | quarantined wrong_type Attributes.dialled |
"""


def becomes(differences: str, settings: str = "") -> str:
    """Outcome, reason and detail of the record, as far as there are such."""
    rules = msgspec.convert(changed(settings, base=msgspec.to_builtins(Rules())), Rules)
    found = outcome(payload(differences), NO_AGENTS, rules)
    return " ".join(filter(None, (found.outcome, found.reason, found.detail)))


@pytest.mark.parametrize(
    "row",
    [
        *cases(CHANNEL_AND_METHOD),
        *cases(MACHINES),
        *cases(INBOUND),
        *cases(CONTRADICTIONS),
        *cases(OVERRUN),
        *cases(LENGTH),
        *cases(CALLER_LEFT),
    ],
)
def test_outcome(row: Row) -> None:
    assert becomes(row["the record differs by"]) == row["becomes"]


@pytest.mark.parametrize("method", ["OUTBOUND", "CALLBACK", "API", "CAMPAIGN_PREVIEW"])
@pytest.mark.parametrize("row", cases(OUTBOUND))
def test_outbound(row: Row, method: str) -> None:
    outbound = f'InitiationMethod = "{method}"; ' + row["the outbound call differs by"]
    assert becomes(outbound) == row["becomes"]


@pytest.mark.parametrize("row", cases(INTERNAL))
def test_calls_among_providers(row: Row) -> None:
    call = 'SystemEndpoint.Address = "+18005550100"; ' + row["the record differs by"]
    own = json.dumps(row["own numbers"].split(", ") if row["own numbers"] else [])
    assert becomes(call, f"own_numbers = {own}") == row["becomes"]


@pytest.mark.parametrize("row", cases(CONFIGURED))
def test_what_is_configured(row: Row) -> None:
    assert becomes(row["the record differs by"], row["setting"]) == row["becomes"]


def test_the_page_of_rules_names_every_reason() -> None:
    page = (ROOT / "docs" / "rules.md").read_text()
    rules = re.findall(r"^\| \d+b? \| (\w+) \| (.*?) \|", page, re.MULTILINE)
    for becomes in ("excluded", "quarantined"):
        named = {reason for kind, cell in rules if kind == becomes for reason in re.findall(r"`(\w+)`", cell)}
        assert named == {*REASONS[becomes]}
