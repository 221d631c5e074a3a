"""The mix of a hospital group's contacts: one row per kind, with how many of a thousand there are."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.sample import answered
from jobs.sample import unanswered as other
from jobs.sample.context import SampleContext
from jobs.sample.planned_contact import Contact


@dataclass(frozen=True, slots=True)
class MixEntry:
    """A kind of contact: its weight, how many records one of it makes, and how to make them."""

    weight: int
    legs: int
    make: Callable[[SampleContext, int], list[Contact]]


MOST_COMMON = MixEntry(540, 1, answered.extension_call)
KINDS = (
    MOST_COMMON,
    MixEntry(125, 1, answered.queue_call),
    MixEntry(10, 1, answered.covered_call),
    MixEntry(12, 1, answered.timed_out_entry),
    MixEntry(6, 1, answered.six_digits),
    MixEntry(5, 1, answered.unknown_agent),
    MixEntry(2, 1, answered.corrected_extension),
    MixEntry(4, 1, answered.below_minimum),
    MixEntry(3, 1, answered.message_taken_by_agent),
    MixEntry(5, 1, answered.web_call),
    MixEntry(30, 2, answered.transfer),
    MixEntry(10, 2, answered.queue_transfer),
    MixEntry(6, 2, answered.outside_transfer),
    MixEntry(12, 2, answered.callback),
    MixEntry(45, 1, answered.outbound),
    MixEntry(12, 1, answered.outbound_unanswered),
    MixEntry(6, 1, answered.outbound_busy),
    MixEntry(12, 1, other.campaign),
    MixEntry(8, 1, other.campaign_machine),
    MixEntry(2, 1, other.campaign_reclassified),
    MixEntry(4, 1, other.campaign_preview),
    MixEntry(6, 1, other.campaign_unanswered),
    MixEntry(20, 1, other.voicemail),
    MixEntry(12, 1, other.voicemail_express),
    MixEntry(36, 1, other.abandoned),
    MixEntry(42, 1, other.ivr_hangup),
    MixEntry(5, 1, other.monitor),
    MixEntry(5, 1, other.disconnect_flow),
    MixEntry(8, 1, other.chat),
    MixEntry(4, 1, other.task),
    MixEntry(1, 1, other.task_of_a_flow),
    MixEntry(3, 1, other.inbound_email),
    MixEntry(2, 1, other.email_reply),
)
