"""Define the mix of a hospital group's contacts: one row per kind, with its weight per thousand."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.sample import answered, unanswered
from jobs.sample.context import SampleContext
from jobs.sample.planned_contact import Contact


@dataclass(frozen=True, slots=True)
class MixEntry:
    """A kind of contact: its weight, the number of legs, and the function that makes them."""

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
    MixEntry(4, 1, answered.caller_left),
    MixEntry(4, 1, answered.colleague),
    MixEntry(3, 1, answered.message_taken_by_agent),
    MixEntry(5, 1, answered.web_call),
    MixEntry(30, 2, answered.transfer),
    MixEntry(10, 2, answered.queue_transfer),
    MixEntry(6, 2, answered.outside_transfer),
    MixEntry(12, 2, answered.callback),
    MixEntry(45, 1, answered.outbound),
    MixEntry(12, 1, answered.outbound_unanswered),
    MixEntry(6, 1, answered.outbound_busy),
    MixEntry(12, 1, unanswered.campaign),
    MixEntry(8, 1, unanswered.campaign_machine),
    MixEntry(2, 1, unanswered.campaign_reclassified),
    MixEntry(4, 1, unanswered.campaign_preview),
    MixEntry(6, 1, unanswered.campaign_unanswered),
    MixEntry(20, 1, unanswered.voicemail),
    MixEntry(12, 1, unanswered.voicemail_express),
    MixEntry(36, 1, unanswered.abandoned),
    MixEntry(42, 1, unanswered.ivr_hangup),
    MixEntry(5, 1, unanswered.monitor),
    MixEntry(5, 1, unanswered.disconnect_flow),
    MixEntry(8, 1, unanswered.chat),
    MixEntry(4, 1, unanswered.task),
    MixEntry(1, 1, unanswered.task_of_a_flow),
    MixEntry(3, 1, unanswered.inbound_email),
    MixEntry(2, 1, unanswered.email_reply),
)
