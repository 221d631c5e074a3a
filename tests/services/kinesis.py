"""A Kinesis stream without Amazon: kinesis-mock. In: a folder. Out: a server, streams in it, and what is put there.

It keeps its streams in memory: a kill forgets them, so that there is no start after a stop.
"""

import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.services.process import (
    BUILD,
    HOST,
    PATIENCE,
    Server,
    ServiceError,
    await_that,
    free_ports,
    installed,
    program,
    running,
)

PACKAGE = BUILD / "kinesis" / "node_modules" / "kinesis-local"
REGION, ACCESS_KEY, SECRET_KEY = "us-east-1", "kinesis", "kinesis-secret"
# The limits of PutRecords are 500 records and 5 MiB; a record that is put counts with its key.
BATCH_RECORDS, BATCH_BYTES = 250, 4 << 20
Item = tuple[bytes, str]


class Kinesis(Server):
    """The server; a payload is put with its partition key."""

    region, access_key, secret_key = REGION, ACCESS_KEY, SECRET_KEY

    def __init__(self, folder: Path) -> None:
        plain, tls = free_ports(2)
        # Without TLS, by which Flink's consumer works, too, polling or with enhanced fan-out; it does not trust the
        # emulator's certificate.
        self.endpoint = f"http://{HOST}:{plain}"
        environment = {
            "KINESIS_MOCK_CERT_PATH": str(PACKAGE / "server.json"),
            "KINESIS_MOCK_PLAIN_PORT": str(plain),
            "KINESIS_MOCK_TLS_PORT": str(tls),
            "AWS_REGION": REGION,
        }
        command = (program("node", "nodejs"), installed(PACKAGE, "services") / "main.js")
        super().__init__("Kinesis", command, folder / "kinesis.log", self._answers, environment=environment)

    def client(self, **options: Any) -> Any:
        """A boto3 client."""
        return boto3.client(
            "kinesis",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(retries={"total_max_attempts": 1}, **options),
        )

    def create_stream(self, name: str, shards: int = 1) -> None:
        """A stream that can be written to."""
        self.client().create_stream(StreamName=name, ShardCount=shards)
        self._await_active(name)

    def put(self, stream: str, items: Iterable[Item], seconds: float = PATIENCE) -> None:
        """Put payloads in their order, those of a batch that are refused again, until all are in."""
        client, iterator = self.client(), iter(items)
        waiting: list[Item] = []
        deadline = time.monotonic() + seconds
        while waiting := [*waiting, *islice(iterator, BATCH_RECORDS - len(waiting))]:
            count = fitting(waiting)
            refused = put_batch(client, stream, waiting[:count])
            waiting = [*refused, *waiting[count:]]
            if refused:
                time.sleep(0.2)
            if waiting and time.monotonic() > deadline:
                raise ServiceError(f"{len(waiting)} records not taken within {seconds:g} s; log: {self.log}")

    def split_shard(self, stream: str) -> None:
        """Split the first open shard in halves: it ends, and two new ones go on."""
        open_shard = self._open_shards(stream)[0]
        first, last = (int(open_shard["HashKeyRange"][key]) for key in ("StartingHashKey", "EndingHashKey"))
        middle = str((first + last) // 2 + 1)
        self.client().split_shard(StreamName=stream, ShardToSplit=open_shard["ShardId"], NewStartingHashKey=middle)
        self._await_active(stream)

    def merge_shards(self, stream: str) -> None:
        """Merge the first two open shards, which are neighbours: they end, and a new one goes on."""
        one, other = self.open_shards(stream)[:2]
        self.client().merge_shards(StreamName=stream, ShardToMerge=one, AdjacentShardToMerge=other)
        self._await_active(stream)

    def open_shards(self, stream: str) -> list[str]:
        """The shards that take records."""
        return [shard["ShardId"] for shard in self._open_shards(stream)]

    def _open_shards(self, stream: str) -> list[dict[str, Any]]:
        shards = self.client().list_shards(StreamName=stream)["Shards"]
        return [shard for shard in shards if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]

    def _await_active(self, stream: str) -> None:
        def active() -> bool:
            summary = self.client().describe_stream_summary(StreamName=stream)
            return bool(summary["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE")

        await_that(f"the stream {stream} is active", active, log=self.log)

    def _answers(self) -> bool:
        with suppress(BotoCoreError, ClientError):
            self.client(connect_timeout=1, read_timeout=5).list_streams()
            return True
        return False


def kinesis(folder: Path) -> AbstractContextManager[Kinesis]:
    """A running server; its log lies in the folder."""
    return running(Kinesis(folder))


def put_batch(client: Any, stream: str, items: list[Item]) -> list[Item]:
    """One PutRecords. Out: what was refused, because the stream is busy."""
    records = [{"Data": payload, "PartitionKey": key} for payload, key in items]
    try:
        answers = client.put_records(StreamName=stream, Records=records)["Records"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ProvisionedThroughputExceededException", "LimitExceededException"}:
            return items
        raise
    return [item for item, answer in zip(items, answers, strict=True) if answer.get("ErrorCode")]


def fitting(items: list[Item]) -> int:
    """How many of the items fit into one batch; one at least."""
    size = 0
    for count, (payload, key) in enumerate(items):
        size += len(payload) + len(key)
        if count and size > BATCH_BYTES:
            return count
    return len(items)
