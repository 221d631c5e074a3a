"""The voicemail solution without Amazon: its table in moto, and the `agents` commands over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.services.relay import Relay, relay
from tests.services.s3 import MotoServer
from tests.support.command import Finished, command

# In every attribute that nobody has to read.
PLANTED = "planted-4711"
TABLE = "voicemail-users"


def user(number: int, extension: str | None, size: int = 0) -> dict[str, Any]:
    """An item as the solution writes it, and `size` bytes larger."""
    names = ("userId", "username", "deliveryEmail")
    return {
        "agentId": {"S": f"agent-{number:04d}"},
        **({} if extension is None else {"extension": {"S": extension}}),
        **{name: {"S": f"{PLANTED}-{name}-{number}"} for name in names},
        "transcribeVoicemail": {"BOOL": True},
        "deliveryOptions": {"M": {PLANTED: {"L": [{"S": PLANTED + "x" * size}]}}},
    }


class Voicemail:
    """The table, a relay before it, and settings for a history that is not there yet."""

    def __init__(self, server: MotoServer, before: Relay, folder: Path) -> None:
        self.before = before
        self.agents, self.config = folder / "agents.csv", folder / "settings.toml"
        self._client = server.client("dynamodb")
        place = f'region = "{server.region}"\nendpoint = '
        self.config.write_text(
            f'[agents]\ntable = "{TABLE}"\n{place}"{before.endpoint}"\n[storage]\nagents = "{self.agents}"\n'
            f'[storage.s3]\n{place}"{server.endpoint}"\npath_style = true\n'
        )

    def create(self, name: str = TABLE, key: str = "agentId") -> None:
        """A table without items."""
        self._client.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def put(self, *items: dict[str, Any], table: str = TABLE) -> None:
        """Writes items, in place of those of the same agents."""
        for start in range(0, len(items), 25):
            requests = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
            assert self._client.batch_write_item(RequestItems={table: requests})["UnprocessedItems"] == {}

    def drop(self) -> None:
        """Removes all tables."""
        for name in self._client.list_tables()["TableNames"]:
            self._client.delete_table(TableName=name)

    def run(self, name: str, *options: object) -> Finished:
        """A command with these options only; it tells nothing planted."""
        finished = command("agents", name, *options)
        assert PLANTED not in finished.out + finished.err
        return finished

    def sync(self, *options: object) -> Finished:
        """`agents sync` with the settings."""
        return self.run("sync", "--config", self.config, *options)

    def synced(self, *options: object) -> str:
        """The line of a sync that succeeds."""
        finished = self.sync(*options)
        assert (finished.code, finished.err) == (0, "")
        assert finished.out.count("\n") == 1
        return finished.out.rstrip("\n")


@contextmanager
def solution(server: MotoServer, folder: Path) -> Iterator[Voicemail]:
    """The solution with an empty table."""
    with relay(server.endpoint) as before:
        found = Voicemail(server, before, folder)
        found.create()
        try:
            yield found
        finally:
            found.drop()
