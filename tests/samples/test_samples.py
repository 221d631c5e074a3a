"""The real records and fixtures of other projects that were collected, and what becomes of each.

They lie beside the repository; without them these tests are skipped.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.ledgers import NO_AGENTS, RULES, history, lines_and_control, new_ledger, write_payloads
from tests.support.tables import Row, cases, table
from transforms.records.outcome import outcome

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the collected records are not here (../shared/samples)")

# As found, without an agent-extension table.
AS_FOUND = """
| file                                                   | becomes                                       |
|--------------------------------------------------------|-----------------------------------------------|
| 01_inbound_agent_hold_external_transfer_v1             | held extension_unmatched                      |
| 02_inbound_agent_hold_external_transfer_v2_redelivered | held extension_unmatched                      |
| 04_inbound_answered_simple                             | held extension_unmatched                      |
| 05_inbound_answered_2020_no_DisconnectReason           | held extension_unmatched                      |
| 08_voicemail_v1_partial_issue12                        | quarantined missing_field LastUpdateTimestamp |
| 10_ivr_hangup_1s_issue113                              | excluded no_agent                             |
| 12_recordings_s3_and_kvs_partial                       | quarantined missing_field ContactId           |
| 14_transfer_leg_telecom_problem_scv                    | quarantined missing_field Channel             |
| 15_callback_leg_scv                                    | quarantined missing_field Channel             |
| 18_vm_flag_voicemail_scv                               | quarantined missing_field InitiationTimestamp |
| 20_disconnect_flow_contact_scv                         | quarantined missing_field InitiationTimestamp |
| 22_fixture_inbound_veratrace                           | quarantined missing_field LastUpdateTimestamp |
| 26_skeleton_inbound_hold_2026                          | held extension_unmatched                      |
"""

BECAUSE = {
    "01": "Answered for 239 s and 221 s on hold; the transfer to a number outside is no leg of its own here. "
    "No attribute extensionNumber, so its extension must come from the table.",
    "02": "The same contact six days later with one attribute more: still answered, still without an extension.",
    "04": "A plain answered call; attribute greetingPlayed is no extension.",
    "05": "Of 2020: DisconnectReason, Campaign and other keys are missing, which equals null.",
    "08": "The stored text ends before LastUpdateTimestamp, which is required; a record cut off must not be billed.",
    "10": "Agent, Queue and Recordings are null: hung up in the IVR after a second.",
    "12": "Only the Recordings of a record: there is no ContactId.",
    "14": "A fixture without Channel and LastUpdateTimestamp; Channel is the first required field that is missing.",
    "15": "A fixture without Channel and LastUpdateTimestamp.",
    "18": "A fixture without times; the voicemail flag does not matter before the required fields are there.",
    "20": "A fixture of two fields.",
    "22": "Invented, with keys of its own; LastUpdateTimestamp is missing.",
    "26": "Answered for 300 s and 32 s on hold; its agent's ARN is `arn:...`, so there is no id to look up.",
}

# What the partial ones become once the required fields that they lack are there.
REQUIRED = {
    "Channel": "VOICE",
    "InitiationTimestamp": "2023-01-01T00:00:00Z",
    "LastUpdateTimestamp": "2027-01-01T00:00:00Z",
}
COMPLETED = """
| file | becomes                              |
|------|--------------------------------------|
| 08   | excluded no_agent                    |
| 14   | held extension_unmatched             |
| 15   | excluded unanswered                  |
| 18   | quarantined wrong_type Recordings[0] |
| 20   | excluded disconnect_flow             |
| 22   | excluded abandoned                   |
"""

COMPLETED_BECAUSE = {
    "08": "The voicemail flow was reached, but streaming failed: no recording, no flag. Attributes of an extension "
    "call mark no voicemail.",
    "14": "A TRANSFER is inbound, where TELECOM_PROBLEM does not matter. Hold 10 s + talk 2 s in a contact of 7 s is "
    "odd, but no rule compares them.",
    "15": "A CALLBACK is outbound, and ConnectedToSystemTimestamp is null: nobody answered.",
    "18": "Its recording is a text, where an object belongs.",
    "20": "The survey after a call.",
    "22": "Its agent has no ConnectedToAgentTimestamp, so it was not connected; there is a queue.",
}

# RECORDS.md, "Durations in real records".
DURATIONS = """
| file | contact | call | talk | hold | initiated            |
|------|---------|------|------|------|----------------------|
| 01   | 2069    | 460  | 239  | 221  | 2022-01-05T17:12:59Z |
| 04   | 104     | 33   | 33   | 0    | 2022-04-08T14:59:38Z |
| 05   | 29      | 14   | 14   | 0    | 2020-03-31T16:20:01Z |
"""
AGENTS = history(
    table("""
| agent_id                             | extension | valid_from | valid_to |
|--------------------------------------|-----------|------------|----------|
| e7c9afb6-b1e1-4afa-b5b5-d1c9bc752b69 | 0001      |            |          |
| 57db30ae-8c01-44e6-abd5-80b7b51944cf | 0004      |            |          |
| 1cc79f82-d221-47b8-a181-0774037b4be0 | 0005      |            |          |
""")
)


def sample(number: str) -> bytes:
    (path,) = SAMPLES.glob(f"{number}_*.json")
    return path.read_bytes()


def becomes(data: bytes) -> str:
    found = outcome(data, NO_AGENTS, RULES)
    return " ".join(filter(None, (found.outcome, found.reason, found.detail)))


def test_every_sample_is_in_the_table_and_every_row_says_why() -> None:
    names = [row["file"] for row in table(AS_FOUND)]
    assert sorted(path.stem for path in SAMPLES.glob("*.json")) == names
    assert [name[:2] for name in names] == list(BECAUSE)
    assert [row["file"] for row in table(COMPLETED)] == list(COMPLETED_BECAUSE)


@pytest.mark.parametrize("row", cases(AS_FOUND))
def test_as_found(row: Row) -> None:
    assert becomes(sample(row["file"][:2])) == row["becomes"], BECAUSE[row["file"][:2]]


@pytest.mark.parametrize("row", cases(COMPLETED))
def test_completed(row: Row) -> None:
    record = REQUIRED | json.loads(sample(row["file"]))
    assert becomes(json.dumps(record).encode()) == row["becomes"], COMPLETED_BECAUSE[row["file"]]


@pytest.mark.parametrize("row", cases(DURATIONS))
def test_durations_of_real_calls(row: Row, tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    write_payloads(ledger, [sample(row["file"])])
    (line,), _ = lines_and_control(ledger, row["initiated"][:10], AGENTS)
    names = ("contact_duration_seconds", "call_duration_seconds", "talk_seconds", "hold_seconds")
    assert [line[name] for name in names] == [int(row[name]) for name in ("contact", "call", "talk", "hold")]
    assert line["initiated_at"] == row["initiated"]


def test_the_redelivery_supersedes_the_first_delivery(tmp_path: Path) -> None:
    """Six days apart, one attribute more: one line, whichever comes first."""
    found = []
    for number, order in enumerate((("01", "02"), ("02", "01"))):
        ledger = new_ledger(tmp_path / str(number))
        write_payloads(ledger, map(sample, order))
        found.append(lines_and_control(ledger, "2022-01-05", AGENTS))
    assert found[0] == found[1]
    lines, control = found[0]
    assert (len(lines), control.read, control.billed, control.superseded) == (1, 2, 1, 1)


def test_the_versions_of_the_real_records_are_instants() -> None:
    updated = datetime(2022, 1, 11, 3, 41, 32, tzinfo=UTC)
    assert outcome(sample("02"), NO_AGENTS, RULES).updated_at == int(updated.timestamp()) * 1_000_000
