"""A Flink cluster runs a job from Kafka to S3, and comes back after its processes are killed."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.services.flink import FlinkCluster, flink_cluster
from tests.services.kafka import Kafka, kafka
from tests.services.process import await_that
from tests.services.s3 import S3Server, s3

AT_MS = 1_772_359_200_000
JOB = Path(__file__).with_name("topic_to_parquet.py")
TOPIC, BUCKET = "records", "ledger"
BOUNDED, ENDLESS = "latest-offset", "unbounded"


@dataclass(frozen=True)
class World:
    """A broker with a topic, a store with a bucket, and a cluster that knows the store."""

    broker: Kafka
    store: S3Server
    cluster: FlinkCluster

    def produce(self, first: int, count: int = 1000) -> list[tuple[bytes, int]]:
        """Records with running numbers. Out: the rows that they become."""
        numbers = range(first, first + count)
        self.broker.produce(TOPIC, ((b"record %05d" % number, AT_MS + number) for number in numbers))
        return [(b"RECORD %05d" % number, AT_MS + number) for number in numbers]

    def submit(self, folder: str, end: str, savepoint: str | None = None) -> str:
        """The job, into a folder of the bucket."""
        target = f"s3://{BUCKET}/{folder}"
        return self.cluster.submit(JOB, self.broker.brokers, TOPIC, target, end, savepoint=savepoint)

    def rows(self, folder: str) -> list[tuple[bytes, int]]:
        """All rows of the Parquet files below a folder of the bucket, in order."""
        found: list[tuple[bytes, int]] = []
        for key in self.store.keys(BUCKET, f"{folder}/"):
            data = self.store.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
            table = pq.read_table(io.BytesIO(data)).to_pydict()
            arrived_ms = (int(at.replace(tzinfo=UTC).timestamp() * 1000) for at in table["arrived_at"])
            found += zip(table["payload"], arrived_ms, strict=True)
        return sorted(found)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with kafka(folder / "kafka") as broker, s3(folder / "s3") as store:
        store.create_bucket(BUCKET)
        broker.create_topic(TOPIC, 3)
        options = store.flink_options | {
            "execution.checkpointing.dir": f"s3://{BUCKET}/checkpoints",
            "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        }
        with flink_cluster(folder / "cluster", options=options) as cluster:
            yield World(broker, store, cluster)


def test_a_job_goes_from_kafka_to_s3_through_kills_and_savepoints(world: World) -> None:
    """Every row is there once, whatever is killed; at the end a bounded job reads it all again."""
    cluster = world.cluster
    sent = world.produce(0)
    job = world.submit("live", ENDLESS)
    cluster.await_running(job)
    cluster.await_checkpoints(job)

    assert cluster.python_workers()
    cluster.kill_task_manager(0)
    sent += world.produce(1000)
    cluster.await_running(job)
    assert cluster.start_task_manager() == 0

    savepoint = cluster.stop_with_savepoint(job, f"s3://{BUCKET}/savepoints")
    sent += world.produce(2000)
    job = world.submit("live", ENDLESS, savepoint)
    cluster.await_running(job)
    cluster.await_checkpoints(job, 2)

    checkpoint = cluster.latest_checkpoint(job)
    cluster.kill_job_manager()
    sent += world.produce(3000)
    cluster.start_job_manager()
    job = world.submit("live", ENDLESS, checkpoint)
    await_that("all rows are committed", lambda: len(world.rows("live")) >= len(sent), 120, cluster.logs)
    cluster.cancel(job)
    assert world.rows("live") == sent

    job = world.submit("bounded", BOUNDED)
    cluster.await_state(job, "FINISHED")
    assert world.rows("bounded") == sent
