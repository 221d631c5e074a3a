"""Timestamps: RFC 3339 with `Z` or an offset, fraction optional; kept in UTC."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import payload
from tests.support.tables import Row, cases
from transforms.records.outcome import outcome
from transforms.records.timestamps import instant, zone

ACCEPTED = """
| text                           | is, in UTC                 | why                                     |
|--------------------------------|----------------------------|-----------------------------------------|
| 2026-03-01T10:00:00Z           | 2026-03-01 10:00:00        |                                         |
| 2026-03-01T10:00:00+00:00      | 2026-03-01 10:00:00        |                                         |
| 2026-03-01T10:00:00-00:00      | 2026-03-01 10:00:00        | RFC 3339: UTC, the local offset unknown |
| 2026-03-01T10:00:00+01:00      | 2026-03-01 09:00:00        |                                         |
| 2026-03-01T10:00:00-05:30      | 2026-03-01 15:30:00        |                                         |
| 2026-03-01T00:00:00+23:59      | 2026-02-28 00:01:00        | the largest offset                      |
| 2026-03-01T10:00:00.5Z         | 2026-03-01 10:00:00.500000 |                                         |
| 2026-03-01T10:00:00.000001Z    | 2026-03-01 10:00:00.000001 |                                         |
| 2026-03-01T10:00:00.125+01:00  | 2026-03-01 09:00:00.125000 |                                         |
| 2026-03-01T10:00:00.999999999Z | 2026-03-01 10:00:00.999999 | never later than it was                 |
| 2026-03-01t10:00:00z           | 2026-03-01 10:00:00        | RFC 3339 allows lower case              |
| 2028-02-29T23:59:59Z           | 2028-02-29 23:59:59        | a leap day                              |
| 1969-12-31T23:59:59.9Z         | 1969-12-31 23:59:59.900000 | before 1970                             |
| 0001-01-01T00:00:00Z           | 0001-01-01 00:00:00        | the first                               |
| 9999-12-31T23:59:59.999999Z    | 9999-12-31 23:59:59.999999 | the last                                |
"""

REFUSED = r"""
| text                           | why                            |
|--------------------------------|--------------------------------|
| 2026-03-01T10:00:00            | no zone                        |
| 2026-03-01 10:00:00Z           | no T                           |
| 2026-03-01T10:00Z              | no seconds                     |
| 2026-03-01                     | no time                        |
| 10:00:00Z                      | no date                        |
| 2026-03-01T10:00:00+0100       | no colon in the offset         |
| 2026-03-01T10:00:00+01         | half an offset                 |
| 2026-03-01T10:00:00+24:00      | an offset of a day             |
| 2026-03-01T10:00:00+01:60      |                                |
| 2026-03-01T10:00:00Z+01:00     | two zones                      |
| 2026-03-01T10:00:00 Z          | a blank                        |
| 2026-03-01T10:00:00.Z          | a fraction without digits      |
| 2026-03-01T10:00:00,5Z         | a comma                        |
| 2026-03-01T24:00:00Z           |                                |
| 2026-03-01T10:60:00Z           |                                |
| 2026-03-01T10:00:60Z           | a leap second                  |
| 2026-03-01T10:00:61Z           |                                |
| 2026-02-29T10:00:00Z           | no leap year                   |
| 2026-02-30T10:00:00Z           |                                |
| 2026-13-01T10:00:00Z           |                                |
| 2026-00-01T10:00:00Z           |                                |
| 0000-01-01T10:00:00Z           |                                |
| 12026-03-01T10:00:00Z          | five digits                    |
| +2026-03-01T10:00:00Z          | a sign                         |
| 26-03-01T10:00:00Z             | two digits                     |
| 2026-3-1T10:00:00Z             | no leading zeros               |
| 20260301T100000Z               | ISO 8601's basic format        |
| 2026-W09-7T10:00:00Z           | ISO 8601's weeks               |
| 2026-060T10:00:00Z             | ISO 8601's days                |
| \u0662026-03-01T10:00:00Z      | an Arabic-Indic digit          |
| 2026-03-01T1\u0660:00:00Z      |                                |
| 2026-03-01T10:00:00.\u0665Z    |                                |
| 2026-03-01T10:00:00\u221201:00 | a minus sign that is no hyphen |
| 2026-03-01T10:00:00Z\n         | a line break at the end        |
| 2026-03-01T10:00:00Z\x00       | a zero byte at the end         |
| \x202026-03-01T10:00:00Z       | a blank before it              |
| 03/01/2026 10:00               | an American's                  |
| Sun, 01 Mar 2026 10:00:00 GMT  | an e-mail's                    |
| 1772359200                     | seconds since 1970             |
| 0001-01-01T00:30:00+01:00      | before the first year in UTC   |
| 9999-12-31T23:30:00-01:00      | after the last year in UTC     |
| now                            |                                |
"""


@pytest.mark.parametrize("row", cases(ACCEPTED))
def test_accepted(row: Row) -> None:
    micros = instant(row["text"])
    assert micros is not None
    found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    assert found.replace(tzinfo=None).isoformat(" ") == row["is, in UTC"]


@pytest.mark.parametrize("row", cases(REFUSED))
@pytest.mark.parametrize("field", ["InitiationTimestamp", "LastUpdateTimestamp", "DisconnectTimestamp"])
def test_refused(row: Row, field: str) -> None:
    text = row["text"].encode().decode("unicode_escape")
    plain = payload(f'{field} = "here"').replace(b'"here"', json.dumps(text).encode())
    found = outcome(plain, NO_AGENTS, RULES)
    assert (found.outcome, found.reason, found.detail) == ("quarantined", "bad_timestamp", field)


def test_texts_that_are_too_long_are_not_kept() -> None:
    texts = ["2026-03-01T10:00:00." + "1" * length + "Z" for length in range(60)] + ["x" * 1000, ""]
    assert [instant(text) for text in texts] == [instant(text) for text in texts]
    kept: dict[str, int | None] = instant.__self__  # type: ignore[attr-defined]
    assert max(map(len, kept)) <= 40


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "utc", "Europe", "../zones", "zone.tab", "localtime"])
def test_what_is_not_a_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        zone(name)
