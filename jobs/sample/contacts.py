"""Generate well-formed contact records as deliveries in order of arrival (`malformed.mix_in` adds malformed ones).

Some deliveries are repeated, some arrive again days later with changed attributes, and now and then the newer version
arrives first.
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
from jobs.sample.unanswered import agent_event, contact_event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REDELIVERED = 0.065  # about 8 % with the kinds that always are, such as voicemail flags
REPEATED = 0.02
AGENT_EVENTS = 0.03
CONTACT_EVENTS = 0.01

Progress = Callable[[int], object]


class Delivery(NamedTuple):
    """A payload and its time of arrival (UTC)."""

    arrived_at: datetime
    payload: bytes


def no_progress(_: int) -> None:
    """Ignore the progress."""


def deliveries(
    contacts: int, seed: int, days: int = 3, first_day: date = FIRST_DAY, progress: Progress = no_progress
) -> Iterator[Delivery]:
    """Yield all deliveries of exactly `contacts` contacts that begin within the days, mixed with some events."""
    writer = RecordWriter(seed)
    context = new_context(seed, roster(seed, first_day, days), writer)
    waiting: list[tuple[int, int, bytes]] = []
    count = 0
    for at, kind in schedule(context.rng, contacts, midnight(first_day), days):
        while waiting and waiting[0][0] <= at * 1000:
            yield _delivery(heapq.heappop(waiting))
        for contact in kind.make(context, at):
            for arrival_ms, payload in _arrivals(context, contact):
                # The running number keeps arrivals of the same millisecond in order of creation.
                heapq.heappush(waiting, (arrival_ms, count, payload))
                count += 1
        progress(kind.legs)
    while waiting:
        yield _delivery(heapq.heappop(waiting))


def _delivery(arrival: tuple[int, int, bytes]) -> Delivery:
    return Delivery(EPOCH + timedelta(milliseconds=arrival[0]), arrival[2])


def _arrivals(context: SampleContext, contact: Contact) -> Iterator[tuple[int, bytes]]:
    """Yield the arrival (milliseconds since 1970) and payload of every delivery of one contact.

    These are the first delivery, repetitions, later versions, and sometimes an event of the agent or the contact.
    """
    rng, writer = context.rng, context.writer
    updated_at = contact.work_ended_at + context.between(62, 68)
    arrival_ms = updated_at * 1000 + _jitter(context)
    payload = writer.record(contact, updated_at)
    for version, version_at in _later_versions(context, contact, updated_at):
        later_ms = version_at * 1000 + _jitter(context)
        if rng.random() < 0.04:
            arrival_ms = max(arrival_ms, later_ms + context.between(1, 90_000))
        later = writer.record(version, version_at)
        yield later_ms, later
        if rng.random() < REPEATED:
            yield later_ms + _repeat_delay(context), later
    yield arrival_ms, payload
    if rng.random() < REPEATED:
        yield arrival_ms + _repeat_delay(context), payload
    if rng.random() < AGENT_EVENTS:
        event_ms = contact.work_ended_at * 1000 + context.between(0, 999)
        yield event_ms + context.between(200, 3000), agent_event(context, event_ms)
    if rng.random() < CONTACT_EVENTS:
        event_ms = contact.initiated_at * 1000 + context.between(0, 999)
        yield event_ms + context.between(200, 3000), contact_event(context, contact, event_ms)


def _jitter(context: SampleContext) -> int:
    """Return milliseconds from the stamp to the arrival: at most three seconds, for some up to ten minutes."""
    return context.between(50, 3000) if context.rng.random() < 0.985 else context.between(3000, 600_000)


def _repeat_delay(context: SampleContext) -> int:
    """Return milliseconds to the second arrival of the same payload: mostly at once, for some hours."""
    return context.between(0, 2000) if context.rng.random() < 0.7 else context.between(2000, 6 * 3_600_000)


def _later_versions(context: SampleContext, contact: Contact, updated_at: int) -> Iterator[tuple[Contact, int]]:
    """Yield later versions of a contact and the stamp of each, in seconds since 1970."""
    rng = context.rng
    if contact.later_attributes is not None:
        machine = contact.later_machine or contact.machine
        yield (
            replace(contact, attributes=contact.later_attributes, machine=machine),
            updated_at + context.between(120, 6 * 3600),
        )
        return
    if rng.random() >= REDELIVERED:
        return
    changed = replace(contact, attributes=_changed_attributes(context, contact))
    draw = rng.random()
    if draw < 0.02:  # within the same second, so that the stamps tie
        stamped_at = updated_at
    elif draw < 0.4:
        stamped_at = updated_at + context.between(300, 3600)
    elif draw < 0.7:
        stamped_at = updated_at + context.between(3600, 20 * 3600)
    else:
        stamped_at = updated_at + context.between(DAY, 7 * DAY)
    yield changed, stamped_at
    if draw > 0.9:
        evaluated = replace(
            changed,
            attributes={**changed.attributes, "evaluationScore": str(context.between(60, 100))},
        )
        yield evaluated, stamped_at + context.between(1500, 1900)


def _changed_attributes(context: SampleContext, contact: Contact) -> dict[str, str]:
    """Return the attributes of a later version; an answered call sometimes gets its extension then."""
    if contact.agent is not None and context.rng.random() < 0.08:
        return {**contact.attributes, "extensionNumber": context.owner(contact.initiated_at)[1]}
    return {
        **contact.attributes,
        "contactLensStatus": "COMPLETED",
        "reviewed": context.rng.choice(("true", "false")),
    }
