"""The synthetic archive: same seed, same bytes; every layout holds the same payloads; nothing of the mix is missing."""

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import fastavro
import pyarrow.parquet as pq
import pytest
import zstandard

from jobs.sample.agents import roster
from jobs.sample.archive import LAYOUTS, write_archive, write_sample
from jobs.sample.contacts import Delivery, deliveries
from jobs.sample.malformed import DEFECTS, Defect, mix_in

CONTACTS = 2000
KEY = re.compile(
    r"(\d{4})/(\d\d)/(\d\d)/(\d\d)/contact-records-1-\1-\2-\3-\4-\d\d-\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z.]+"
)
METHODS = {
    "INBOUND",
    "OUTBOUND",
    "TRANSFER",
    "CALLBACK",
    "API",
    "QUEUE_TRANSFER",
    "EXTERNAL_OUTBOUND",
    "MONITOR",
    "DISCONNECT",
    "WEBRTC_API",
    "AGENT_REPLY",
    "FLOW",
    "CAMPAIGN_PREVIEW",
}


@pytest.fixture(scope="module")
def good() -> list[Delivery]:
    return list(deliveries(CONTACTS, 7))


@pytest.fixture(scope="module")
def records(good: list[Delivery]) -> list[dict[str, Any]]:
    return [record for record in (json.loads(d.payload) for d in good) if "ContactId" in record]


@pytest.fixture(scope="module")
def mixed(good: list[Delivery]) -> list[Delivery]:
    return list(mix_in(good, 7, 0.01, over=CONTACTS))


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def split(data: bytes) -> Iterator[bytes]:
    """Objects one after another, and between them what is no object; Latin-1 keeps one letter for every byte."""
    text, decode, start, at = data.decode("latin-1"), json.JSONDecoder().raw_decode, 0, 0
    opening = re.compile(r'\{\s*"')
    while found := opening.search(text, at):
        try:
            _, end = decode(text, found.start())
        except ValueError:
            end = -1
        if end < 0 or re.match(r"\s*[],}]", text[end : end + 100]):
            at = found.end() - 1
            continue
        yield from filter(None, [data[start : found.start()].strip(b"\n")])
        yield data[found.start() : end]
        start = at = end
    yield from filter(None, [data[start:].strip(b"\n")])


def read(name: str, data: bytes) -> list[bytes]:
    match name.rpartition(".")[2]:
        case "gz":
            return list(split(gzip.decompress(data)))
        case "jsonl":
            return data.rstrip(b"\n").split(b"\n")
        case "json":
            return list(split(data))
        case "zst":
            return zstandard.ZstdDecompressor().decompress(data).rstrip(b"\n").split(b"\n")
        case "avro":
            return [row["payload"] for row in fastavro.reader(io.BytesIO(data)) if isinstance(row, dict)]
        case "parquet":
            return list(pq.read_table(io.BytesIO(data)).column("payload").to_pylist())
    raise AssertionError(name)


def unformatted(payload: bytes) -> bytes:
    """The same object in one line, so that indented payloads compare with compact ones."""
    try:
        record = json.loads(payload.decode())
    except ValueError:
        return payload
    return json.dumps(record, ensure_ascii=False).encode() if isinstance(record, dict) else payload


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, contacts=400, seed=11, layout="mixed")
    write_sample(tmp_path / "three", contacts=400, seed=12, layout="mixed")
    one, two, three = (files(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys().isdisjoint(three.keys() - {"agents.csv"})
    assert one["agents.csv"] != three["agents.csv"]


def test_well_formed_payloads_are_compact_json_with_sorted_keys(good: list[Delivery]) -> None:
    for delivery in good:
        text = delivery.payload.decode()
        assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_agent_calls_have_a_realistic_size(good: list[Delivery]) -> None:
    sizes = [len(delivery.payload) for delivery in good if b'"Agent":{"' in delivery.payload]
    assert 1_800 <= sum(sizes) / len(sizes) <= 2_250


def test_number_of_contacts_is_exact_and_they_begin_within_the_days() -> None:
    for contacts in (1, 2, 3, 37, 500):
        found = [json.loads(d.payload) for d in deliveries(contacts, 3, days=2, first_day=date(2026, 5, 30))]
        begun = {r["ContactId"]: r["InitiationTimestamp"][:10] for r in found if "ContactId" in r}
        assert len(begun) == contacts
        assert set(begun.values()) <= {"2026-05-30", "2026-05-31"}


def test_mix_contains_every_method_and_case(records: list[dict[str, Any]], good: list[Delivery]) -> None:
    assert {record["InitiationMethod"] for record in records} == METHODS
    assert {record["Channel"] for record in records} == {"VOICE", "CHAT", "TASK", "EMAIL"}
    extensions = {str((r["Attributes"] or {}).get("extensionNumber")) for r in records}
    assert {"Timeout", "None"} < extensions
    assert any(re.fullmatch("[0-9]{6}", e) for e in extensions)
    assert any(re.fullmatch("0[0-9]{1,4}", e) for e in extensions)
    assert any(r["Agent"] == {} for r in records)
    assert any(r["CustomerEndpoint"] and r["CustomerEndpoint"]["Address"] == "anonymous" for r in records)
    events = [json.loads(d.payload) for d in good if b'"EventType"' in d.payload]
    assert {event["EventType"] for event in events} == {"STATE_CHANGE", "HEART_BEAT"}


def test_every_kind_occurs_in_a_small_sample() -> None:
    found = {json.loads(d.payload).get("InitiationMethod") for d in deliveries(60, 5)}
    assert found >= METHODS


def test_answered_calls_add_up(records: list[dict[str, Any]]) -> None:
    answered = [record["Agent"] for record in records if record["Agent"]]
    assert len(answered) > CONTACTS / 4
    for agent in answered:
        started = datetime.fromisoformat(agent["AfterContactWorkStartTimestamp"])
        connected = datetime.fromisoformat(agent["ConnectedToAgentTimestamp"])
        seconds = agent["AgentInteractionDuration"] + agent["CustomerHoldDuration"]
        assert started - connected == timedelta(seconds=seconds)


def test_deliveries_come_in_order_of_arrival_and_about_a_minute_after_the_work(good: list[Delivery]) -> None:
    arrivals = [delivery.arrived_at for delivery in good]
    assert arrivals == sorted(arrivals)
    assert all(at.tzinfo is UTC for at in arrivals)
    waits = []
    for delivery in good:
        agent = json.loads(delivery.payload).get("Agent")
        if agent:
            ended = datetime.fromisoformat(agent["AfterContactWorkEndTimestamp"])
            waits.append((delivery.arrived_at - ended).total_seconds())
    assert 60 <= sorted(waits)[len(waits) // 2] <= 75


def test_some_are_repeated_some_delivered_again_and_some_out_of_order(good: list[Delivery]) -> None:
    versions: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for delivery in good:
        record = json.loads(delivery.payload)
        if "ContactId" in record:
            versions[record["ContactId"]].append((record["LastUpdateTimestamp"], delivery.payload))
    assert len(versions) == CONTACTS
    repeated = sum(len(seen) - len(set(seen)) for seen in versions.values())
    again = sum(len(set(seen)) > 1 for seen in versions.values())
    assert 0.01 < repeated / CONTACTS < 0.04
    assert 0.06 < again / CONTACTS < 0.11
    assert any([stamp for stamp, _ in seen] != sorted(stamp for stamp, _ in seen) for seen in versions.values())
    started = {name: {json.loads(p)["InitiationTimestamp"] for _, p in seen} for name, seen in versions.items()}
    assert all(len(stamps) == 1 for stamps in started.values())


def test_every_defect_is_mixed_in_and_none_follows_another(good: list[Delivery], mixed: list[Delivery]) -> None:
    known = {delivery.payload for delivery in good}
    bad = [delivery.payload not in known for delivery in mixed]
    assert not any(one and next_one for one, next_one in pairwise(bad))
    assert len(DEFECTS) <= sum(bad) <= 0.05 * len(mixed)
    assert sum(len(delivery.payload) > 1 << 20 for delivery in mixed) == 1
    assert [d for d, is_bad in zip(mixed, bad, strict=True) if not is_bad] == good
    assert list(mix_in(good, 7, malformed=0)) == good


def test_each_defect_occurs_at_the_smallest_rate(good: list[Delivery], monkeypatch: pytest.MonkeyPatch) -> None:
    def named(defect: Defect) -> Defect:
        return defect._replace(make=lambda payload, rng: defect.name.encode())

    monkeypatch.setattr("jobs.sample.malformed.DEFECTS", tuple(named(defect) for defect in DEFECTS))
    found = Counter(delivery.payload for delivery in mix_in(good[:400], 7, malformed=1e-9, over=400))
    assert all(found[defect.name.encode()] == 1 for defect in DEFECTS)


def test_defects_name_every_reason_of_quarantine(good: list[Delivery]) -> None:
    assert {defect.reason for defect in DEFECTS} == {
        "not_utf8",
        "not_json",
        "not_an_object",
        "too_large",
        "unsupported_version",
        "missing_field",
        "wrong_type",
        "bad_timestamp",
        "unknown_initiation_method",
        "negative_duration",
        "inconsistent_times",
    }
    calls = [d.payload for d in good if b'"extensionNumber"' in d.payload and b'"Agent":{"' in d.payload][:50]
    for defect in DEFECTS:
        for number, call in enumerate(calls):
            payload = defect.make(call, Random(number))
            assert payload != call
            assert b"\n" not in payload
            assert (len(payload) > 1 << 20) == (defect.reason == "too_large")
            try:
                readable = isinstance(json.loads(payload.decode()), dict)
            except ValueError:
                readable = False
            assert readable == (defect.reason not in {"not_utf8", "not_json", "not_an_object"}), defect.name


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_reads_back(layout: str, mixed: list[Delivery], tmp_path: Path) -> None:
    write_archive(tmp_path, mixed, layout=layout, records_per_object=100)
    expected, found = Counter(d.payload for d in mixed), Counter[bytes]()
    for name, data in files(tmp_path).items():
        assert re.fullmatch(
            r"(\d{4})/(\d\d)/(\d\d)/(\d\d)/contact-records-1-\1-\2-\3-\4-\d\d-\d\d-[0-9a-f-]{36}\.[a-z.]+", name
        )
        found.update(read(name, data))
    if layout in ("pretty", "mixed"):
        expected = Counter(unformatted(d.payload) for d in mixed)
        found = Counter(unformatted(payload) for payload in found.elements())
    assert found == expected


def test_some_objects_have_several_gzip_members(good: list[Delivery], tmp_path: Path) -> None:
    write_archive(tmp_path, good, records_per_object=200)
    members = [data.count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00") for data in files(tmp_path).values()]
    assert min(members) == 1
    assert max(members) == 3


def test_number_of_objects(tmp_path: Path) -> None:
    write_sample(tmp_path / "demo", contacts=3000)
    assert 20 <= len(files(tmp_path / "demo" / "archive")) <= 40
    write_sample(tmp_path / "large", contacts=3000, records_per_object=100_000)
    assert len(files(tmp_path / "large" / "archive")) <= 12  # one for each day of arrival


def test_unknown_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="layout 'tar' is none of firehose"):
        write_archive(tmp_path, [], layout="tar")


def test_agents_fit_the_records(records: list[dict[str, Any]], tmp_path: Path) -> None:
    write_sample(tmp_path, contacts=10)
    rows = list(csv.DictReader((tmp_path / "agents.csv").read_text("utf-8").splitlines()))
    known = {row["agent_id"] for row in rows}
    seen = {r["Agent"]["ARN"].partition("/agent/")[2] for r in records if r["Agent"]}
    assert len(known) >= 40
    assert len(seen & known) > 40
    assert seen - known == {agent.agent_id for agent in roster(7).strangers}
    assert all(re.fullmatch("[0-9]{0,5}", row["extension"]) for row in rows)
    assert any(row["extension"].startswith("0") for row in rows)
    moved = [row for row in rows if row["valid_from"].startswith("2026-03-0")]
    assert len(moved) == 2  # one agent has another extension from then on, a second one takes over the first one's
    ended = {row["extension"]: row["valid_to"] for row in rows if row["valid_to"]}
    assert any(ended.get(row["extension"]) == row["valid_from"] for row in moved)
    assert len(ended) == 2  # that one, and the removed agent's
