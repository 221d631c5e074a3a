"""The billing line of a plain answered call, and how the record's fields become its cells."""

from datetime import date
from pathlib import Path

import pytest

from schemas.billing_rules import Rules
from tests.support.ledgers import lines_and_control, new_ledger, write_payloads
from tests.support.records import DATE, PLAIN_LINE, payload
from tests.support.tables import Row, cases

CELLS = r"""
| the record differs by                                                                          | cell                     | is                   |
|------------------------------------------------------------------------------------------------|--------------------------|----------------------|
| InitiationMethod = "TRANSFER"                                                                  | call_type                | inbound              |
| InitiationMethod = "CALLBACK"                                                                  | call_type                | outbound             |
| InitiationTimestamp = "2026-03-01T09:59:59.999999Z"                                            | initiated_at             | 2026-03-01T09:59:59Z |
| InitiationTimestamp = "2026-03-01T09:30:00-00:30"                                              | initiated_at             | 2026-03-01T10:00:00Z |
| Agent.CustomerHoldDuration = null                                                              | hold_seconds             | 0                    |
| Agent.CustomerHoldDuration = null                                                              | call_duration_seconds    | 30                   |
| Agent.CustomerHoldDuration = 321; Agent.AgentInteractionDuration = 557                         | call_duration_seconds    | 878                  |
| Agent.AgentInteractionDuration = 0                                                             | talk_seconds             | 0                    |
| DisconnectTimestamp = "2026-03-01T10:00:20.1Z"                                                 | contact_duration_seconds | 20                   |
| DisconnectTimestamp = "2026-03-01T10:00:56.999999Z"                                            | contact_duration_seconds | 56                   |
| DisconnectTimestamp = "2026-03-01T10:00:56.2Z"; InitiationTimestamp = "2026-03-01T10:00:00.9Z" | contact_duration_seconds | 55                   |
| DisconnectTimestamp = "2026-03-02T10:00:00Z"                                                   | contact_duration_seconds | 86400                |
| CustomerEndpoint.Address = "+12"                                                               | patient_phone            | +12                  |
| CustomerEndpoint.Address = "+123456789012345"                                                  | patient_phone            | +123456789012345     |
| CustomerEndpoint.Address = "+1234567890123456"                                                 | patient_phone            | none                 |
| CustomerEndpoint.Address = "+1"                                                                | patient_phone            | none                 |
| CustomerEndpoint.Address = "+02025550101"                                                      | patient_phone            | none                 |
| CustomerEndpoint.Address = "12025550101"                                                       | patient_phone            | none                 |
| CustomerEndpoint.Address = "+1 202 555 0101"                                                   | patient_phone            | none                 |
| CustomerEndpoint.Address = "+12025550101\n"                                                    | patient_phone            | none                 |
| CustomerEndpoint.Address = "+1202555010\u0661"                                                 | patient_phone            | none                 |
| CustomerEndpoint.Address = "anonymous"                                                         | patient_phone            | none                 |
| CustomerEndpoint.Address = ""                                                                  | patient_phone            | none                 |
| CustomerEndpoint.Address = null                                                                | patient_phone            | none                 |
| CustomerEndpoint = null                                                                        | patient_phone            | none                 |
| Attributes.extensionNumber = "00042"                                                           | provider_extension       | 00042                |
"""  # noqa: E501  one row has two instants


def lines_of(folder: Path, *payloads: bytes) -> list[dict[str, object]]:
    ledger = new_ledger(folder)
    write_payloads(ledger, payloads)
    return lines_and_control(ledger, DATE)[0]


def test_the_plain_answered_call(tmp_path: Path) -> None:
    assert lines_of(tmp_path, payload()) == [PLAIN_LINE]


@pytest.mark.parametrize("row", cases(CELLS))
def test_cell(row: Row, tmp_path: Path) -> None:
    (line,) = lines_of(tmp_path, payload(row["the record differs by"]))
    assert line[row["cell"]] == (None if row["is"] == "none" else type(PLAIN_LINE[row["cell"]])(row["is"]))


def test_lines_come_by_initiation_to_the_second_and_contact_id(tmp_path: Path) -> None:
    calls = [
        payload('ContactId = "b"; InitiationTimestamp = "2026-03-01T10:00:00.1Z"'),
        payload('ContactId = "a"; InitiationTimestamp = "2026-03-01T10:00:00.9Z"'),
        payload('ContactId = "c"; InitiationTimestamp = "2026-03-01T09:00:00Z"'),
    ]
    lines = lines_of(tmp_path, *calls)
    assert [line["contact_id"] for line in lines] == ["c", "a", "b"]


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "9999-12-31T23:59:59Z"])
def test_instants_far_off_keep_their_text(instant: str, tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    times = f'InitiationTimestamp = "{instant}"; DisconnectTimestamp = "9999-12-31T23:59:59Z"'
    write_payloads(ledger, [payload(times)], rules=Rules(earliest=date.min))
    (line,), control = lines_and_control(ledger, instant[:10])
    assert (line["initiated_at"], line["billing_date"]) == (instant[:19] + "Z", instant[:10])
    assert control.billed == 1
