"""One sample for all: its deliveries, its records, and both with malformed payloads mixed in."""

import json
from typing import Any

import pytest

from jobs.sample.contacts import Delivery, deliveries
from jobs.sample.malformed import mix_in

CONTACTS = 2000


@pytest.fixture(scope="module")
def good() -> list[Delivery]:
    return list(deliveries(CONTACTS, 7))


@pytest.fixture(scope="module")
def records(good: list[Delivery]) -> list[dict[str, Any]]:
    return [record for record in (json.loads(d.payload) for d in good) if "ContactId" in record]


@pytest.fixture(scope="module")
def mixed(good: list[Delivery]) -> list[Delivery]:
    return list(mix_in(good, 7, 0.01, over=CONTACTS))
