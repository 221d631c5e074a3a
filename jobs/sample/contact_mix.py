"""The mix of a hospital group's contacts: one row per kind, with how many of a thousand there are."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.sample import answered
from jobs.sample import unanswered as other
from jobs.sample.context import Desk
from jobs.sample.planned_contact import Contact


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of contact: its weight, how many records one of it makes, and how to make them."""

    weight: int
    legs: int
    make: Callable[[Desk, int], list[Contact]]


MOST_COMMON = Kind(540, 1, answered.extension_call)
KINDS = (
    MOST_COMMON,
    Kind(125, 1, answered.queue_call),
    Kind(10, 1, answered.covered_call),
    Kind(12, 1, answered.timed_out_entry),
    Kind(6, 1, answered.six_digits),
    Kind(5, 1, answered.unknown_agent),
    Kind(2, 1, answered.corrected_extension),
    Kind(4, 1, answered.below_minimum),
    Kind(3, 1, answered.message_taken_by_agent),
    Kind(5, 1, answered.web_call),
    Kind(30, 2, answered.transfer),
    Kind(10, 2, answered.queue_transfer),
    Kind(6, 2, answered.outside_transfer),
    Kind(12, 2, answered.callback),
    Kind(45, 1, answered.outbound),
    Kind(12, 1, answered.outbound_unanswered),
    Kind(6, 1, answered.outbound_busy),
    Kind(12, 1, other.campaign),
    Kind(8, 1, other.campaign_machine),
    Kind(2, 1, other.campaign_reclassified),
    Kind(4, 1, other.campaign_preview),
    Kind(6, 1, other.campaign_unanswered),
    Kind(20, 1, other.voicemail),
    Kind(12, 1, other.voicemail_express),
    Kind(36, 1, other.abandoned),
    Kind(42, 1, other.ivr_hangup),
    Kind(5, 1, other.monitor),
    Kind(5, 1, other.disconnect_flow),
    Kind(8, 1, other.chat),
    Kind(4, 1, other.task),
    Kind(1, 1, other.task_of_a_flow),
    Kind(3, 1, other.inbound_email),
    Kind(2, 1, other.email_reply),
)
