"""The synthetic contacts: how many, when, of which kinds, and in which order they are delivered."""

import json
import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from jobs.sample.contacts import Delivery, deliveries
from schemas.outcome import REASONS
from tests.support.ledgers import NO_AGENTS, RULES
from transforms.records.outcome import outcomes

CONTACTS = 2000
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
    events = [json.loads(d.payload) for d in good if b'"eventType"' in d.payload]
    ids = {record["ContactId"] for record in records}
    assert events
    assert all(event["detail"]["contactId"] in ids for event in events)


def test_every_kind_occurs_in_a_small_sample() -> None:
    found = {json.loads(d.payload).get("InitiationMethod") for d in deliveries(60, 5)}
    assert found >= METHODS


def test_every_reason_of_an_archive_occurs(mixed: list[Delivery]) -> None:
    reasons = {(row.outcome, row.reason) for row in outcomes([d.payload for d in mixed], NO_AGENTS, RULES)}
    known = {(name, reason) for name, reasons_of_it in REASONS.items() for reason in reasons_of_it}
    assert known - reasons == {("excluded", "empty"), ("quarantined", "several_records")}  # values of a stream


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
