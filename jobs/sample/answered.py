"""Contacts that an agent took. In: a desk and the instant the contact begins. Out: its records, one for every leg."""

from jobs.sample.context import SampleContext, answered, extension_attributes, unanswered
from jobs.sample.planned_contact import Contact


def extension_call(desk: SampleContext, at: int) -> list[Contact]:
    """A patient dials an extension, whose owner answers."""
    agent, extension = desk.owner(at)
    return [answered(desk, at, agent=agent, attributes=extension_attributes(agent, extension), own_queue=True)]


def covered_call(desk: SampleContext, at: int) -> list[Contact]:
    """The extension of one agent is dialled, a colleague picks up: attribute and table disagree."""
    return [answered(desk, at, attributes=extension_attributes(*desk.owner(at)))]


def queue_call(desk: SampleContext, at: int) -> list[Contact]:
    """A call to a department: no extension was dialled."""
    return [answered(desk, at)]


def timed_out_entry(desk: SampleContext, at: int) -> list[Contact]:
    """The caller dialled nothing in time."""
    return [answered(desk, at, attributes={"extensionNumber": "Timeout", "greetingPlayed": "true"})]


def six_digits(desk: SampleContext, at: int) -> list[Contact]:
    """The caller dialled more digits than any extension has."""
    return [answered(desk, at, attributes={"extensionNumber": str(desk.between(100_000, 999_999))})]


def unknown_agent(desk: SampleContext, at: int) -> list[Contact]:
    """Answered by somebody whom the agent-extension table does not know."""
    return [answered(desk, at, agent=desk.stranger())]


def corrected_extension(desk: SampleContext, at: int) -> list[Contact]:
    """Nobody knows the agent, and the extension comes with a later delivery."""
    [contact] = timed_out_entry(desk, at)
    contact.agent = desk.stranger()
    contact.later_attributes = {**contact.attributes, "extensionNumber": desk.owner(at)[1]}
    return [contact]


def below_minimum(desk: SampleContext, at: int) -> list[Contact]:
    """Connected and gone within the same second."""
    return [answered(desk, at, talk=0)]


def message_taken_by_agent(desk: SampleContext, at: int) -> list[Contact]:
    """A recording in a video stream, yet an agent was on the line."""
    [contact] = extension_call(desk, at)
    contact.recordings = ("S3", "KVS")
    return [contact]


def web_call(desk: SampleContext, at: int) -> list[Contact]:
    """A call out of the patient portal: no phone number."""
    contact = answered(desk, at, method="WEBRTC_API")
    contact.customer = None
    return [contact]


def transfer(desk: SampleContext, at: int) -> list[Contact]:
    """The agent passes the patient on to a colleague."""
    return _passed_on(desk, at, "TRANSFER")


def queue_transfer(desk: SampleContext, at: int) -> list[Contact]:
    """The agent passes the patient on to a queue."""
    return _passed_on(desk, at, "QUEUE_TRANSFER")


def _passed_on(desk: SampleContext, at: int, method: str) -> list[Contact]:
    [first] = extension_call(desk, at)
    moved_at = first.agent_connected_at + first.talk + first.hold
    second = answered(desk, moved_at, method=method, attributes=first.attributes, own_queue=method == "TRANSFER")
    first.reason = "CONTACT_FLOW_DISCONNECT"
    second.customer, second.system = first.customer, first.system
    _link(first, second)
    _contradict(first, second)
    return [first, second]


def _contradict(first: Contact, second: Contact) -> None:
    """Of some, what chain sanity finds: legs that overlap, linked or not, and a leg longer than its chain.

    The id decides which, and what follows stays when it was, so that no other contact is another for it.
    """
    luck = int(first.contact_id[:2], 16)
    if luck < 24:
        early = first.agent_connected_at + (first.talk + first.hold) // 2
        second.wrap_up += second.agent_connected_at - early
        second.agent_connected_at = early
    if luck < 6:
        first.next_id = second.initial_id = second.previous_id = None
    elif luck > 249:
        second.disconnected_at = second.initiated_at + 1
        first.disconnected_at = first.initiated_at + 1


def outside_transfer(desk: SampleContext, at: int) -> list[Contact]:
    """The agent passes the patient on to a number outside: the patient stays long after the agent has left."""
    [first] = extension_call(desk, at)
    left_at = first.agent_connected_at + first.talk + first.hold
    first.transferred_to, first.transferred_at = desk.patient(), left_at
    first.disconnected_at = left_at + desk.between(60, 1800)
    outside = unanswered(desk, left_at - desk.between(5, 40), 0, "EXTERNAL_OUTBOUND")
    outside.customer, outside.disconnected_at = first.transferred_to, first.disconnected_at
    outside.reason, outside.attributes = "THIRD_PARTY_DISCONNECT", first.attributes
    _link(first, outside)
    return [first, outside]


def callback(desk: SampleContext, at: int) -> list[Contact]:
    """The caller leaves the queue for a callback, which an agent makes later."""
    first = unanswered(desk, at, desk.between(40, 200))
    first.reason, first.customer = "CONTACT_FLOW_DISCONNECT", desk.patient()
    second = answered(desk, first.disconnected_at, method="CALLBACK", waited=desk.between(120, 2400))
    second.customer, second.system = first.customer, first.system
    second.system_connected_at = second.agent_connected_at
    _link(first, second)
    return [first, second]


def _link(first: Contact, second: Contact) -> None:
    """Name the two legs of one conversation to each other."""
    first.next_id = second.contact_id
    second.initial_id = second.previous_id = first.contact_id


def outbound(desk: SampleContext, at: int) -> list[Contact]:
    """An agent dials a patient, who answers after some rings."""
    contact = answered(desk, at, method="OUTBOUND", attributes={})
    rings = desk.between(4, 28)
    contact.queue, contact.agent_connected_at, contact.system_connected_at = (
        None,
        at + rings,
        at + rings,
    )
    contact.disconnected_at = at + rings + contact.talk + contact.hold
    return [contact]


def outbound_unanswered(desk: SampleContext, at: int) -> list[Contact]:
    """An agent dials, and nobody answers."""
    [contact] = outbound(desk, at)
    contact.talk = contact.hold = contact.holds = 0
    contact.agent_connected_at, contact.system_connected_at = at + 1, None
    contact.disconnected_at, contact.recordings = at + desk.between(15, 60), ()
    contact.shape = ""
    contact.reason = desk.rng.choice(("AGENT_DISCONNECT", "TELECOM_TIMEOUT", "TELECOM_UNREACHABLE"))
    return [contact]


def outbound_busy(desk: SampleContext, at: int) -> list[Contact]:
    """The network answers with a tone: connected, but nobody talks."""
    [contact] = outbound_unanswered(desk, at)
    contact.system_connected_at = at + 2
    contact.reason = desk.rng.choice(("TELECOM_BUSY", "TELECOM_NUMBER_INVALID", "TELECOM_PROBLEM"))
    return [contact]
