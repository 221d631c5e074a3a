"""Contacts that no agent took, campaigns, and what else is in the stream. In: a desk and an instant. Out: records."""

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


def ivr_hangup(desk: SampleContext, at: int) -> list[Contact]:
    """The caller leaves within the menu; some of these records have an empty object where the agent would be."""
    contact = unanswered(desk, at, desk.between(1, 90))
    contact.empty_agent = desk.rng.random() < 0.03
    return [contact]


def abandoned(desk: SampleContext, at: int) -> list[Contact]:
    """The caller leaves the queue before anybody answers."""
    contact = unanswered(desk, at, desk.between(20, 900))
    contact.queue, contact.dequeued_at = desk.rng.choice(desk.queues), contact.disconnected_at
    contact.queued_at = at + desk.between(5, 19)
    return [contact]


def voicemail(desk: SampleContext, at: int) -> list[Contact]:
    """The extension does not answer, and the message goes into a video stream."""
    contact = unanswered(desk, at, desk.between(15, 180))
    contact.attributes = extension_attributes(*desk.owner(at))
    contact.recordings = ("KVS",)
    return [contact]


def voicemail_express(desk: SampleContext, at: int) -> list[Contact]:
    """The other voicemail product: a flag, which is reset and delivered again once the message is sent."""
    luck = desk.rng.random()
    flag = "vm_flag" if luck < 0.5 else "vmx3_flag"
    contact = unanswered(desk, at, desk.between(15, 180))
    contact.attributes = {
        "greetingPlayed": "true",
        flag: "1",
        "vmx3_target": desk.agent(at).username,
    }
    contact.later_attributes = {**contact.attributes, flag: "0"}
    contact.recordings = ("IVR",) if luck > 0.6 else ("KVS",) if luck > 0.2 else ()
    return [contact]


def campaign(desk: SampleContext, at: int) -> list[Contact]:
    """A reminder call that reaches a person."""
    [contact] = outbound(desk, at)
    contact.method, contact.machine = "API", "HUMAN_ANSWERED"
    contact.campaign = contact.contact_id[::-1]
    contact.queue, contact.queued_at = desk.queues[0], at
    contact.dequeued_at = contact.agent_connected_at
    return [contact]


def campaign_preview(desk: SampleContext, at: int) -> list[Contact]:
    """A reminder call that the agent looked at before it was dialled."""
    [contact] = campaign(desk, at)
    contact.method, contact.machine = "CAMPAIGN_PREVIEW", None
    return [contact]


def campaign_machine(desk: SampleContext, at: int) -> list[Contact]:
    """A reminder call that reaches a machine, with an agent on the line."""
    [contact] = campaign(desk, at)
    contact.machine = desk.rng.choice(MACHINES)
    return [contact]


def campaign_reclassified(desk: SampleContext, at: int) -> list[Contact]:
    """Delivered as answered by a person, and later as answered by a machine."""
    [contact] = campaign(desk, at)
    contact.later_attributes, contact.later_machine = contact.attributes, "VOICEMAIL_NO_BEEP"
    return [contact]


def campaign_unanswered(desk: SampleContext, at: int) -> list[Contact]:
    """A reminder call that nobody answers: no agent is involved."""
    contact = unanswered(desk, at, desk.between(15, 40), "API")
    contact.customer, contact.system_connected_at = desk.patient(), None
    contact.machine, contact.campaign = "AMD_UNANSWERED", contact.contact_id[::-1]
    return [contact]


def monitor(desk: SampleContext, at: int) -> list[Contact]:
    """A supervisor listens to a call."""
    contact = answered(desk, at, method="MONITOR", attributes={}, waited=0)
    contact.queue, contact.recordings = None, ()
    return [contact]


def disconnect_flow(desk: SampleContext, at: int) -> list[Contact]:
    """A survey after the call, which is a contact of its own."""
    contact = unanswered(desk, at, desk.between(5, 60), "DISCONNECT")
    contact.attributes = {"surveyScore": str(desk.between(1, 5))}
    contact.initial_id = contact.previous_id = desk.new_id()
    return [contact]


def chat(desk: SampleContext, at: int) -> list[Contact]:
    """A chat, begun by the portal or passed on by a colleague or a flow."""
    return [_written(desk, at, "CHAT", desk.rng.choice(("API", "TRANSFER", "DISCONNECT")))]


def task(desk: SampleContext, at: int) -> list[Contact]:
    """A task, made by a flow or by a program."""
    return [_written(desk, at, "TASK", desk.rng.choice(("API", "FLOW")))]


def inbound_email(desk: SampleContext, at: int) -> list[Contact]:
    """An e-mail that came in."""
    return [_written(desk, at, "EMAIL", "INBOUND")]


def email_reply(desk: SampleContext, at: int) -> list[Contact]:
    """An agent's answer to an e-mail."""
    return [_written(desk, at, "EMAIL", "AGENT_REPLY")]


def task_of_a_flow(desk: SampleContext, at: int) -> list[Contact]:
    """A task that a flow made."""
    return [_written(desk, at, "TASK", "FLOW")]


def _written(desk: SampleContext, at: int, channel: str, method: str) -> Contact:
    contact = answered(desk, at, method=method, attributes={"topic": "prescription"})
    contact.channel, contact.recordings = channel, ()
    contact.customer = contact.system = None
    if channel == "EMAIL":
        contact.endpoint_type = "EMAIL_ADDRESS"
        contact.customer, contact.system = (
            f"patient{desk.between(1, 999)}@example.org",
            "care@example.com",
        )
    return contact


def agent_event(desk: SampleContext, at_ms: int) -> bytes:
    """What Connect writes into the same stream about its agents: no contact, and nothing to bill."""
    rng, arn = desk.rng, desk.scribe.instance
    who, second = desk.agent(at_ms // 1000), desk.scribe.instant(at_ms // 1000)[1:-2]
    stamp = f"{second}.{at_ms % 1000:03d}Z"
    name = rng.choice(STATES)
    state = f'{{"ARN":"{arn}/agent-state/{new_id(rng)}","Name":"{name}","StartTimestamp":"{stamp}","Type":"CUSTOM"}}'
    routing = f'{{"InboundQueues":[{{"ARN":"{desk.queues[0].arn}","Name":"Scheduling"}}],"Name":"Scheduling"}}'
    person = f'"FirstName":"Agent","HierarchyGroups":null,"LastName":"{who.username[-2:]}"'
    snapshot = (
        f'{{"AgentStatus":{state},"Configuration":{{{person},"RoutingProfile":{routing},"Username":"{who.username}"}},'
        '"Contacts":[],"NextAgentStatus":null}'
    )
    kind = "HEART_BEAT" if rng.random() < 0.5 else "STATE_CHANGE"
    return (
        f'{{"AWSAccountId":"{ACCOUNT}","AgentARN":"{arn}/agent/{who.agent_id}","CurrentAgentSnapshot":{snapshot},'
        f'"EventId":"{new_id(rng)}","EventTimestamp":"{stamp}","EventType":"{kind}","InstanceARN":"{arn}",'
        f'"PreviousAgentSnapshot":{snapshot},"Version":"2017-10-01"}}'
    ).encode()
