"""Make unanswered calls, campaign calls, contacts of other channels, and events."""

from jobs.sample.agents import new_id
from jobs.sample.answered import outbound
from jobs.sample.context import SampleContext, answered, extension_attributes, unanswered
from jobs.sample.planned_contact import Contact
from jobs.sample.record_json import ACCOUNT

MACHINES = (
    "VOICEMAIL_BEEP",
    "VOICEMAIL_NO_BEEP",
    "FAX_MACHINE_DETECTED",
    "SIT_TONE_BUSY",
    "SIT_TONE_INVALID_NUMBER",
    "SIT_TONE_DETECTED",
)
STATES = ("Available", "Lunch", "Offline", "Training")


def ivr_hangup(context: SampleContext, at: int) -> list[Contact]:
    """The caller hangs up in the menu; some of these records have an empty object as agent."""
    contact = unanswered(context, at, context.between(1, 90))
    contact.empty_agent = context.rng.random() < 0.03
    return [contact]


def abandoned(context: SampleContext, at: int) -> list[Contact]:
    """The caller hangs up in the queue before anybody answers."""
    contact = unanswered(context, at, context.between(20, 900))
    contact.queue, contact.dequeued_at = context.rng.choice(context.queues), contact.disconnected_at
    contact.queued_at = at + context.between(5, 19)
    return [contact]


def voicemail(context: SampleContext, at: int) -> list[Contact]:
    """The owner of the extension does not answer; the message goes to a video stream."""
    contact = unanswered(context, at, context.between(15, 180))
    contact.attributes = extension_attributes(*context.owner(at))
    contact.recordings = ("KVS",)
    return [contact]


def voicemail_express(context: SampleContext, at: int) -> list[Contact]:
    """A Voicemail Express message: its flag is reset, and the contact delivered again, once the message is sent."""
    draw = context.rng.random()
    flag = "vm_flag" if draw < 0.5 else "vmx3_flag"
    contact = unanswered(context, at, context.between(15, 180))
    contact.attributes = {
        "greetingPlayed": "true",
        flag: "1",
        "vmx3_target": context.agent(at).username,
    }
    contact.later_attributes = {**contact.attributes, flag: "0"}
    contact.recordings = ("IVR",) if draw > 0.6 else ("KVS",) if draw > 0.2 else ()
    return [contact]


def campaign(context: SampleContext, at: int) -> list[Contact]:
    """A reminder call that reaches a person."""
    [contact] = outbound(context, at)
    contact.method, contact.machine = "API", "HUMAN_ANSWERED"
    contact.campaign = contact.contact_id[::-1]
    contact.queue, contact.queued_at = context.queues[0], at
    contact.dequeued_at = contact.agent_connected_at
    return [contact]


def campaign_preview(context: SampleContext, at: int) -> list[Contact]:
    """A reminder call that the agent previewed before it was dialed."""
    [contact] = campaign(context, at)
    contact.method, contact.machine = "CAMPAIGN_PREVIEW", None
    return [contact]


def campaign_machine(context: SampleContext, at: int) -> list[Contact]:
    """A reminder call that reaches a machine, with an agent on the line."""
    [contact] = campaign(context, at)
    contact.machine = context.rng.choice(MACHINES)
    return [contact]


def campaign_reclassified(context: SampleContext, at: int) -> list[Contact]:
    """A reminder call first delivered as answered by a person, later as answered by a machine."""
    [contact] = campaign(context, at)
    contact.later_attributes, contact.later_machine = contact.attributes, "VOICEMAIL_NO_BEEP"
    return [contact]


def campaign_unanswered(context: SampleContext, at: int) -> list[Contact]:
    """A reminder call that nobody answers: no agent is involved."""
    contact = unanswered(context, at, context.between(15, 40), "API")
    contact.customer, contact.system_connected_at = context.patient(), None
    contact.machine, contact.campaign = "AMD_UNANSWERED", contact.contact_id[::-1]
    return [contact]


def monitor(context: SampleContext, at: int) -> list[Contact]:
    """A supervisor listens to a call."""
    contact = answered(context, at, method="MONITOR", attributes={}, wait=0)
    contact.queue, contact.recordings = None, ()
    return [contact]


def disconnect_flow(context: SampleContext, at: int) -> list[Contact]:
    """A survey after a call; it is a separate contact."""
    contact = unanswered(context, at, context.between(5, 60), "DISCONNECT")
    contact.attributes = {"surveyScore": str(context.between(1, 5))}
    contact.initial_id = contact.previous_id = context.new_id()
    return [contact]


def chat(context: SampleContext, at: int) -> list[Contact]:
    """A chat that the portal started or that a colleague or a flow transferred."""
    return [_text_contact(context, at, "CHAT", context.rng.choice(("API", "TRANSFER", "DISCONNECT")))]


def task(context: SampleContext, at: int) -> list[Contact]:
    """A task that a flow or a program created."""
    return [_text_contact(context, at, "TASK", context.rng.choice(("API", "FLOW")))]


def inbound_email(context: SampleContext, at: int) -> list[Contact]:
    """An inbound e-mail."""
    return [_text_contact(context, at, "EMAIL", "INBOUND")]


def email_reply(context: SampleContext, at: int) -> list[Contact]:
    """An agent's reply to an e-mail."""
    return [_text_contact(context, at, "EMAIL", "AGENT_REPLY")]


def task_of_a_flow(context: SampleContext, at: int) -> list[Contact]:
    """A task that a flow created."""
    return [_text_contact(context, at, "TASK", "FLOW")]


def _text_contact(context: SampleContext, at: int, channel: str, method: str) -> Contact:
    contact = answered(context, at, method=method, attributes={"topic": "prescription"})
    contact.channel, contact.recordings = channel, ()
    contact.customer = contact.system = None
    if channel == "EMAIL":
        contact.endpoint_type = "EMAIL_ADDRESS"
        contact.customer, contact.system = (
            f"patient{context.between(1, 999)}@example.org",
            "care@example.com",
        )
    return contact


def agent_event(context: SampleContext, at_ms: int) -> bytes:
    """Return an agent event: Connect writes it to the same stream, but it is not a contact and not billable."""
    rng, arn = context.rng, context.writer.instance
    agent, second = context.agent(at_ms // 1000), context.writer.instant(at_ms // 1000)[1:-2]
    stamp = f"{second}.{at_ms % 1000:03d}Z"
    name = rng.choice(STATES)
    state = f'{{"ARN":"{arn}/agent-state/{new_id(rng)}","Name":"{name}","StartTimestamp":"{stamp}","Type":"CUSTOM"}}'
    routing = f'{{"InboundQueues":[{{"ARN":"{context.queues[0].arn}","Name":"Scheduling"}}],"Name":"Scheduling"}}'
    person = f'"FirstName":"Agent","HierarchyGroups":null,"LastName":"{agent.username[-2:]}"'
    snapshot = (
        f'{{"AgentStatus":{state},"Configuration":{{{person},"RoutingProfile":{routing},"Username":"{agent.username}"}},'
        '"Contacts":[],"NextAgentStatus":null}'
    )
    kind = "HEART_BEAT" if rng.random() < 0.5 else "STATE_CHANGE"
    return (
        f'{{"AWSAccountId":"{ACCOUNT}","AgentARN":"{arn}/agent/{agent.agent_id}","CurrentAgentSnapshot":{snapshot},'
        f'"EventId":"{new_id(rng)}","EventTimestamp":"{stamp}","EventType":"{kind}","InstanceARN":"{arn}",'
        f'"PreviousAgentSnapshot":{snapshot},"Version":"2017-10-01"}}'
    ).encode()


def contact_event(context: SampleContext, contact: Contact, at_ms: int) -> bytes:
    """Return the contact event of a contact's start as EventBridge sends it: only its record is billed."""
    arn = context.writer.instance
    stamp = f"{context.writer.instant(at_ms // 1000)[1:-2]}.{at_ms % 1000:03d}Z"
    detail = (
        f'{{"channel":"{contact.channel}","contactId":"{contact.contact_id}","eventType":"INITIATED",'
        f'"initiationMethod":"{contact.method}","initiationTimestamp":"{stamp}","instanceArn":"{arn}"}}'
    )
    return (
        f'{{"account":"{ACCOUNT}","detail":{detail},"detail-type":"Amazon Connect Contact Event",'
        f'"id":"{new_id(context.rng)}","region":"us-east-1","resources":["{arn}/contact/{contact.contact_id}",'
        f'"{arn}"],"source":"aws.connect","time":"{stamp[:19]}Z","version":"0"}}'
    ).encode()
