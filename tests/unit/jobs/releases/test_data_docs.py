"""Data Docs: a page for every version, listed in an index; without a value of a line, a clock, or anything to load."""

import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path

import boto3
import pandas as pd
import pytest
from moto import mock_aws

from jobs.releases.data_docs import INDEX, page, put_index, put_page
from jobs.releases.gate import Gate, failures
from jobs.settings.connections import S3
from schemas.data_rules import Limits, volume_rule
from schemas.manifest import Audit, Control, Expectation
from sinks.s3 import S3Store
from sinks.store import LocalStore
from tests.support.desk import LATER, NOW, Desk
from tests.support.gate_lines import rules_for, three_lines
from tests.support.records import DATE

PAGE = f"data_docs/billing_date={DATE}/v0001.html"
MARKS = ("MARK", "7f3", "7333333", "8444444", "2025557", "77777", "202555")


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def docs(desk: Desk) -> dict[str, str]:
    return {name: data.decode() for name, data in desk.files("audit").items() if name.startswith("data_docs/")}


def test_there_is_a_page_for_every_version_and_an_index_that_lists_them(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("")
    desk.release()
    desk.release()
    desk.deliver('ContactId = "=1+1"')
    assert desk.release().failures
    site = docs(desk)
    second = PAGE.replace("0001", "0002")
    assert sorted(site) == [PAGE, second, INDEX]
    links = [attrs["href"] for tag, attrs in Elements(site[INDEX]).found if tag == "a"]
    assert [f"data_docs/{link}" for link in links] == [PAGE, second]
    assert f"{DATE}/v0001" in site[PAGE]
    assert "v0001: passed" in site[PAGE]
    assert "v0002: not published" in site[second]
    assert "contact_id_harmless (fail): matches_not</td><td>failed</td><td>2</td><td>1</td>" in site[second]
    assert "contact_id_unique (fail): unique</td><td>passed</td><td>2</td><td>0</td>" in site[second]
    assert "<td>read</td><td>2</td>" in site[second]
    assert not any(name.endswith(".html") for name in desk.files())


def test_no_file_of_the_site_holds_a_value_of_a_line(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    marked = 'CustomerEndpoint.Address = "+12025557777"; Attributes.extensionNumber = "77777"; Attributes.note = "MARK"'
    desk.deliver(marked, f'{marked}; ContactId = "=MARK-7f3"', f'{marked}; ContactId = "@MARK-7f3"')
    assert desk.release().failures
    site = docs(desk)
    assert len(site) == 2
    assert not [(name, mark) for name, text in site.items() for mark in MARKS if mark in text]


def audit_of(expectations: tuple[Expectation, ...]) -> Audit:
    return Audit(
        DATE, 1, tuple(failures(expectations)), Control(3, 3, 0, {}, 0, 0, {}, 105, 105, 0), {}, expectations, ()
    )


def test_no_page_holds_a_value_whatever_is_wrong(gate: Gate) -> None:
    marks = {name: f"MARK-7f3-{name}" for name in ("contact_id", "billing_date", "call_type", "provider_extension")}
    numbers = {"talk_seconds": -7_333_333, "call_duration_seconds": -8_444_444}
    lines = three_lines(**marks, **numbers, patient_phone="+1202555x", initiated_at="7f3")
    lines = pd.concat([lines] * 2, ignore_index=True)
    # A text among the integers makes Great Expectations raise.
    lines["revision"] = pd.Series([1, "MARK-7f3", 1, 1, 1, 1], dtype=object)
    rules = rules_for(three_lines())
    found = gate.check(lines, rules)
    assert sum(not e.passed for e in found) >= 8
    text = page(audit_of(found), rules).decode()
    assert not [mark for mark in MARKS if mark in text]


def test_a_page_loads_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("")
    desk.release()
    site = docs(desk)
    for name, text in site.items():
        assert not re.search(r"https?:|url\(|@import|javascript:", text)
        for tag, attrs in Elements(text).found:
            assert tag not in {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
            assert not {"src", "srcset", "background"} & attrs.keys()
            link = attrs.get("href")
            if link is not None and not link.startswith("#"):
                assert posixpath.normpath(f"{posixpath.dirname(name)}/{link}") in site


def test_the_same_lines_are_the_same_bytes(tmp_path: Path) -> None:
    sites = []
    for name, now in (("one", NOW), ("two", LATER)):
        desk = Desk(tmp_path / name)
        desk.deliver("", 'ContactId = "=1+1"')
        desk.release(now=now)
        sites.append(docs(desk))
    assert sites[0] == sites[1]


def test_who_writes_the_index_last_has_every_page(tmp_path: Path) -> None:
    """Another release writes its page, and its index, between this one's look and its writing."""

    class Raced(LocalStore):
        raced = False

        def put(self, name: str, data: bytes) -> None:
            if name == INDEX and not self.raced:
                self.raced = True
                put_page(self, "2026-03-02", 1, b"")
                put_index(self)
            super().put(name, data)

    store = Raced(tmp_path)
    put_page(store, DATE, 1, b"")
    put_index(store)
    assert (store.get(INDEX) or b"").count(b"<li>") == 2


def test_a_rule_says_what_it_holds_lines_against_but_for_patterns(gate: Gate) -> None:
    lines = three_lines()
    rules = (*rules_for(lines), *volume_rule([2, 4], Limits()))
    text = page(audit_of(gate.check(lines, rules)), rules).decode()
    told = {
        *("row_count_is_billed (fail): row_count 3, 3", "contact_id_present (fail): not_null 1"),
        *("call_type_allowed (fail): in_set inbound, outbound", "talk_seconds_range (fail): at_least 0"),
        *("call_seconds_agree (fail): sum 105", "volume_is_usual (warn): row_count 1, 6"),
        *("contact_id_unique (fail): unique", "patient_phone_e164 (fail): matches"),
        "contact_id_harmless (fail): matches_not",
    }
    found = {re.sub(r"\.0\b", "", rule) for rule in re.findall(r"\w+ \((?:fail|warn)\): [^<]*", text)}
    assert {rule.strip() for rule in found} >= told


def test_other_files_are_not_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for name in ("notes.html", 'billing_date="><b>/v0001.html', f"billing_date={DATE}/v0001.txt"):
        store.put(f"data_docs/{name}", b"")
    put_index(store)
    assert b"<li>" not in (store.get(INDEX) or b"")


def test_on_s3_a_browser_is_told_that_it_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="operator")
        store = S3Store("s3://operator/audit", S3(region="us-east-1"), "storage.audit")
        put_page(store, DATE, 1, b"page")
        put_index(store)
        for name in (PAGE, INDEX):
            assert client.get_object(Bucket="operator", Key=f"audit/{name}")["ContentType"].startswith("text/html")
