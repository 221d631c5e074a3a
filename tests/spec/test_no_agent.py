"""Rules 8 to 10: contacts that reached no agent: voicemail, abandoned, or neither.

Every record differs from the plain answered call (tests/support/records.py) by what is written.
"""

import pytest

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from tests.support.tables import Row, cases
from transforms.records.outcome import outcome

NO_AGENT = """
| the record differs by                                                | becomes            |
|----------------------------------------------------------------------|--------------------|
| Agent = null; Recordings = [{"StorageType": "KINESIS_VIDEO_STREAM"}] | excluded voicemail |
| Agent = {}; Recordings = [{"StorageType": "KINESIS_VIDEO_STREAM"}]   | excluded voicemail |
| Agent = null; Recordings = [{"ParticipantType": "IVR"}]              | excluded voicemail |
| Agent = null; Recordings = [{"ParticipantType": "ivr"}]              | excluded voicemail |
| Agent = null; Recordings = [{}, {"ParticipantType": "Ivr"}]          | excluded voicemail |
| Agent = null; Attributes.vm_flag = "1"                               | excluded voicemail |
| Agent = null; Attributes.vm_flag = "0"                               | excluded voicemail |
| Agent = null; Attributes.vmx3_flag = "1"                             | excluded voicemail |
| Agent = null; Attributes.vmx3_flag = "0"                             | excluded voicemail |
| Agent = null; Attributes.vm_flag = 1                                 | excluded voicemail |
| Agent = null; Attributes.vm_flag = 0                                 | excluded voicemail |
| Agent = null; Attributes.vm_flag = false                             | excluded voicemail |
| Agent = null; Attributes.vm_flag = "\\ud800"                         | excluded voicemail |
| Agent.ConnectedToAgentTimestamp = null; Attributes.vm_flag = "1"     | excluded voicemail |
| Agent = null; Queue = null; Attributes.vm_flag = "1"                 | excluded voicemail |
| Agent = null; Attributes.vm_flag = ""                                | excluded abandoned |
| Agent = null; Attributes.vm_flag = null                              | excluded abandoned |
| Agent = null; Attributes.vm_flag = []                                | excluded abandoned |
| Agent = null; Attributes.vm_flag = {}                                | excluded abandoned |
| Agent = null; Attributes.vm_flag = {"any": null}                     | excluded abandoned |
| Agent = null; Attributes.VM_FLAG = "1"                               | excluded abandoned |
| Agent = null; Recordings = [{"StorageType": "S3"}]                   | excluded abandoned |
| Agent = null; Recordings = [{"StorageType": "kinesis_video_stream"}] | excluded abandoned |
| Agent = null; Recordings = []                                        | excluded abandoned |
| Agent = null; Recordings = [{"ParticipantType": "CUSTOMER"}]         | excluded abandoned |
| Agent = null                                                         | excluded abandoned |
| Agent = {}                                                           | excluded abandoned |
| Agent absent                                                         | excluded abandoned |
| Agent.ConnectedToAgentTimestamp = null                               | excluded abandoned |
| Agent = null; Queue = {"Name": null, "ARN": "q"}                     | excluded abandoned |
| Agent = null; Queue = {}                                             | excluded no_agent  |
| Agent = null; Queue = {"Name": null}                                 | excluded no_agent  |
| Agent = null; Queue = null                                           | excluded no_agent  |
| Agent absent; Queue absent                                           | excluded no_agent  |
| Agent = null; Queue = null; DisconnectTimestamp = null               | excluded no_agent  |
"""

ANSWERED_WITH_EVIDENCE = """
| the record differs by                                  | becomes  |
|--------------------------------------------------------|----------|
| Recordings = [{"StorageType": "KINESIS_VIDEO_STREAM"}] | billable |
| Recordings = [{"ParticipantType": "IVR"}]              | billable |
| Attributes.vm_flag = "1"; Attributes.vmx3_flag = "1"   | billable |
"""

EVIDENCE = """
| the record without an agent differs by                                | evidence             |
|-----------------------------------------------------------------------|----------------------|
| Recordings = [{"StorageType": "KINESIS_VIDEO_STREAM"}]                | kinesis_video_stream |
| Recordings = [{"ParticipantType": "ivr"}]                             | ivr_recording        |
| Attributes.vm_flag = "0"                                              | vm_flag              |
| Attributes.vmx3_flag = "+12025550199"                                 | vmx3_flag            |
| Attributes.vm_flag = "1"; Attributes.vmx3_flag = "1"                  | vm_flag,vmx3_flag    |
| Recordings = [{"ParticipantType": "IVR"}, {"ParticipantType": "Ivr"}] | ivr_recording        |
"""


@pytest.mark.parametrize("row", [*cases(NO_AGENT), *cases(ANSWERED_WITH_EVIDENCE)])
def test_outcome(row: Row) -> None:
    found = outcome(payload(row["the record differs by"]), NO_AGENTS, RULES)
    assert " ".join(filter(None, (found.outcome, found.reason))) == row["becomes"]


@pytest.mark.parametrize("row", cases(EVIDENCE))
def test_the_evidence_is_kept_on_the_row_and_holds_no_value(row: Row) -> None:
    found = outcome(payload("Agent = null; " + row["the record without an agent differs by"]), NO_AGENTS, RULES)
    assert (found.reason, found.voicemail_evidence) == ("voicemail", row["evidence"])


def test_an_abandoned_contact_has_no_evidence() -> None:
    assert outcome(payload("Agent = null"), NO_AGENTS, RULES).voicemail_evidence is None
