"""Quarantined rows without a date, counted from the ledger: what was recycled is not among them."""

from unittest.mock import patch

import pytest

from jobs.report.rows_without_date import RowsWithoutDate
from jobs.suspense.quarantine import read_quarantined
from schemas.errors import StorageError
from schemas.outcome import UNKNOWN_DATE
from sinks.parquet import read_parquet
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense, judged, unreadable

AGENT_EVENT = b'{"AgentARN": "a", "EventType": "LOGIN"}'
BAD_TIME = payload('InitiationTimestamp = "soon"')


def counts(rows: RowsWithoutDate, suspense: Suspense) -> dict[str, int]:
    """What it counts, which is what `quarantine list` does."""
    found = rows.quarantined(suspense.ledger.listing().unknown)
    listed = read_quarantined(suspense.ledger, UNKNOWN_DATE, suspense.ledger.recycled.names()).counts
    assert sum(found.values()) == sum(listed.values())
    assert found.keys() == {row.reason for row in listed}
    return found


def test_rows_of_replays_and_of_the_live_job(suspense: Suspense) -> None:
    rows = RowsWithoutDate(suspense.ledger)
    assert counts(rows, suspense) == {}
    suspense.read(b"oops", AGENT_EVENT, payload(), payload(NEW_VERSION))
    suspense.read(b"oops", BAD_TIME, live=True)
    suspense.read(AGENT_EVENT, live=True)
    assert counts(rows, suspense) == {"bad_timestamp": 1, "not_json": 2}


def test_parts_that_do_not_count_are_not_counted(suspense: Suspense) -> None:
    rows = RowsWithoutDate(suspense.ledger)
    suspense.read(b"oops", input_name="1-0")
    suspense.read(b"[]", input_name="2-0")
    assert counts(rows, suspense) == {"not_an_object": 1, "not_json": 1}
    suspense.ledger.store.delete("inputs/1-0.json")
    assert counts(rows, suspense) == {"not_an_object": 1}


def test_a_part_is_read_once(suspense: Suspense) -> None:
    rows = RowsWithoutDate(suspense.ledger)
    suspense.read(b"oops")
    assert counts(rows, suspense) == {"not_json": 1}
    suspense.read(b"oops", live=True)
    names = suspense.ledger.listing().unknown
    store = suspense.ledger.store
    with patch.object(type(store), "get", autospec=True, side_effect=type(store).get) as get:
        assert rows.quarantined(names) == {"not_json": 2}
        assert rows.quarantined(names) == {"not_json": 2}
    assert [call.args[1] for call in get.call_args_list] == ["outcomes/billing_date=unknown/part-0002-0"]


def test_recycled_rows_are_not_counted(suspense: Suspense) -> None:
    """Each once, though two recycles may have had it; and only as long as the ledger has its row."""
    rows = RowsWithoutDate(suspense.ledger)
    suspense.read(payload(), payload('ContactId = "b"'), b"oops", judge=unreadable, positions=["1", "1", "2"])
    suspense.read(payload(), judge=unreadable, input_name="ff-0")
    assert counts(rows, suspense) == {"not_json": 4}
    assert suspense.recycle(judge=judged(), reason="not_json").rows == 3
    assert counts(rows, suspense) == {"not_json": 1}
    (name,) = suspense.objects()
    data = suspense.ledger.store.get(name)
    assert data is not None
    suspense.ledger.recycled.add(read_parquet(data).take([2, 1, 0]))
    assert len(suspense.objects()) == 2
    assert counts(rows, suspense) == {"not_json": 1}
    suspense.ledger.store.delete("inputs/ff-0.json")
    assert counts(rows, suspense) == {"not_json": 1}
    suspense.read(b"[]", live=True)
    assert counts(rows, suspense) == {"not_an_object": 1, "not_json": 1}


def test_what_cannot_be_read_is_an_error(suspense: Suspense) -> None:
    rows = RowsWithoutDate(suspense.ledger)
    suspense.read(b"oops", live=True)
    (name,) = suspense.ledger.listing().unknown
    suspense.ledger.store.put(name, b"PAR1 patient PAR1")
    with pytest.raises(StorageError, match=r"part-0001-0 .*replay its archive") as error:
        rows.quarantined([name])
    assert "patient" not in str(error.value)
    with pytest.raises(StorageError, match="gone was deleted while it was read; run again"):
        rows.quarantined(["outcomes/billing_date=unknown/gone"])
    assert DATE not in str(error.value)
