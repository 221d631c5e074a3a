"""Make contacts that an agent answers. Each function returns one `Contact` per leg."""

from jobs.sample.context import SampleContext, answered, extension_attributes, unanswered
from jobs.sample.planned_contact import Contact


def extension_call(context: SampleContext, at: int) -> list[Contact]:
    """A patient dials an extension, whose owner answers."""
    agent, extension = context.owner(at)
    return [answered(context, at, agent=agent, attributes=extension_attributes(agent, extension), own_queue=True)]


def covered_call(context: SampleContext, at: int) -> list[Contact]:
    """The caller dials one agent's extension and a colleague answers: attribute and table disagree."""
    return [answered(context, at, attributes=extension_attributes(*context.owner(at)))]


def queue_call(context: SampleContext, at: int) -> list[Contact]:
    """A call to a department: the caller dials no extension."""
    return [answered(context, at)]


def timed_out_entry(context: SampleContext, at: int) -> list[Contact]:
    """The caller dials nothing before the timeout."""
    return [answered(context, at, attributes={"extensionNumber": "Timeout", "greetingPlayed": "true"})]


def six_digits(context: SampleContext, at: int) -> list[Contact]:
    """The caller dials more digits than any extension has."""
    return [answered(context, at, attributes={"extensionNumber": str(context.between(100_000, 999_999))})]


def unknown_agent(context: SampleContext, at: int) -> list[Contact]:
    """The agent who answers is not in the agent-extension table."""
    return [answered(context, at, agent=context.stranger())]


def corrected_extension(context: SampleContext, at: int) -> list[Contact]:
    """The agent is not in the table; a later delivery has the extension."""
    [contact] = timed_out_entry(context, at)
    contact.agent = context.stranger()
    contact.later_attributes = {**contact.attributes, "extensionNumber": context.owner(at)[1]}
    return [contact]


def below_minimum(context: SampleContext, at: int) -> list[Contact]:
    """The call connects and ends within the same second."""
    return [answered(context, at, talk=0)]


def caller_left(context: SampleContext, at: int) -> list[Contact]:
    """The patient hangs up in the moment in which the agent is connected; the agent greets nobody."""
    contact = answered(context, at, talk=context.between(2, 9))
    contact.disconnected_at = contact.agent_connected_at
    contact.reason, contact.recordings = "CUSTOMER_DISCONNECT", ()
    return [contact]


def colleague(context: SampleContext, at: int) -> list[Contact]:
    """A provider calls a colleague through the main number: it is the number of both ends."""
    [contact] = extension_call(context, at)
    contact.customer = contact.system
    return [contact]


def message_taken_by_agent(context: SampleContext, at: int) -> list[Contact]:
    """The contact has a recording in a video stream although an agent answered."""
    [contact] = extension_call(context, at)
    contact.recordings = ("S3", "KVS")
    return [contact]


def web_call(context: SampleContext, at: int) -> list[Contact]:
    """A call from the patient portal: no phone number."""
    contact = answered(context, at, method="WEBRTC_API")
    contact.customer = None
    return [contact]


def transfer(context: SampleContext, at: int) -> list[Contact]:
    """The agent transfers the patient to a colleague."""
    return _transfer(context, at, "TRANSFER")


def queue_transfer(context: SampleContext, at: int) -> list[Contact]:
    """The agent transfers the patient to a queue."""
    return _transfer(context, at, "QUEUE_TRANSFER")


def _transfer(context: SampleContext, at: int, method: str) -> list[Contact]:
    [first] = extension_call(context, at)
    moved_at = first.agent_connected_at + first.talk + first.hold
    second = answered(context, moved_at, method=method, attributes=first.attributes, own_queue=method == "TRANSFER")
    first.reason = "CONTACT_FLOW_DISCONNECT"
    second.customer, second.system = first.customer, first.system
    _link(first, second)
    _contradict(first, second)
    return [first, second]


def _contradict(first: Contact, second: Contact) -> None:
    """Give some chains what the chain checks detect: legs that overlap, linked or not, consult legs, too long legs.

    The id selects them rather than the random generator, so that all other contacts stay the same.
    """
    draw = int(first.contact_id[:2], 16)
    if draw < 24:
        early = first.agent_connected_at + (first.talk + first.hold) // 2
        second.wrap_up += second.agent_connected_at - early
        second.agent_connected_at = early
    if draw < 6:
        first.next_id = second.initial_id = second.previous_id = None
    elif 24 <= draw < 96 and second.method == "TRANSFER" and first.hold > 12:
        _consult(first, second)
    elif draw > 249:
        # The patient hangs up at once, before anybody takes the transfer; the agent's line stays open for minutes.
        first.talk, first.hold, first.holds = 300, 0, 0
        first.disconnected_at = first.agent_connected_at + 1
        second.agent, second.queue, second.recordings = None, None, ()
        second.initiated_at = second.system_connected_at = first.agent_connected_at
        second.disconnected_at = first.disconnected_at


def _consult(first: Contact, second: Contact) -> None:
    """Make the second leg a question to a colleague while the first agent has the patient on hold."""
    second.initiated_at = second.system_connected_at = second.queued_at = first.agent_connected_at + 1
    second.dequeued_at = second.agent_connected_at = second.initiated_at + 5
    second.talk, second.hold, second.holds = first.hold - 6, 0, 0
    second.disconnected_at = second.agent_connected_at + second.talk
    first.reason, second.reason = "CUSTOMER_DISCONNECT", "AGENT_DISCONNECT"


def outside_transfer(context: SampleContext, at: int) -> list[Contact]:
    """The agent transfers the patient to an outside number: the patient stays long after the agent leaves."""
    [first] = extension_call(context, at)
    left_at = first.agent_connected_at + first.talk + first.hold
    first.transferred_to, first.transferred_at = context.patient(), left_at
    first.disconnected_at = left_at + context.between(60, 1800)
    outside = unanswered(context, left_at - context.between(5, 40), 0, "EXTERNAL_OUTBOUND")
    outside.customer, outside.disconnected_at = first.transferred_to, first.disconnected_at
    outside.reason, outside.attributes = "THIRD_PARTY_DISCONNECT", first.attributes
    _link(first, outside)
    return [first, outside]


def callback(context: SampleContext, at: int) -> list[Contact]:
    """The caller asks for a callback in the queue; an agent calls back later."""
    first = unanswered(context, at, context.between(40, 200))
    first.reason, first.customer = "CONTACT_FLOW_DISCONNECT", context.patient()
    second = answered(context, first.disconnected_at, method="CALLBACK", wait=context.between(120, 2400))
    second.customer, second.system = first.customer, first.system
    second.system_connected_at = second.agent_connected_at
    _link(first, second)
    return [first, second]


def _link(first: Contact, second: Contact) -> None:
    """Link the two legs of one conversation by their ids."""
    first.next_id = second.contact_id
    second.initial_id = second.previous_id = first.contact_id


def outbound(context: SampleContext, at: int) -> list[Contact]:
    """An agent calls a patient, who answers after some rings."""
    contact = answered(context, at, method="OUTBOUND", attributes={})
    rings = context.between(4, 28)
    contact.queue, contact.agent_connected_at, contact.system_connected_at = (
        None,
        at + rings,
        at + rings,
    )
    contact.disconnected_at = at + rings + contact.talk + contact.hold
    return [contact]


def outbound_unanswered(context: SampleContext, at: int) -> list[Contact]:
    """An agent calls and nobody answers."""
    [contact] = outbound(context, at)
    contact.talk = contact.hold = contact.holds = 0
    contact.agent_connected_at, contact.system_connected_at = at + 1, None
    contact.disconnected_at, contact.recordings = at + context.between(15, 60), ()
    contact.shape = ""
    contact.reason = context.rng.choice(("AGENT_DISCONNECT", "TELECOM_TIMEOUT", "TELECOM_UNREACHABLE"))
    return [contact]


def outbound_busy(context: SampleContext, at: int) -> list[Contact]:
    """The network answers with a tone: the call connects but nobody talks."""
    [contact] = outbound_unanswered(context, at)
    contact.system_connected_at = at + 2
    contact.reason = context.rng.choice(("TELECOM_BUSY", "TELECOM_NUMBER_INVALID", "TELECOM_PROBLEM"))
    return [contact]
