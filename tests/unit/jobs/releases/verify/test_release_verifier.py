"""Verify: a release that is whole passes; whatever is missing, changed or forged in it is named."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.releases.verify.release_verifier import ReleaseVerifier
from sinks.store import LocalStore
from tests.support.desk import Desk
from tests.support.records import DATE
from tests.support.verification import FOLDER, GATE, check, forge, found, indented


def test_a_whole_release_passes(whole: Desk) -> None:
    checked = check(LocalStore(whole.root / "release"))
    assert (checked.versions, checked.lines, checked.findings) == (3, 4, ())


def test_a_date_without_a_release_is_a_finding(whole: Desk) -> None:
    assert found(whole, "2026-03-09") == (
        "has no version",
        "latest.json: is missing",
    )


def later(path: Path) -> None:
    """Dates an announcement a year later."""
    text, found = re.subn(rb'("published_at": ?")[0-9]{4}', rb"\g<1>2027", path.read_bytes())
    assert found == 1
    path.write_bytes(text)


# What is done to the folder, and what verify must say of it.
SPOILT: list[tuple[Callable[[Path], Any], str]] = [
    (lambda f: (f / "v0001/billing.csv").unlink(), r"v0001: billing.csv: is missing"),
    (lambda f: (f / "v0001/billing.csv").write_bytes(b""), r"v0001: billing.csv: has 0 bytes, the manifest says \d+"),
    (lambda f: (f / "v0001/manifest.json").unlink(), r"v0001: is missing, so that the versions have a gap"),
    (lambda f: shutil.rmtree(f / "v0002"), r"v0002: is missing, so that the versions have a gap"),
    (lambda f: (f / "latest.json").unlink(), r"latest.json: is missing"),
    (lambda f: (f / "latest.json").write_bytes(b"{}"), r"latest.json: is not as it was written"),
    # Nothing else says when a version was announced.
    (lambda f: later(f / "latest.json"), r"latest.json: is not as it was written"),
    (lambda f: shutil.rmtree(f / "v0003"), r"latest.json: names version 3, the newest is 2"),
    (lambda f: (f / "v0001/more.csv").write_bytes(b""), r"v0001: more.csv: is not in the manifest"),
    (lambda f: (f / "notes.txt").write_bytes(b""), r"notes.txt: belongs to no version"),
    (lambda f: shutil.copytree(f / "v0003", f / "v0004"), r"v0004: manifest.json: is that of version 3 of 2026-03-01"),
    (lambda f: shutil.copyfile(f / "v0001/manifest.json", f / "v0002/manifest.json"), r"v0002: .*is that of version 1"),
]


@pytest.mark.parametrize(("spoil", "said"), SPOILT, ids=[said for _, said in SPOILT])
def test_each_has_its_own_message(spoil: Callable[[Path], Any], said: str, desk: Desk) -> None:
    spoil(desk.root / "release" / FOLDER)
    assert any(re.search(said, finding) for finding in found(desk)), found(desk)


def test_what_is_forged_without_a_change_passes(desk: Desk) -> None:
    forge(desk, 1, {})
    assert found(desk) == ()


@pytest.mark.parametrize(
    "text_of",
    [
        msgspec.json.encode,
        lambda manifest: indented(manifest) + b"\n",
        lambda manifest: indented(manifest | {"more": 1}),
        lambda manifest: indented(dict(reversed(manifest.items()))),
    ],
    ids=["on one line", "a line more", "a key more", "in another order"],
)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_manifest_in_another_form_is_not_as_it_was_written(
    text_of: Callable[[dict[str, object]], bytes], version: int, desk: Desk
) -> None:
    """Its digests are right, and it says the same."""
    forge(desk, version, {}, text_of)
    assert found(desk) == (f"v{version:04d}: manifest.json is not as it was written, or of a newer software",)


def test_a_line_that_is_missing_in_one_file(desk: Desk) -> None:
    path = desk.root / "release" / FOLDER / "v0001" / "billing.csv"
    rows = path.read_bytes().split(b"\r\n")
    forge(desk, 1, {"billing.csv": b"\r\n".join(rows[:-2] + rows[-1:])})
    said = found(desk)
    assert "v0001: manifest.json: control.billed: said 3, found 2" in said
    assert "v0001: billing.csv and billing.parquet differ in 1 rows, taken in their order" in said
    assert "v0002: amendments.csv: 1 amendments of lines that version 1 does not have" in said


def test_a_cell_that_differs(desk: Desk) -> None:
    path = desk.root / "release" / FOLDER / "v0002" / "billing.csv"
    forge(desk, 2, {"billing.csv": path.read_bytes().replace(b",0042,", b",0043,", 1)})
    assert "v0002: billing.csv and billing.parquet differ in 1 rows, taken in their order" in found(desk)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"ADDED", b"CHANGED", "v0002: manifest.json: amendments: said"),
        (b",31,", b",32,", "v0002: amendments.csv: applied to version 1, it gives 2 other lines"),
        (b",30,", b",29,", "v0002: amendments.csv: "),
        (b",2,call-1", b",1,call-1", "v0002: amendments.csv: 1 amended lines have another revision than 2"),
    ],
)
def test_amendments_that_do_not_lead_to_the_version(old: bytes, new: bytes, said: str, desk: Desk) -> None:
    path = desk.root / "release" / FOLDER / "v0002" / "amendments.csv"
    assert old in path.read_bytes()
    forge(desk, 2, {"amendments.csv": path.read_bytes().replace(old, new)})
    assert any(finding.startswith(said) for finding in found(desk)), found(desk)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"control__billed": 9}, "balance: "),
        ({"control__talk_seconds": 1}, "control.talk_seconds: said 1, found"),
        ({"control__hold_seconds": 1}, "control.hold_seconds: said 1, found"),
        ({"control__call_seconds": 1}, "control.call_seconds: said 1, found"),
        ({"earliest_initiated_at": "2026-03-01T09:00:00Z"}, "earliest and latest_initiated_at: said"),
        ({"amendments": {"ADDED": 2}}, "amendments: said"),
        ({"expectations": []}, "expectation contact_id_unique is not what the lines give"),
        ({"files": []}, "lists other files"),
        ({"amends": None}, "amends None, and the contract is the same"),
        ({"billing_date": "2026-03-02"}, "is that of version 2 of 2026-03-02"),
    ],
)
def test_claims_that_the_files_do_not_bear_out(keys: dict[str, object], said: str, desk: Desk) -> None:
    forge(desk, 2, {}, **keys)
    assert any(said in finding for finding in found(desk)), found(desk)


def test_what_was_published_although_a_rule_does_not_hold(desk: Desk) -> None:
    expectations = desk.manifest(2)["expectations"]
    expectations[0] |= {"passed": False}
    forge(desk, 2, {}, expectations=expectations)
    assert f"v0002: manifest.json: published although {expectations[0]['rule']} does not hold" in found(desk)
    warnings = [e | {"passed": e["severity"] != "warn"} for e in desk.manifest(3)["expectations"]]
    forge(desk, 2, {}, expectations=desk.manifest(2)["expectations"][:0])
    forge(desk, 3, {}, expectations=warnings)
    assert not any("published although" in finding for finding in found(desk))


@pytest.mark.parametrize("version", [2, 3])
def test_a_manifest_names_the_one_before(version: int, desk: Desk) -> None:
    forge(desk, version, {}, previous_manifest_sha256="0" * 64)
    said = f"v{version:04d}: manifest.json: names another manifest of version {version - 1} than the one in the release"
    assert found(desk) == (said,)


@pytest.mark.parametrize(
    "keys", [{"previous_manifest_sha256": "0" * 64}, {"amends": 1}, {"previous_contract": "six-columns-hold.v1"}]
)
def test_the_first_version_has_none_before(keys: dict[str, object], desk: Desk) -> None:
    forge(desk, 1, {}, **keys)
    assert "v0001: manifest.json: names a version before the first" in found(desk)


@pytest.mark.parametrize(("version", "amends", "contract"), [(2, 2, "the same"), (2, 0, "the same"), (3, 2, "another")])
def test_a_version_amends_the_one_before_if_the_contract_is_the_same(
    version: int, amends: int, contract: str, desk: Desk
) -> None:
    forge(desk, version, {}, amends=amends)
    assert f"v{version:04d}: manifest.json: amends {amends}, and the contract is {contract}" in found(desk)


def test_every_date_that_has_an_object_is_verified(desk: Desk) -> None:
    root = desk.root / "release"
    for name in ("billing_date=2026-02-28/notes.txt", "billing_date=2026-02-27/v0001/x", "other/v0001/x", "x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    assert ReleaseVerifier(LocalStore(root), GATE).dates() == ["2026-02-27", "2026-02-28", DATE]
    assert found(desk, "2026-02-28") == (
        *("has no version", "latest.json: is missing"),
        "billing_date=2026-02-28/notes.txt: belongs to no version",
    )


def test_files_of_another_contract(desk: Desk) -> None:
    forge(desk, 3, {}, csv__delimiter=";")
    assert found(desk) == (
        "v0003: amendments.csv: its columns are not the contract's",
        "v0003: billing.csv: its columns are not the contract's",
    )


def test_findings_hold_no_value_of_a_line(desk: Desk) -> None:
    path = desk.root / "release" / FOLDER / "v0002" / "billing.csv"
    forge(desk, 2, {"billing.csv": path.read_bytes().replace(b"+12025550101", b'"MARK-7f3', 1)})
    said = " ".join(found(desk))
    assert said
    assert "7f3" not in said
    assert "2025550101" not in said


def names(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_byte_changes_unseen(whole: Desk, data: st.DataObject) -> None:
    """One byte of one file is another, is gone, or is one too many; or the file is gone."""
    root = whole.root / "release"
    assert check(Spoilt(root, data)).findings != ()


class Spoilt(LocalStore):
    """A release with one file that is not as it was written."""

    def __init__(self, root: Path, data: st.DataObject) -> None:
        super().__init__(root)
        self._spoilt = data.draw(st.sampled_from(names(root)))
        text = bytearray((root / self._spoilt).read_bytes())
        place = data.draw(st.integers(0, len(text) - 1))
        match data.draw(st.sampled_from(["another", "less", "more", "gone"])):
            case "another":
                text[place] ^= data.draw(st.integers(1, 255))
            case "less":
                del text[place]
            case "more":
                text.insert(place, data.draw(st.integers(0, 255)))
            case "gone":
                text = None
        self._text = None if text is None else bytes(text)

    def get(self, name: str) -> bytes | None:
        return self._text if name == self._spoilt else super().get(name)

    def names(self, folder: str) -> list[str]:
        return [n for n in super().names(folder) if n != self._spoilt or self._text is not None]


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
