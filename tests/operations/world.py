"""What an operator works with, on folders: settings, a live job's ledger, archives, and the command."""

import gzip
from pathlib import Path

from tests.support.command import Finished, command
from tests.support.records import payload
from tests.support.suspense import Suspense

DATES = ("2026-03-01", "2026-03-02", "2026-03-03")
SETTINGS = """
[replay]
workers = 1
[storage]
ledger = "{0}/{1}"
release = "{0}/release"
audit = "{0}/audit"
agents = "{0}/agents.csv"
"""


def call(date: str, contact: str, differences: str = "") -> bytes:
    """A call on a date, delivered at its end."""
    at = {
        "InitiationTimestamp": "10:00:00",
        "Agent.ConnectedToAgentTimestamp": "10:00:20",
        "DisconnectTimestamp": "10:00:56",
        "LastUpdateTimestamp": "10:02:00",
    }
    clocks = [f'{name} = "{date}T{clock}Z"' for name, clock in at.items()]
    return payload("; ".join([f'ContactId = "{contact}"', *clocks, differences]))


def finished(config: Path, *options: object, stdin: str = "", code: int = 0) -> Finished:
    """A command with these settings, which ends with this code."""
    done = command(*options, "--config", config, stdin=stdin)
    assert done.code == code, done.out + done.err
    return done


class World:
    """A ledger that a live job writes, below a folder."""

    def __init__(self, root: Path, agents: str = "agent_id,extension\n") -> None:
        self.root = root
        self.desk = Suspense(root)
        self.agents = root / "agents.csv"
        self.agents.write_text(agents)
        self.config = self.settings("settings.toml")

    def settings(self, name: str, ledger: str = "ledger", more: str = "") -> Path:
        """Settings with these places, and more of them."""
        path = self.root / name
        path.write_text(SETTINGS.format(self.root, ledger) + more)
        return path

    def live(self, *payloads: bytes) -> None:
        """What the live job has between two checkpoints."""
        self.desk.read(*payloads, live=True, source="kinesis:records/shardId-0")

    def archived(self, name: str, *payloads: bytes) -> Path:
        """An archive with one object of Firehose's: records one after another."""
        path = self.root / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(b"".join(payloads), mtime=0))
        return self.root / "archive"

    def command(self, *options: object, code: int = 0, config: Path | None = None) -> str:
        """What a command prints; of one that fails, what it says of that."""
        done = finished(config or self.config, *options, code=code)
        return done.err if code else done.out

    def released(self, *options: object, config: Path | None = None) -> dict[str, str]:
        """What a release says of each date: its line, without the date."""
        lines = self.command("release", *options, config=config).splitlines()
        return {line[:10]: " ".join(line[10:].split()) for line in lines if line[:2] == "20" and ": " not in line}

    def verify(self, code: int = 0, ledger: str = "ledger", config: Path | None = None) -> str:
        """What `verify` prints, against the ledger."""
        place = (self.root / "release", "--ledger", self.root / ledger)
        return finished(config or self.config, "verify", *place, code=code).out

    def part(self, date: str, like: str = "part-*") -> Path:
        """The first part of a date with such a name."""
        return min((self.root / "ledger/outcomes" / f"billing_date={date}").glob(like))
