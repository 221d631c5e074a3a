"""With parallelism 4, four tasks read, decide and write side by side; the others get the names of files alone."""

import io
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from jobs.sample.archive import write_agents
from tests.live.test_live import payloads
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.s3 import S3Server
from tests.support.live_system import Live, from_kafka

SEED, WORKERS = 5, 4


def test_no_record_passes_through_a_single_task(
    services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path
) -> None:
    given = payloads(4000, SEED)
    broker.create_topic("parallel", 2 * WORKERS)
    live = Live(tmp_path, *services, "parallel", from_kafka(broker, "parallel"))
    write_agents(live.agents, SEED)
    job = live.submit(parallelism=WORKERS)
    broker.produce("parallel", given)
    live.await_rows(len(given))
    tasks = live.cluster.get(f"jobs/{job}")["vertices"]
    live.cluster.cancel(job)
    read = partitions(live)
    # Whatever reads, decides or writes is in four tasks; one task alone names finished files, or ticks.
    steps = {"Source: records": 1, "PythonCalc": 1, "StreamingFileWriter": 4}
    for step, count in steps.items():
        wide = [task for task in tasks if step in task["name"]]
        assert sum(task["name"].count(step) for task in wide) == count, [task["name"] for task in tasks]
        assert {task["parallelism"] for task in wide} == {WORKERS}
    # Each task has written what came from partitions of its own.
    assert sorted(read) == [str(number) for number in range(WORKERS)]
    assert sorted(p for own in read.values() for p in own) == [f"kafka:parallel/{n}" for n in range(2 * WORKERS)]


def partitions(live: Live) -> dict[str, set[str]]:
    """What each task's parts of the ledger were read from; Flink names a part with the number of its task."""
    found = defaultdict(set)
    for part in live.parts():
        task = part.rpartition("/part-")[2].split("-")[-2]
        found[task].update(pq.read_table(io.BytesIO(live.read(part)), columns=["source"])["source"].to_pylist())
    return found
