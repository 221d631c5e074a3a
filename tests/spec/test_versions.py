"""Which delivery of a contact counts: superseded, duplicate, withdrawn, quarantined.

The deliveries of a case are put into a ledger in every order; each order must give the same.
"""

import hashlib
from itertools import permutations
from pathlib import Path

import pytest

from schemas.manifest import Control
from tests.support.ledgers import NO_AGENTS, RULES, date_tables, history, lines_and_control, new_ledger, write_payloads
from tests.support.records import ARN, DATE, payload
from tests.support.tables import Row, cases, table
from transforms.records.outcome import outcome
from transforms.records.timestamps import instant

# Deliveries of one contact, by what they have that the plain answered call has not. It is of 10:02:00.
DELIVERIES = {
    row["name"]: payload(row["differs by"])
    for row in table(r"""
| name         | differs by                                                                                       |
|--------------|--------------------------------------------------------------------------------------------------|
| call         | ContactId = "call-1"                                                                             |
| offset       | LastUpdateTimestamp = "2026-03-01T11:02:00+01:00"                                                |
| noted        | Attributes.note = "another attribute"                                                            |
| no hold      | Agent.CustomerHoldDuration = 0                                                                   |
| null hold    | Agent.CustomerHoldDuration = null                                                                |
| ext 43       | Attributes.extensionNumber = "0043"                                                              |
| fraction     | LastUpdateTimestamp = "2026-03-01T10:02:00.000001Z"; Attributes.extensionNumber = "0044"         |
| later        | LastUpdateTimestamp = "2026-03-01T10:02:01Z"; Attributes.extensionNumber = "0045"                |
| days later   | LastUpdateTimestamp = "2026-03-07T03:41:32Z"; Attributes.extensionNumber = "0046"                |
| noted later  | LastUpdateTimestamp = "2026-03-07T03:41:32Z"; Attributes.note = "another attribute"              |
| a machine    | LastUpdateTimestamp = "2026-03-07T03:41:32Z"; AnsweringMachineDetectionStatus = "VOICEMAIL_BEEP" |
| of a machine | AnsweringMachineDetectionStatus = "VOICEMAIL_BEEP"                                               |
| a human      | LastUpdateTimestamp = "2026-03-09T00:00:00Z"                                                     |
| no ext       | LastUpdateTimestamp = "2026-03-07T03:41:32Z"; Attributes = null                                  |
| broken       | LastUpdateTimestamp = "2026-03-08T00:00:00Z"; DisconnectTimestamp = null                         |
| wrong type   | LastUpdateTimestamp = "2026-03-08T00:00:00Z"; Queue = 5                                          |
| other call   | ContactId = "call-2"                                                                             |
| case         | ContactId = "CALL-1"                                                                             |
| no agent     | Agent = null                                                                                     |
| {} agent     | Agent = {}                                                                                       |
""")
}

CASES = """
| deliveries                        | billed | held | excluded | superseded | duplicate | quarantined | extensions |
|-----------------------------------|--------|------|----------|------------|-----------|-------------|------------|
| call                              | 1      | 0    | 0        | 0          | 0         | 0           | 0042       |
| call, other call                  | 2      | 0    | 0        | 0          | 0         | 0           | 0042, 0042 |
| call, case                        | 2      | 0    | 0        | 0          | 0         | 0           | 0042, 0042 |
| call, call                        | 1      | 0    | 0        | 0          | 1         | 0           | 0042       |
| call, call, call                  | 1      | 0    | 0        | 0          | 2         | 0           | 0042       |
| call, offset                      | 1      | 0    | 0        | 0          | 1         | 0           | 0042       |
| call, noted                       | 1      | 0    | 0        | 0          | 1         | 0           | 0042       |
| no hold, null hold                | 1      | 0    | 0        | 0          | 1         | 0           | 0042       |
| no agent, {} agent                | 0      | 0    | 1        | 0          | 1         | 0           |            |
| call, fraction                    | 1      | 0    | 0        | 1          | 0         | 0           | 0044       |
| call, later                       | 1      | 0    | 0        | 1          | 0         | 0           | 0045       |
| call, noted later                 | 1      | 0    | 0        | 1          | 0         | 0           | 0042       |
| call, call, later                 | 1      | 0    | 0        | 2          | 0         | 0           | 0045       |
| call, later, later                | 1      | 0    | 0        | 1          | 1         | 0           | 0045       |
| call, fraction, later, other call | 2      | 0    | 0        | 2          | 0         | 0           | 0045, 0042 |
| call, later, days later           | 1      | 0    | 0        | 2          | 0         | 0           | 0046       |
| call, a machine                   | 0      | 0    | 1        | 1          | 0         | 0           |            |
| call, a machine, a human          | 1      | 0    | 0        | 2          | 0         | 0           | 0042       |
| call, no ext                      | 0      | 1    | 0        | 1          | 0         | 0           |            |
| call, broken                      | 1      | 0    | 0        | 0          | 0         | 1           | 0042       |
| call, wrong type, broken          | 1      | 0    | 0        | 0          | 0         | 2           | 0042       |
| broken                            | 0      | 0    | 0        | 0          | 0         | 1           |            |
| broken, broken                    | 0      | 0    | 0        | 0          | 0         | 2           |            |
| broken, a human                   | 1      | 0    | 0        | 0          | 0         | 1           | 0042       |
"""

# Several deliveries of one second that say different things: one of them counts, always the same.
TIES = """
| deliveries                    | counting | superseded | duplicate |
|-------------------------------|----------|------------|-----------|
| call, ext 43                  | 1        | 1          | 0         |
| call, of a machine            | 1        | 1          | 0         |
| call, ext 43, of a machine    | 1        | 2          | 0         |
| days later, no ext            | 1        | 1          | 0         |
| days later, no ext, a machine | 1        | 2          | 0         |
"""


def in_every_order(row: Row, tmp_path: Path) -> tuple[list[str], Control]:
    """Control totals and the lines' extensions, which are the same for every order of delivery."""
    found = []
    for number, order in enumerate(permutations(row["deliveries"].split(", "))):
        ledger = new_ledger(tmp_path / str(number))
        write_payloads(ledger, [DELIVERIES[name] for name in order])
        found.append(lines_and_control(ledger, DATE))
    assert all(result == found[0] for result in found[1:])
    lines, control = found[0]
    return [str(line["provider_extension"]) for line in lines], control


@pytest.mark.parametrize("row", cases(CASES))
def test_versions(row: Row, tmp_path: Path) -> None:
    extensions, control = in_every_order(row, tmp_path)
    assert (
        control.billed,
        control.held,
        sum(control.excluded.values()),
        control.superseded,
        control.duplicate,
        sum(control.quarantined.values()),
    ) == tuple(int(row[c]) for c in ("billed", "held", "excluded", "superseded", "duplicate", "quarantined"))
    assert extensions == list(filter(None, row["extensions"].split(", ")))
    assert control.read == len(row["deliveries"].split(", "))


@pytest.mark.parametrize("row", cases(TIES))
def test_ties(row: Row, tmp_path: Path) -> None:
    _, control = in_every_order(row, tmp_path)
    counting = control.billed + control.held + sum(control.excluded.values())
    assert (counting, control.superseded, control.duplicate) == tuple(
        int(row[c]) for c in ("counting", "superseded", "duplicate")
    )


def content_digest(data: bytes) -> str:
    """Over outcome, reason and the record's own billing fields; held is billable, and no hold one of 0 seconds."""
    row = outcome(data, NO_AGENTS, RULES)
    said = (
        *("billable" if row.outcome == "held" else row.outcome, row.reason if row.outcome == "excluded" else None),
        *(row.call_type, row.initiated_at, row.connected_at, row.disconnected_at, row.talk_seconds),
        *(row.hold_seconds or 0, row.patient_phone, row.agent_id, row.attribute_extension),
    )
    text = "\x1f".join("\\N" if value is None else str(value) for value in said)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


# Of these one counts at a time; all say 10:02:00.
TIED = [
    *(f'Attributes.extensionNumber = "{n}"' for n in range(40, 46)),
    *(f"Agent.AgentInteractionDuration = {n}" for n in (31, 32)),
    *("Agent.CustomerHoldDuration = null", 'CustomerEndpoint.Address = "anonymous"', 'InitiationMethod = "API"'),
    *('DisconnectTimestamp = "2026-03-01T10:00:57Z"', 'Agent.ConnectedToAgentTimestamp = "2026-03-01T10:00:21Z"'),
    f'Agent.ARN = "{ARN}nurse-2"',
    "Attributes = null",
]


def test_of_a_tie_the_greatest_content_digest_counts(tmp_path: Path) -> None:
    """So that a release does not depend on which was read first, nor on the version of the software."""
    by_digest = {content_digest(data): data for data in map(payload, TIED)}
    assert len(by_digest) == len(TIED)
    tied = [by_digest[digest] for digest in sorted(by_digest, reverse=True)]
    for number, greatest in enumerate(tied):
        all_of_them, alone = (tmp_path / f"{number}-{name}" for name in ("all", "alone"))
        assert counting(all_of_them, tied[number:]) == counting(alone, [greatest])


def test_the_ledger_is_named_by_the_contacts_that_count(tmp_path: Path) -> None:
    """In the order of their ids, so that neither parts nor the version of the software show in the name."""
    deliveries = [payload(f'ContactId = "call-{n}"; Agent.AgentInteractionDuration = {n}') for n in (3, 10, 2, 1)]
    rows = sorted((outcome(data, NO_AGENTS, RULES).contact_id, content_digest(data)) for data in deliveries)
    updated_at = instant("2026-03-01T10:02:00Z")
    texts = [f"{contact_id}\x1f{updated_at}\x1f{digest}" for contact_id, digest in rows]
    expected = hashlib.sha256("\x1e".join(texts).encode()).hexdigest()
    assert counting(tmp_path / "once", deliveries) == (4, expected)
    assert counting(tmp_path / "twice", [*deliveries, payload("Queue = 5"), *deliveries]) == (4, expected)
    assert counting(tmp_path / "none", [payload("Queue = 5")]) == (0, hashlib.sha256(b"").hexdigest())


def counting(folder: Path, deliveries: list[bytes]) -> tuple[int, str]:
    """What counts of these deliveries, as the manifest names it."""
    ledger = new_ledger(folder)
    write_payloads(ledger, deliveries)
    with date_tables(ledger, DATE) as tables:
        return tables.ledger_digest()


def test_twice_within_a_tie_is_a_duplicate_of_the_one_that_counts_or_superseded(tmp_path: Path) -> None:
    first = in_every_order({"deliveries": "call, call, ext 43"}, tmp_path / "a")
    second = in_every_order({"deliveries": "call, ext 43, ext 43"}, tmp_path / "b")
    # The same delivery counts in both, so it has the duplicate in one of them, and none in the other.
    assert first[0] == second[0]
    assert sorted((c.superseded, c.duplicate) for _, c in (first, second)) == [(1, 1), (2, 0)]


def test_the_table_does_not_change_which_delivery_counts(tmp_path: Path) -> None:
    """The same payload, read before and after its agent came into the table: held, then billable."""
    agents = history(
        [{"agent_id": "nurse-1", "extension": "100", "valid_from": "2026-03-01T10:00:00Z", "valid_to": ""}]
    )
    ledger = new_ledger(tmp_path)
    write_payloads(ledger, [payload("Attributes = null")], NO_AGENTS, input_name="0a-0")
    write_payloads(ledger, [payload("Attributes = null")], agents, input_name="0b-0")
    _, control = lines_and_control(ledger, DATE, NO_AGENTS)
    assert (control.billed, control.held, control.superseded, control.duplicate) == (0, 1, 0, 1)
    lines, control = lines_and_control(ledger, DATE, agents)
    assert (control.billed, control.held, control.superseded, control.duplicate) == (1, 0, 0, 1)
    assert lines[0]["provider_extension"] == "100"
