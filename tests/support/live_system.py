"""The live job on real services: jobs, what they write, and what a replay of the same gives."""

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.services.flink import FlinkCluster, flink_cluster
from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.process import BUILD, PATIENCE, ROOT, await_that
from tests.services.s3 import S3Server, s3

STREAM = ROOT / "jobs" / "stream.py"
BUCKET = "contact-billing"
# Buckets that the job must not mix: what it writes there is not for the same eyes.
RESTRICTED = "contact-billing-restricted"
CHECKPOINTS = {
    "execution.checkpointing.dir": f"s3://{BUCKET}/checkpoints",
    "execution.checkpointing.savepoint-dir": f"s3://{BUCKET}/savepoints",
}


def from_kafka(broker: Kafka, topic: str, **more: Any) -> dict[str, Any]:
    """A topic as the source."""
    return {"kind": "kafka", "kafka": {"brokers": broker.brokers, "topic": topic, **more}}


def from_kinesis(server: Kinesis, stream: str, **more: Any) -> dict[str, Any]:
    """A stream as the source."""
    at = {"stream": stream, "region": server.region, "endpoint": server.endpoint}
    return {"kind": "kinesis", "kinesis": at | more}


class Live:
    """One live job's places on S3 and its settings."""

    def __init__(self, folder: Path, store: S3Server, cluster: FlinkCluster, name: str, source: dict[str, Any]) -> None:
        self.store, self.cluster, self.name, self._rows = store, cluster, name, dict[str, int]()
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.agents = self.folder / "agents.csv"
        self.storage = {
            "ledger": f"s3://{BUCKET}/{name}/ledger",
            "quarantine": f"s3://{RESTRICTED}/{name}/quarantine",
            "archive": f"s3://{RESTRICTED}/{name}/archive",
            "release": f"s3://{BUCKET}/{name}/release",
            "audit": f"s3://{BUCKET}/{name}/audit",
            "agents": str(self.agents),
        }
        self.settings: dict[str, Any] = {
            "storage": self.storage | {"s3": {"endpoint": store.endpoint, "region": store.region, "path_style": True}},
            "source": source,
            "stream": {
                "checkpoint_seconds": 2,
                "idle_seconds": 5,
                "agents_refresh_seconds": 5,
                "connectors": str(BUILD / "connectors.jar"),
            },
        }

    @property
    def config(self) -> Path:
        """The settings as a file."""
        path = self.folder / "settings.toml"
        path.write_text(toml(self.settings))
        return path

    def submit(self, savepoint: str | None = None, parallelism: int | None = None, script: Path = STREAM) -> str:
        """Starts the job, and waits until it runs. Out: its id."""
        packed = ("-p", parallelism) if parallelism else ()
        job = self.cluster.submit(script, "--config", self.config, savepoint=savepoint, packed=packed)
        self.cluster.await_running(job)
        return job

    def parts(self, kind: str = "ledger") -> list[str]:
        """The visible Parquet objects below one of the places."""
        place = self.storage[kind].removeprefix("s3://")
        return [f"{place}/{name}" for name in self.names(kind) if name.rpartition("/")[2].startswith("part-")]

    def read(self, part: str) -> bytes:
        bucket, _, key = part.partition("/")
        data: bytes = self.store.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        return data

    def rows(self) -> int:
        """How many rows the ledger has; parts never change, so that each is looked at once."""
        for part in self.parts():
            if part not in self._rows:
                self._rows[part] = pq.ParquetFile(io.BytesIO(self.read(part))).metadata.num_rows
        return sum(self._rows.values())

    def await_rows(self, count: int, seconds: float = PATIENCE) -> None:
        """Waits until the ledger has so many rows."""
        await_that(f"the ledger has {count} rows", lambda: self.rows() >= count, seconds, self.cluster.logs)

    def await_archived(self, count: int, seconds: float = PATIENCE) -> None:
        """Waits until the archive has so many payloads: it is committed beside the ledger, not with it."""
        await_that(f"{count} payloads are archived", lambda: len(self.payloads()) >= count, seconds, self.cluster.logs)

    def names(self, kind: str) -> list[str]:
        """The objects below one of the places, without the place."""
        bucket, _, prefix = self.storage[kind].removeprefix("s3://").partition("/")
        return [key.removeprefix(f"{prefix}/") for key in self.store.keys(bucket, f"{prefix}/")]

    def closed_dates(self) -> list[str]:
        """The dates that have a `_SUCCESS`."""
        return sorted(n.split("billing_date=")[1][:10] for n in self.names("ledger") if n.endswith("/_SUCCESS"))

    def await_closed(self, seconds: float = PATIENCE) -> None:
        """Waits until every date that has a row is closed."""

        def closed() -> bool:
            dates = {part.split("billing_date=")[1][:10] for part in self.parts() if "/outcomes/" in part}
            return {date for date in dates if date[:2].isdigit()} == set(self.closed_dates())

        await_that("all dates are closed", closed, seconds, self.cluster.logs)

    def positions(self) -> Counter[tuple[str, str]]:
        """How often each position is in the ledger."""
        return Counter(self.values("ledger", "source", "position"))

    def outcomes(self) -> Counter[str]:
        """How many rows of the ledger have each outcome."""
        return Counter(outcome for (outcome,) in self.values("ledger", "outcome"))

    def payloads(self) -> list[bytes]:
        """What has been archived."""
        return [payload for (payload,) in self.values("archive", "payload")]

    def values(self, kind: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Columns of all visible parts below one of the places, row by row."""
        for part in self.parts(kind):
            table = pq.read_table(io.BytesIO(self.read(part)), columns=list(columns))
            yield from zip(*(table[name].to_pylist() for name in columns), strict=True)

    def download(self, kind: str, folder: Path) -> Path:
        """Copies everything below one of the places into a folder."""
        for name in self.names(kind):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.read(f"{self.storage[kind].removeprefix('s3://')}/{name}"))
        return folder


def toml(settings: dict[str, Any], prefix: str = "") -> str:
    """Settings as a TOML text: tables of texts, numbers and tables."""
    plain = {k: v for k, v in settings.items() if not isinstance(v, dict)}
    lines = [f"[{prefix}]"] if prefix and plain else []
    # JSON's texts, numbers and booleans are TOML's.
    lines += [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in plain.items()]
    tables = [toml(v, f"{prefix}.{k}" if prefix else k) for k, v in settings.items() if isinstance(v, dict)]
    return "\n".join([*lines, *tables]) + "\n"


@contextmanager
def buckets(folder: Path) -> Iterator[S3Server]:
    """S3 with the buckets that jobs write to."""
    with s3(folder) as store:
        for bucket in (BUCKET, RESTRICTED):
            store.create_bucket(bucket)
        yield store


@contextmanager
def cluster_on(
    store: S3Server, folder: Path, task_managers: int = 2, slots: int = 2, **options: str
) -> Iterator[FlinkCluster]:
    """A cluster that checkpoints to the store; credentials are in its environment, as workers find them."""
    wanted = store.flink_options | CHECKPOINTS | options
    with flink_cluster(folder, task_managers, slots, wanted, store.environment) as cluster:
        yield cluster
