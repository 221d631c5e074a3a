"""A Flink cluster runs a job from Kafka to S3, and comes back after its processes are killed."""

import io
from datetime import UTC
from pathlib import Path

import pyarrow.parquet as pq

from tests.services.flink import flink_cluster
from tests.services.kafka import kafka
from tests.services.s3 import S3Server, s3

AT_MS = 1_772_359_200_000
JOB = Path(__file__).with_name("topic_to_parquet.py")


def rows(server: S3Server, bucket: str, prefix: str) -> list[tuple[bytes, int]]:
    """All rows of the Parquet files below a prefix, in order."""
    found = []
    for key in server.keys(bucket, prefix):
        data = server.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        table = pq.read_table(io.BytesIO(data)).to_pydict()
        arrived_ms = (int(at.replace(tzinfo=UTC).timestamp() * 1000) for at in table["arrived_at"])
        found += zip(table["payload"], arrived_ms, strict=True)
    return sorted(found)


def test_a_job_goes_from_kafka_to_s3(tmp_path: Path) -> None:
    """Twice: the second time after every process of the cluster was killed and started again."""
    sent = [(b"%05d" % number, AT_MS + number) for number in range(5000)]
    with kafka(tmp_path / "kafka") as broker, s3(tmp_path / "s3") as store:
        store.create_bucket("ledger")
        broker.create_topic("records", 3)
        broker.produce("records", sent)
        with flink_cluster(tmp_path / "cluster", options=store.flink_options) as cluster:
            for name in ("first", "second"):
                job = cluster.submit(JOB, broker.brokers, "records", f"s3://ledger/{name}")
                cluster.await_state(job, "FINISHED", 120)
                assert rows(store, "ledger", name) == sent
                cluster.kill_task_manager(0)
                cluster.await_slots()
                cluster.kill_job_manager()
                cluster.start_job_manager()
                assert cluster.start_task_manager() == 0
