"""The audit: the ledger's objects with their digests, and what depends on other dates."""

import json

from tests.support.desk import Desk
from tests.support.records import DATE


def test_the_audit_lists_the_ledger_by_object(desk: Desk) -> None:
    desk.deliver("")
    desk.deliver('ContactId = "call-2"')
    desk.release()
    objects = json.loads(desk.files("audit")[f"billing_date={DATE}/v0001.json"])["ledger"]
    assert [o["name"] for o in objects] == desk.ledger.names(DATE)
    assert all(o["bytes"] > 0 and len(o["sha256"]) == 64 for o in objects)
    assert len({o["sha256"] for o in objects}) == 2


def test_volumes_are_the_operators(desk: Desk) -> None:
    """They depend on other dates, so that the manifest would depend on the order of releases."""
    for day in (1, 8, 15):
        desk.deliver(
            f'ContactId = "{day}"; InitiationTimestamp = "2026-03-{day:02d}T10:00:00Z"; '
            f'DisconnectTimestamp = "2026-03-{day:02d}T11:00:00Z"'
        )
    for day in (16, 17, 18):
        desk.deliver(
            *(
                f'ContactId = "{day}"; InitiationTimestamp = "2026-03-15T10:00:00Z"; '
                f'DisconnectTimestamp = "2026-03-15T11:00:00Z"'
                for day in range(20, 23)
            )
        )
    for day in (1, 8, 15):
        desk.release(date=f"2026-03-{day:02d}")
    audit = json.loads(desk.files("audit")["billing_date=2026-03-15/v0001.json"])
    (volume,) = [e for e in audit["expectations"] if e["rule"] == "volume_is_usual"]
    assert (volume["passed"], volume["severity"]) == (False, "warn")
    manifest = json.loads(desk.files()["billing_date=2026-03-15/v0001/manifest.json"])
    rules = {e["rule"] for e in manifest["expectations"]}
    assert "contact_id_unique" in rules
    assert "volume_is_usual" not in rules
