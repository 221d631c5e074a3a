"""Malformed payloads: how often each defect is mixed in, and for which reason it is quarantined."""

import json
from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from jobs.sample.contacts import Delivery
from jobs.sample.malformed import DEFECTS, Defect, mix_in


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
        "implausible_time",
        "unknown_initiation_method",
        "negative_duration",
        "inconsistent_times",
        "implausible_duration",
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
