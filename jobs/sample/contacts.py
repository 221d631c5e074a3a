"""Contact records as they arrive. In: how many contacts, a seed, a first day. Out: one `Delivery` for every payload.

Every payload is well formed (`defects.mix_in` adds the others). Deliveries come in order of arrival; what they say does
not: some are repeated, some arrive again days later with changed attributes, and now and then the newer version arrives
first.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from jobs.sample.agents import DAY, FIRST_DAY, midnight, roster
from jobs.sample.context import SampleContext, new_context
from jobs.sample.planned_contact import Contact
from jobs.sample.record_json import RecordWriter
from jobs.sample.schedule import schedule
from jobs.sample.unanswered import agent_event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REDELIVERED = 0.065  # besides those that always are, such as voicemail flags: about 8 % together
REPEATED = 0.02
AGENT_EVENTS = 0.03

Progress = Callable[[int], object]


class Delivery(NamedTuple):
    """A payload and when it arrived (UTC)."""

    arrived_at: datetime
    payload: bytes


def unseen(_: int) -> None:
    """Progress that nobody looks at."""


def deliveries(
    contacts: int, seed: int, days: int = 3, first_day: date = FIRST_DAY, progress: Progress = unseen
) -> Iterator[Delivery]:
    """All deliveries of exactly that many contact records begun within the days, and some agent events between them."""
    scribe = RecordWriter(seed)
    desk = new_context(seed, roster(seed, first_day, days), scribe)
    waiting: list[tuple[int, int, bytes]] = []
    count = 0
    for at, kind in schedule(desk.rng, contacts, midnight(first_day), days):
        while waiting and waiting[0][0] <= at * 1000:
            yield _delivery(heapq.heappop(waiting))
        for contact in kind.make(desk, at):
            for arrival_ms, payload in _arrivals(desk, contact):
                # The running number keeps arrivals of the same millisecond in the order they were made.
                heapq.heappush(waiting, (arrival_ms, count, payload))
                count += 1
        progress(kind.legs)
    while waiting:
        yield _delivery(heapq.heappop(waiting))


def _delivery(arrival: tuple[int, int, bytes]) -> Delivery:
    return Delivery(EPOCH + timedelta(milliseconds=arrival[0]), arrival[2])


def _arrivals(desk: SampleContext, contact: Contact) -> Iterator[tuple[int, bytes]]:
    """Every delivery of one contact, with its arrival in milliseconds since 1970.

    The first one, repetitions, later versions, and at times an agent event beside them.
    """
    rng, scribe = desk.rng, desk.scribe
    updated_at = contact.work_ended_at + desk.between(62, 68)
    arrival_ms = updated_at * 1000 + _jitter(desk)
    payload = scribe.record(contact, updated_at)
    for version, version_at in _later_versions(desk, contact, updated_at):
        later_ms = version_at * 1000 + _jitter(desk)
        if rng.random() < 0.04:
            arrival_ms = max(arrival_ms, later_ms + desk.between(1, 90_000))
        later = scribe.record(version, version_at)
        yield later_ms, later
        if rng.random() < REPEATED:
            yield later_ms + _repeat_delay(desk), later
    yield arrival_ms, payload
    if rng.random() < REPEATED:
        yield arrival_ms + _repeat_delay(desk), payload
    if rng.random() < AGENT_EVENTS:
        event_ms = contact.work_ended_at * 1000 + desk.between(0, 999)
        yield event_ms + desk.between(200, 3000), agent_event(desk, event_ms)


def _jitter(desk: SampleContext) -> int:
    """Milliseconds from the stamp to the arrival: below three seconds, for some up to ten minutes."""
    return desk.between(50, 3000) if desk.rng.random() < 0.985 else desk.between(3000, 600_000)


def _repeat_delay(desk: SampleContext) -> int:
    """Milliseconds to the second arrival of the same payload: mostly at once, for some after hours."""
    return desk.between(0, 2000) if desk.rng.random() < 0.7 else desk.between(2000, 6 * 3_600_000)


def _later_versions(desk: SampleContext, contact: Contact, updated_at: int) -> Iterator[tuple[Contact, int]]:
    """Later versions of a contact and when each was stamped."""
    rng = desk.rng
    if contact.later_attributes is not None:
        machine = contact.later_machine or contact.machine
        yield (
            replace(contact, attributes=contact.later_attributes, machine=machine),
            updated_at + desk.between(120, 6 * 3600),
        )
        return
    if rng.random() >= REDELIVERED:
        return
    changed = replace(contact, attributes=_changed_attributes(desk, contact))
    luck = rng.random()
    if luck < 0.02:  # within the same second, so that the stamps tie
        stamped_at = updated_at
    elif luck < 0.4:
        stamped_at = updated_at + desk.between(300, 3600)
    elif luck < 0.7:
        stamped_at = updated_at + desk.between(3600, 20 * 3600)
    else:
        stamped_at = updated_at + desk.between(DAY, 7 * DAY)
    yield changed, stamped_at
    if luck > 0.9:
        evaluated = replace(
            changed,
            attributes={**changed.attributes, "evaluationScore": str(desk.between(60, 100))},
        )
        yield evaluated, stamped_at + desk.between(1500, 1900)


def _changed_attributes(desk: SampleContext, contact: Contact) -> dict[str, str]:
    """Attributes that were added later; of an answered call now and then the extension itself."""
    if contact.agent is not None and desk.rng.random() < 0.08:
        return {**contact.attributes, "extensionNumber": desk.owner(contact.initiated_at)[1]}
    return {
        **contact.attributes,
        "contactLensStatus": "COMPLETED",
        "reviewed": desk.rng.choice(("true", "false")),
    }
