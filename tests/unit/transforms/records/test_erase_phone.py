"""Numbers in payloads: gone in every form that is looked for, and nothing else is touched."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.releases.verify.release_verifier import ReleaseVerifier
from schemas.erasure import ErasedObject
from schemas.errors import StorageError
from sinks.erasures import Erasures, current_object
from sinks.store import LocalStore
from tests.support.desk import Desk
from tests.support.ledgers import NO_AGENTS, RULES
from tests.support.records import DATE, changed
from tests.unit.jobs.releases.verify.test_version_chain import GATE, against, forge
from transforms.records.erase_phone import erase_phones, phone_pattern
from transforms.records.outcome import outcome

NUMBER = "+4930123456"
SOUGHT = phone_pattern([NUMBER, "+12025550173"])


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("+4930123456", "+0000000000"),
        ("tel:+4930123456;ext=5", "tel:+0000000000;ext=5"),
        (r"\u002b4930123456", r"\u002b0000000000"),
        ("004930123456", "000000000000"),
        ("0114930123456", "0110000000000"),
        ("4930123456", "9999999999"),
        ("a+4930123456 +12025550173", "a+0000000000 +00000000000"),
        # Longer numbers are others': of an extension behind the same line, of another country.
        ("+49301234567", "+49301234567"),
        ("+14930123456", "+14930123456"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
    ],
)
def test_where_a_number_is_found(text: str, now: str) -> None:
    assert erase_phones(text.encode(), SOUGHT) == now.encode()
    for utf_16 in ("utf-16", "utf-16-le", "utf-16-be"):
        if "u002b" not in text:
            assert erase_phones(text.encode(utf_16), SOUGHT) == now.encode(utf_16)


@given(st.binary(max_size=40), st.sampled_from([b"", b"+", b"00", b'"+', b'":']), st.binary(max_size=40))
def test_a_payload_stays_as_long_as_it_was(before: bytes, prefix: bytes, after: bytes) -> None:
    given = before + prefix + NUMBER[1:].encode() + after
    now = erase_phones(given, SOUGHT)
    assert len(now) == len(given)
    assert erase_phones(now, SOUGHT) == now


@pytest.mark.parametrize(
    "differences",
    [
        f'CustomerEndpoint.Address = "{NUMBER}"',
        f'CustomerEndpoint.Address = "{NUMBER}"; Attributes.a = {NUMBER[1:]}; Attributes.b = "00{NUMBER[1:]}"',
        f'CustomerEndpoint.Address = "{NUMBER[1:]}"',
        f"CustomerEndpoint.Address = {NUMBER[1:]}",
    ],
)
def test_the_rules_say_the_same_but_for_the_phone(differences: str) -> None:
    """Also of a number that was not written as text."""
    given = json.dumps(changed(differences)).encode()
    before, after = (outcome(p, NO_AGENTS, RULES) for p in (given, erase_phones(given, SOUGHT)))
    assert after == msgspec.structs.replace(before, patient_phone=None)


def test_an_erasure_that_the_ledger_knows_nothing_of_is_a_finding(tmp_path: Path) -> None:
    """Whoever takes files away cannot call it an erasure."""
    desk = Desk(tmp_path)
    desk.deliver("")
    desk.release()
    folder = tmp_path / "release" / f"billing_date={DATE}" / "v0001"
    (folder / "erased.json").write_bytes(b"{}")
    verifier = ReleaseVerifier(LocalStore(tmp_path / "release"), GATE)
    assert verifier.check(DATE).findings == ("v0001: is erased, and no version has followed; run erase again",)
    assert desk.release().amendments == {}
    (folder / "billing.csv").unlink()
    checked = verifier.check(DATE)
    assert (checked.versions, checked.erased, checked.findings) == (2, 1, ())
    assert against(desk) == ["v0001: is said to be erased, and the ledger knows of no erasure"]


def test_erasures_are_records_that_nobody_changes(tmp_path: Path) -> None:
    erasures = Erasures(LocalStore(tmp_path))
    assert erasures.load() == {}
    steps = [ErasedObject("a", "1", "b", "2"), ErasedObject("b", "2", "c", "3"), ErasedObject("d", "4", "d", "5")]
    for step in (*steps, steps[0]):
        erasures.add(step)
    assert len(list((tmp_path / "erasures").iterdir())) == 3
    became = erasures.load()
    for before, after in {
        ("a", "1"): ("c", "3"),
        ("b", "2"): ("c", "3"),
        ("d", "4"): ("d", "5"),
        ("a", "2"): ("a", "2"),
    }.items():
        assert current_object(*before, became) == after
    (tmp_path / "erasures" / "x.json").write_bytes(b"{}")
    with pytest.raises(StorageError, match=r"erasures/x\.json is not an erasure record; restore it"):
        erasures.load()


@pytest.mark.parametrize(
    ("erased", "amends", "right"),
    [
        ((), 1, True),
        ((), None, False),
        ((1,), None, True),
        ((1,), 1, False),
        ((2,), 1, True),
        ((2,), None, False),
        ((1, 2), 1, True),
        ((1, 2), None, True),
        ((1, 2), 2, False),
    ],
)
def test_what_a_version_may_amend_beside_erased_ones(
    erased: tuple[int, ...], amends: int | None, right: bool, tmp_path: Path
) -> None:
    """One that was erased itself keeps what it said when it was made."""
    desk = Desk(tmp_path)
    for number in (1, 2, 3):
        desk.deliver(f'ContactId = "call-{number}"')
        desk.release()
    forge(desk, 2, {}, amends=amends)
    for version in erased:
        (tmp_path / "release" / f"billing_date={DATE}" / f"v{version:04d}" / "erased.json").write_bytes(b"{}")
    said = [
        finding
        for finding in ReleaseVerifier(LocalStore(tmp_path / "release"), GATE).check(DATE).findings
        if "v0002" in finding
    ]
    assert (not any("amends" in finding for finding in said)) is right


def test_what_was_told_before_is_told_no_more(tmp_path: Path) -> None:
    """Amendments that follow are told again."""
    desk = Desk(tmp_path)
    desk.deliver("", 'ContactId = "call-2"')
    desk.release()
    (tmp_path / "release" / f"billing_date={DATE}" / "v0001" / "erased.json").write_bytes(b"{}")
    desk.release()
    assert (desk.manifest(2)["amends"], desk.amendments(2)) == (None, [])
    assert [line["revision"] for line in desk.lines(2)] == ["1", "1"]
    desk.deliver('ContactId = "call-3"')
    desk.release()
    assert (desk.manifest(3)["amends"], desk.manifest(3)["amendments"]) == (2, {"ADDED": 1})
