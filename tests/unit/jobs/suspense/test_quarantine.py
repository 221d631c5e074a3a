"""Quarantined payloads: read from the files of a replay and of the live job, wherever they are."""

from pathlib import Path

import pytest

from jobs.suspense.quarantine import payloads, read_quarantined
from schemas.errors import StorageError
from schemas.recycled import Suspended
from tests.support.records import DATE, payload
from tests.support.suspense import NEW_VERSION, Suspense

NEW = payload(f'{NEW_VERSION}; ContactId = "new"')
BAD_TOO = payload(f'{NEW_VERSION}; ContactId = "bad"; DisconnectTimestamp = null')


def test_payloads_are_read_from_replays_files_and_from_the_live_jobs(tmp_path: Path) -> None:
    """Also where they have a place of their own."""
    suspense = Suspense(tmp_path / "out", tmp_path / "restricted")
    suspense.read(NEW)
    suspense.read(BAD_TOO, live=True)
    assert [k.payload for k in payloads(suspense.ledger, DATE)] == [BAD_TOO, NEW]
    assert suspense.recycle().rows == 1
    reasons = read_quarantined(suspense.ledger, DATE, suspense.ledger.recycled.names()).counts
    assert reasons == {Suspended("a.json", "2000", len(BAD_TOO), "unsupported_version", None): 1}


def test_a_payload_file_that_cannot_be_read_is_named_without_what_is_in_it(suspense: Suspense) -> None:
    suspense.read(NEW)
    path = suspense.root / f"ledger/quarantine/billing_date={DATE}/replay-1-0-0.parquet"
    path.write_bytes(b"PAR1 patient PAR1")
    with pytest.raises(StorageError, match=path.name) as error:
        suspense.recycle()
    assert "patient" not in str(error.value)
    assert suspense.objects() == []
