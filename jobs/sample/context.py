"""What every kind of contact is made of. In: the seed's random generator and the roster. Out: people, phones, calls."""

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
# Texts an own decoder would stumble over: braces and quotes inside, and letters beyond ASCII.
NOTES = (
    'asked for "Dr. Example" {room 4}',
    "refill }{ form, call back",
    "Zürich insurance, 2 °C sample",
    'C:\\forms\\intake "signed"',
    "日本語 interpreter",
)


@dataclass(frozen=True, slots=True)
class SampleContext:
    """The means of the generator; only the state of `rng` changes."""

    rng: Random
    roster: Roster
    scribe: RecordWriter
    queues: tuple[Queue, ...]
    numbers: tuple[str, ...]

    def new_id(self) -> str:
        """A new contact id."""
        return new_id(self.rng)

    def patient(self) -> str:
        """A patient's phone number out of the fictional ranges."""
        return f"+1{AREA_CODES[int(self.rng.random() * len(AREA_CODES))]}55501{int(self.rng.random() * 100):02d}"

    def caller(self) -> str:
        """What the network shows of a caller: a number, now and then `anonymous` or one that is not E.164."""
        luck = self.rng.random()
        if luck > 0.018:
            return self.patient()
        return "anonymous" if luck > 0.003 else "5550142"

    def own_number(self) -> str:
        """One of the hospital group's numbers."""
        return self.numbers[int(self.rng.random() * len(self.numbers))]

    def agent(self, at: int) -> Agent:
        """An agent of the table who works at that instant."""
        agents = self.roster.agents
        while True:
            agent = agents[int(self.rng.random() * len(agents))]
            if agent.active_from <= at < agent.active_to:
                return agent

    def owner(self, at: int) -> tuple[Agent, str]:
        """An agent who has an extension at that instant, and the extension."""
        while True:
            agent = self.agent(at)
            extension = agent.extension_at(at)
            if extension:
                return agent, extension

    def stranger(self) -> Agent:
        """An agent whom the table does not know."""
        return self.rng.choice(self.roster.strangers)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def talk_seconds(self) -> int:
        """How long people talk: mostly some minutes, at most 40."""
        return 5 + min(2395, int(self.rng.expovariate(1 / 210)))


def new_context(seed: int, roster: Roster, scribe: RecordWriter) -> SampleContext:
    """The desk of a seed."""
    rng = Random(f"{seed}:contacts")
    queues = tuple(Queue(arn, name) for arn, name in zip(scribe.queue_arns, PROFILES, strict=True))
    numbers = tuple(f"+1{code}5550{suffix}" for code, suffix in zip(AREA_CODES, range(190, 200), strict=False))
    return SampleContext(rng, roster, scribe, queues, numbers)


def unanswered(desk: SampleContext, at: int, seconds: int, method: str = "INBOUND") -> Contact:
    """An inbound call that no agent takes and that ends after so many seconds."""
    patient, line = desk.caller(), desk.own_number()
    shown = {"greetingPlayed": "true"}
    return Contact(desk.new_id(), method, at, at + seconds, patient, line, shown, system_connected_at=at)


def answered(
    desk: SampleContext,
    at: int,
    *,
    method: str = "INBOUND",
    agent: Agent | None = None,
    attributes: dict[str, str] | None = None,
    own_queue: bool = False,
    waited: int | None = None,
    talk: int | None = None,
) -> Contact:
    """A call that an agent takes; a quarter of them with holds, a few recorded, some with a note."""
    rng = desk.rng
    who = agent or desk.agent(at)
    queued_at = at + desk.between(4, 60)
    connected_at = queued_at + (desk.between(3, 30 if own_queue else 300) if waited is None else waited)
    talked = desk.talk_seconds() if talk is None else talk
    holds = 1 + int(rng.random() * 3) if rng.random() < 0.25 and talked > 10 else 0
    held = sum(desk.between(4, 240) for _ in range(holds))
    queue = Queue(f"{desk.scribe.instance}/queue/agent/{who.agent_id}", None) if own_queue else rng.choice(desk.queues)
    shown = {"greetingPlayed": "true"} if attributes is None else attributes
    luck = rng.random()
    if luck < 0.03:
        shown = {**shown, "callerNote": NOTES[int(luck / 0.03 * len(NOTES))]}
    return Contact(
        desk.new_id(),
        method,
        at,
        connected_at + talked + held,
        desk.caller() if method == "INBOUND" else desk.patient(),
        desk.own_number(),
        shown,
        reason="CUSTOMER_DISCONNECT" if rng.random() < 0.7 else "AGENT_DISCONNECT",
        system_connected_at=at,
        agent=who,
        agent_connected_at=connected_at,
        talk=talked,
        hold=held,
        holds=holds,
        wrap_up=desk.between(0, 90),
        queue=queue,
        queued_at=queued_at,
        dequeued_at=connected_at,
        recordings=("S3",) if rng.random() < 0.06 else (),
        shape="old" if 0.970 < luck < 0.975 else "new" if luck > 0.99 else "",
    )


def extension_attributes(agent: Agent, extension: str) -> dict[str, str]:
    """The contact attributes of a call to an extension."""
    return {
        "agentId": agent.agent_id,
        "agentName": agent.username,
        "encryptVoicemail": "false",
        "extensionNumber": extension,
        "saveCallRecording": "false",
        "transcribeVoicemail": "true",
        "transferMessage": f"Connecting you to {extension}",
    }
