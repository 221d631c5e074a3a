"""Model one contact before it becomes a record. Instants are seconds since 1970, durations are seconds."""

from dataclasses import dataclass, field

from jobs.sample.agents import Agent


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue; an agent's own queue does not have a name."""

    arn: str
    name: str | None


@dataclass(slots=True)
class Contact:
    """The facts of one contact. `talk`, `hold` and `wrap_up` are seconds, `holds` is the number of holds.

    `later_attributes` and `later_machine` replace these values in a later delivery of the same contact. `shape` is
    empty, `old` (keys of 2019 and 2020 only), or `new` (with an undocumented key).
    """

    contact_id: str
    method: str
    initiated_at: int
    disconnected_at: int
    customer: str | None
    system: str | None
    attributes: dict[str, str] = field(default_factory=dict)
    channel: str = "VOICE"
    endpoint_type: str = "TELEPHONE_NUMBER"
    reason: str | None = "CUSTOMER_DISCONNECT"
    system_connected_at: int | None = None
    initial_id: str | None = None
    previous_id: str | None = None
    next_id: str | None = None
    agent: Agent | None = None
    empty_agent: bool = False
    agent_connected_at: int = 0
    talk: int = 0
    hold: int = 0
    holds: int = 0
    wrap_up: int = 0
    queue: Queue | None = None
    queued_at: int = 0
    dequeued_at: int = 0
    recordings: tuple[str, ...] = ()
    machine: str | None = None
    campaign: str | None = None
    transferred_to: str | None = None
    transferred_at: int | None = None
    later_attributes: dict[str, str] | None = None
    later_machine: str | None = None
    shape: str = ""

    @property
    def work_ended_at(self) -> int:
        """The end of after-contact work, or of the contact if no agent answered."""
        if self.agent is None:
            return self.disconnected_at
        return max(self.agent_connected_at + self.talk + self.hold + self.wrap_up, self.disconnected_at)
