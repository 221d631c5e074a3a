"""Billing dates: the date of InitiationTimestamp in billing.time_zone, DST days included."""

import zoneinfo
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from schemas.billing_rules import Rules
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from tests.support.tables import Row, cases
from transforms.records.outcome import outcome
from transforms.records.timestamps import billing_date, instant, zone

ZONES = """
| zone               | initiated                   | billing date | why                                           |
|--------------------|-----------------------------|--------------|-----------------------------------------------|
| UTC                | 2026-03-01T00:00:00Z        | 2026-03-01   |                                               |
| UTC                | 2026-02-28T23:59:59Z        | 2026-02-28   |                                               |
| UTC                | 2026-02-28T23:59:59.999999Z | 2026-02-28   | the last instant                              |
| UTC                | 2026-03-01T01:30:00+02:00   | 2026-02-28   | an offset in the record is not the zone       |
| UTC                | 2028-02-29T12:00:00Z        | 2028-02-29   | a leap day                                    |
| America/New_York   | 2026-03-01T04:59:59Z        | 2026-02-28   | midnight is at 05:00 UTC in winter            |
| America/New_York   | 2026-03-01T05:00:00Z        | 2026-03-01   |                                               |
| America/New_York   | 2026-03-08T04:59:59Z        | 2026-03-07   | the day that has 23 hours begins at 05:00 UTC |
| America/New_York   | 2026-03-08T05:00:00Z        | 2026-03-08   |                                               |
| America/New_York   | 2026-03-09T03:59:59Z        | 2026-03-08   | and ends at 04:00 UTC                         |
| America/New_York   | 2026-03-09T04:00:00Z        | 2026-03-09   |                                               |
| America/New_York   | 2026-11-01T03:59:59Z        | 2026-10-31   | the day that has 25 hours begins at 04:00 UTC |
| America/New_York   | 2026-11-01T04:00:00Z        | 2026-11-01   |                                               |
| America/New_York   | 2026-11-01T05:30:00Z        | 2026-11-01   | 01:30 for the first time                      |
| America/New_York   | 2026-11-01T06:30:00Z        | 2026-11-01   | 01:30 for the second time                     |
| America/New_York   | 2026-11-02T04:59:59Z        | 2026-11-01   | and ends at 05:00 UTC                         |
| America/New_York   | 2026-11-02T05:00:00Z        | 2026-11-02   |                                               |
| Europe/Berlin      | 2026-03-28T22:59:59Z        | 2026-03-28   |                                               |
| Europe/Berlin      | 2026-03-28T23:00:00Z        | 2026-03-29   | the day before the clock change ends earlier  |
| Europe/Berlin      | 2026-03-29T21:59:59Z        | 2026-03-29   |                                               |
| Europe/Berlin      | 2026-03-29T22:00:00Z        | 2026-03-30   |                                               |
| America/Sao_Paulo  | 2018-11-04T02:59:59Z        | 2018-11-03   | a day without midnight: 23:59:59, then 01:00  |
| America/Sao_Paulo  | 2018-11-04T03:00:00Z        | 2018-11-04   |                                               |
| Asia/Kolkata       | 2026-03-01T18:29:59Z        | 2026-03-01   | half an hour                                  |
| Asia/Kolkata       | 2026-03-01T18:30:00Z        | 2026-03-02   |                                               |
| Africa/Monrovia    | 1971-06-01T00:44:29Z        | 1971-05-31   | an offset with seconds, until 1972            |
| Africa/Monrovia    | 1971-06-01T00:44:30Z        | 1971-06-01   |                                               |
| Pacific/Kiritimati | 2026-03-01T10:00:00Z        | 2026-03-02   | 14 hours ahead                                |
| Pacific/Pago_Pago  | 2026-03-01T10:59:59Z        | 2026-02-28   | 11 hours behind                               |
"""

# Differences from the plain answered call of 1 March 2026; its date, or the rows without a date.
DATED = """
| the record differs by                                               | becomes                         | date       |
|---------------------------------------------------------------------|---------------------------------|------------|
| Agent = null                                                        | excluded abandoned              | 2026-03-01 |
| Channel = "CHAT"                                                    | excluded channel                | 2026-03-01 |
| Attributes = null                                                   | held extension_unmatched        | 2026-03-01 |
| ContactId = null                                                    | quarantined missing_field       | 2026-03-01 |
| LastUpdateTimestamp = "x"                                           | quarantined bad_timestamp       | 2026-03-01 |
| Queue = 5                                                           | quarantined wrong_type          | 2026-03-01 |
| ContactId = 5; LastUpdateTimestamp = 5; Agent = 5                   | quarantined wrong_type          | 2026-03-01 |
| AWSContactTraceRecordFormatVersion = "x"                            | quarantined unsupported_version | 2026-03-01 |
| AWSContactTraceRecordFormatVersion = "x"; InitiationTimestamp = "x" | quarantined unsupported_version | unknown    |
| InitiationTimestamp = "2026-03-01"                                  | quarantined bad_timestamp       | unknown    |
| InitiationTimestamp = null                                          | quarantined missing_field       | unknown    |
| InitiationTimestamp = 5                                             | quarantined wrong_type          | unknown    |
| ContactId absent; EventType = "LOGIN"; AgentARN = "a"               | excluded agent_event            | unknown    |
| ContactId absent; eventType = "QUEUED"; contactId = "c"             | excluded contact_event          | unknown    |
| LastUpdateTimestamp = "1970-01-01T00:00:00Z"                        | quarantined implausible_time    | 2026-03-01 |
| InitiationTimestamp = "1970-01-01T00:00:00Z"                        | quarantined implausible_time    | unknown    |
"""


@pytest.mark.parametrize("row", cases(ZONES))
def test_zone(row: Row) -> None:
    differences = f'InitiationTimestamp = "{row["initiated"]}"; DisconnectTimestamp = "2030-01-01T00:00:00Z"'
    found = outcome(payload(differences), NO_AGENTS, Rules(time_zone=row["zone"], earliest=date.min))
    assert (found.outcome, found.billing_date) == ("billable", row["billing date"])


@pytest.mark.parametrize("row", cases(DATED))
def test_which_rows_have_a_date(row: Row) -> None:
    found = outcome(payload(row["the record differs by"]), NO_AGENTS, RULES)
    assert (f"{found.outcome} {found.reason}", found.billing_date) == (row["becomes"], row["date"])


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"InitiationTimestamp":"2026-03-01T10:00:00Z"'])
def test_what_cannot_be_read_has_no_date(data: bytes) -> None:
    assert outcome(data, NO_AGENTS, RULES).billing_date == "unknown"


def test_a_date_beyond_the_calendar_is_none() -> None:
    last = 'InitiationTimestamp = "9999-12-31T23:30:00Z"; DisconnectTimestamp = "9999-12-31T23:31:00Z"'
    assert outcome(payload(last), NO_AGENTS, RULES).billing_date == "9999-12-31"
    found = outcome(payload(last), NO_AGENTS, Rules(time_zone="Europe/Berlin"))
    assert (found.reason, found.detail, found.billing_date) == ("bad_timestamp", "InitiationTimestamp", "unknown")


def test_a_date_does_not_depend_on_what_the_machine_knows_of_zones(tmp_path: Path) -> None:
    """The machine has the data of another zone under this name; that of the tzdata package counts."""
    (tmp_path / "America").mkdir()
    tokyo = resources.files("tzdata.zoneinfo").joinpath("Asia/Tokyo").read_bytes()
    (tmp_path / "America" / "Denver").write_bytes(tokyo)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    zone.cache_clear()
    try:
        evening = instant("2026-03-01T23:30:00Z")
        assert evening is not None
        assert billing_date(evening, "America/Denver") == "2026-03-01"
    finally:
        zoneinfo.reset_tzpath(to=before)
        zoneinfo.ZoneInfo.clear_cache()
        zone.cache_clear()
