"""Provide what every kind of contact consists of: agents, phone numbers, queues, and calls, chosen at random."""

from dataclasses import dataclass
from random import Random

from jobs.sample.agents import Agent, Roster, new_id
from jobs.sample.planned_contact import Contact, Queue
from jobs.sample.record_json import PROFILES, RecordWriter

AREA_CODES = (
    "202",
    "303",
    "312",
    "404",
    "414",
    "502",
    "605",
    "608",
    "617",
    "701",
    "715",
    "763",
    "816",
    "907",
    "952",
)
# Texts that are hard for a handwritten decoder: braces, quotes, and letters beyond ASCII.
NOTES = (
    'asked for "Dr. Example" {room 4}',
    "refill }{ form, call back",
    "Zürich insurance, 2 °C sample",
    'C:\\forms\\intake "signed"',
    "日本語 interpreter",
)


@dataclass(frozen=True, slots=True)
class SampleContext:
    """The sources that contacts draw from; only the state of `rng` changes."""

    rng: Random
    roster: Roster
    writer: RecordWriter
    queues: tuple[Queue, ...]
    numbers: tuple[str, ...]

    def new_id(self) -> str:
        """Return a new contact id."""
        return new_id(self.rng)

    def patient(self) -> str:
        """Return a patient's phone number from the fictional ranges."""
        return f"+1{AREA_CODES[int(self.rng.random() * len(AREA_CODES))]}55501{int(self.rng.random() * 100):02d}"

    def caller(self) -> str:
        """Return a caller id: a phone number, now and then `anonymous` or a number that is not E.164."""
        draw = self.rng.random()
        if draw > 0.018:
            return self.patient()
        return "anonymous" if draw > 0.003 else "5550142"

    def own_number(self) -> str:
        """Return one of the hospital group's phone numbers."""
        return self.numbers[int(self.rng.random() * len(self.numbers))]

    def agent(self, at: int) -> Agent:
        """Return an agent in the table who works at that instant."""
        agents = self.roster.agents
        while True:
            agent = agents[int(self.rng.random() * len(agents))]
            if agent.active_from <= at < agent.active_to:
                return agent

    def owner(self, at: int) -> tuple[Agent, str]:
        """Return an agent who has an extension at that instant, and the extension."""
        while True:
            agent = self.agent(at)
            extension = agent.extension_at(at)
            if extension:
                return agent, extension

    def stranger(self) -> Agent:
        """Return an agent who is not in the table."""
        return self.rng.choice(self.roster.strangers)

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def talk_seconds(self) -> int:
        """Return the length of a talk: mostly some minutes, at most 40."""
        return 5 + min(2395, int(self.rng.expovariate(1 / 210)))


def new_context(seed: int, roster: Roster, writer: RecordWriter) -> SampleContext:
    """Return the context of a seed."""
    rng = Random(f"{seed}:contacts")
    queues = tuple(Queue(arn, name) for arn, name in zip(writer.queue_arns, PROFILES, strict=True))
    numbers = tuple(f"+1{code}5550{suffix}" for code, suffix in zip(AREA_CODES, range(190, 200), strict=False))
    return SampleContext(rng, roster, writer, queues, numbers)


def unanswered(context: SampleContext, at: int, seconds: int, method: str = "INBOUND") -> Contact:
    """Return a call that no agent answers and that ends after `seconds`."""
    patient, line = context.caller(), context.own_number()
    attributes = {"greetingPlayed": "true"}
    return Contact(context.new_id(), method, at, at + seconds, patient, line, attributes, system_connected_at=at)


def answered(
    context: SampleContext,
    at: int,
    *,
    method: str = "INBOUND",
    agent: Agent | None = None,
    attributes: dict[str, str] | None = None,
    own_queue: bool = False,
    wait: int | None = None,
    talk: int | None = None,
) -> Contact:
    """Return a call that an agent answers; a quarter have holds, a few are recorded, some have a note."""
    rng = context.rng
    agent = agent or context.agent(at)
    queued_at = at + context.between(4, 60)
    connected_at = queued_at + (context.between(3, 30 if own_queue else 300) if wait is None else wait)
    talk = context.talk_seconds() if talk is None else talk
    holds = 1 + int(rng.random() * 3) if rng.random() < 0.25 and talk > 10 else 0
    hold = sum(context.between(4, 240) for _ in range(holds))
    queue = (
        Queue(f"{context.writer.instance}/queue/agent/{agent.agent_id}", None)
        if own_queue
        else rng.choice(context.queues)
    )
    attributes = {"greetingPlayed": "true"} if attributes is None else attributes
    draw = rng.random()
    if draw < 0.03:
        attributes = {**attributes, "callerNote": NOTES[int(draw / 0.03 * len(NOTES))]}
    return Contact(
        context.new_id(),
        method,
        at,
        connected_at + talk + hold,
        context.caller() if method == "INBOUND" else context.patient(),
        context.own_number(),
        attributes,
        reason="CUSTOMER_DISCONNECT" if rng.random() < 0.7 else "AGENT_DISCONNECT",
        system_connected_at=at,
        agent=agent,
        agent_connected_at=connected_at,
        talk=talk,
        hold=hold,
        holds=holds,
        wrap_up=context.between(0, 90),
        queue=queue,
        queued_at=queued_at,
        dequeued_at=connected_at,
        recordings=("S3",) if rng.random() < 0.06 else (),
        shape="old" if 0.970 < draw < 0.975 else "new" if draw > 0.99 else "",
    )


def extension_attributes(agent: Agent, extension: str) -> dict[str, str]:
    """Return the contact attributes of a call to an extension."""
    return {
        "agentId": agent.agent_id,
        "agentName": agent.username,
        "encryptVoicemail": "false",
        "extensionNumber": extension,
        "saveCallRecording": "false",
        "transcribeVoicemail": "true",
        "transferMessage": f"Connecting you to {extension}",
    }
