"""Two live jobs on one cluster, fed from Kafka and Kinesis, and the faults that can be done to them."""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from unittest.mock import patch

import psutil

from jobs.sample.archive import write_agents
from tests.services.feeder import Feeder, KafkaFeeder, KinesisFeeder, records
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka, kafka
from tests.services.kinesis import Kinesis, kinesis
from tests.services.process import ServiceError, await_that
from tests.services.s3 import S3Server
from tests.support.live_system import BUCKET, Live, buckets, cluster_on, from_kafka, from_kinesis

TOPIC = STREAM = "records"
HANGING_SECONDS = 6


class Rig:
    """Everything that runs. A fault is a method; it returns as soon as what it has stopped runs again."""

    def __init__(
        self, seed: int, store: S3Server, cluster: FlinkCluster, broker: Kafka, stream: Kinesis, folder: Path
    ) -> None:
        self.store, self.cluster, self.broker, self.stream, self.folder = store, cluster, broker, stream, folder
        self.rng = random.Random(f"{seed}:faults")
        self.lives = [
            Live(folder, store, cluster, "from-kafka", from_kafka(broker, TOPIC)),
            Live(folder, store, cluster, "from-kinesis", from_kinesis(stream, STREAM)),
        ]
        for live in self.lives:
            write_agents(live.agents, seed)
        self.jobs: list[str] = []
        self.feeders: list[Feeder] = []

    def begin(self, seed: int, to_kafka: int, to_kinesis: int, seconds: float) -> None:
        """Starts both jobs, and feeds so many records to each within so many seconds."""
        self.jobs = self._submit([None, None])
        self.feeders = [
            KafkaFeeder(self.broker.brokers, TOPIC, records(to_kafka, seed), to_kafka / seconds),
            KinesisFeeder(self.stream, STREAM, records(to_kinesis, seed + 1, largest=200_000), to_kinesis / seconds),
        ]
        for feeder in self.feeders:
            feeder.start()

    def await_recovered(self) -> None:
        """Waits until every task runs and the ledgers hold all that had been fed when this was called."""
        fed = [len(feeder.taken) for feeder in self.feeders]
        for job, live, count in zip(self.jobs, self.lives, fed, strict=True):
            self.cluster.await_running(job)
            live.await_rows(count)

    def kill_task_manager(self) -> None:
        number = self.rng.choice([n for n, server in enumerate(self.cluster.task_managers) if server.running])
        self.cluster.kill_task_manager(number)
        self.cluster.start_task_manager(number)

    def kill_python_worker(self) -> None:
        """One that has a function in it, in the middle of its work."""
        workers = [w for w in self.cluster.python_workers() if "pyflink.fn_execution" in _command(w)]
        with suppress(psutil.NoSuchProcess):
            self.rng.choice(workers).kill()

    def kill_job_manager(self) -> None:
        """Its jobs are gone with it: they are submitted again from the last checkpoint that was retained."""
        self.cluster.kill_job_manager()
        retained = [self._retained(job) for job in self.jobs]
        self.cluster.start_job_manager()
        self.jobs = self._submit(retained)

    def kill_broker(self) -> None:
        self.broker.stop()
        self.broker.start()

    def kill_store(self) -> None:
        """Away until a checkpoint has failed because of it, or a job."""
        with self._until_it_is_felt():
            self.store.stop()
        self.store.start()

    def fill_disk(self) -> None:
        """No room for temporary files until a checkpoint has failed because of it, or a job."""
        filler = self.folder / "disk" / "filler"
        with self._until_it_is_felt(), filler.open("wb") as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 20))
                file.flush()
        filler.unlink()

    def stop_with_savepoint(self) -> None:
        """Both jobs, as for an upgrade."""
        self.jobs = self._submit([self._stopped(job) for job in self.jobs])

    def _stopped(self, job: str) -> str | None:
        """Where to go on from: a savepoint, or the last checkpoint of a job that did not stop in order.

        Flink's Kinesis consumer at times submits a shard's work to the pool that the stop has just
        closed; the stop fails, and the job goes on as if nobody had asked.
        """
        try:
            return self.cluster.stop_with_savepoint(job, f"s3://{BUCKET}/savepoints")
        except ServiceError:
            self.cluster.await_running(job)
            self.cluster.cancel(job)
            return self._retained(job)

    def split_shard(self) -> None:
        self.stream.split_shard(STREAM)

    def _submit(self, savepoints: list[str | None]) -> list[str]:
        with ThreadPoolExecutor(len(self.lives)) as pool:
            return list(pool.map(lambda pair: pair[0].submit(pair[1]), zip(self.lives, savepoints, strict=True)))

    def _retained(self, job: str) -> str | None:
        """The newest complete checkpoint in the store; the JobManager that knew of it is gone."""
        keys = [key for key in self.store.keys(BUCKET, f"checkpoints/{job}/chk-") if key.endswith("/_metadata")]
        newest = max(keys, key=lambda key: int(key.split("/chk-")[1].split("/")[0]), default=None)
        return f"s3://{BUCKET}/{newest.removesuffix('/_metadata')}" if newest else None

    @contextmanager
    def _until_it_is_felt(self) -> Iterator[None]:
        before = [self._troubles(job) for job in self.jobs]
        yield

        def felt() -> bool:
            return any(self._hangs(j) or self._troubles(j) != b for j, b in zip(self.jobs, before, strict=True))

        await_that("the jobs feel the fault", felt, log=self.cluster.logs)

    def _troubles(self, job: str) -> tuple[int, int]:
        """How many checkpoints of a job have failed, and when it failed itself."""
        failures = self.cluster.get(f"jobs/{job}/exceptions")["exceptionHistory"]["entries"]
        checkpoints = self.cluster.get(f"jobs/{job}/checkpoints")["counts"]["failed"]
        return int(checkpoints), max((int(entry["timestamp"]) for entry in failures), default=0)

    def _hangs(self, job: str) -> bool:
        """Whether a checkpoint, which takes a second, has been going on for several."""
        pending = [c for c in self.cluster.get(f"jobs/{job}/checkpoints")["history"] if c["status"] == "IN_PROGRESS"]
        return any(time.time() - c["trigger_timestamp"] / 1000 > HANGING_SECONDS for c in pending)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@contextmanager
def small_disk(folder: Path, mebibytes: int = 1536) -> Iterator[Path]:
    """A file system of its own that can be filled. ServiceError: mounting one takes root's rights.

    Every process of Flink that is killed leaves 40 MiB of temporary files there.
    """
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        raise ServiceError(f"cannot mount a small disk at {folder}: run as root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def rig(folder: Path, seed: int, disk: bool) -> Iterator[Rig]:
    """All services and a cluster with slots to spare; with a disk that can be filled, if wanted."""
    # A checkpoint that hangs is given up soon: the store may be back.
    options = {
        "parallelism.default": "2",
        "execution.checkpointing.timeout": "20 s",
        "execution.checkpointing.tolerable-failed-checkpoints": "100",
    }
    services = kafka(folder / "kafka"), kinesis(folder / "kinesis"), buckets(folder / "s3")
    with services[0] as broker, services[1] as stream, services[2] as store:
        broker.create_topic(TOPIC, 3)
        stream.create_stream(STREAM, 2)
        with small_disk(folder / "disk") if disk else nullcontext():
            if disk:
                # What the cluster keeps for good lies elsewhere: the jar alone is larger than the disk.
                blobs = folder / "blobs"
                blobs.mkdir()
                options |= {"io.tmp.dirs": str(folder / "disk"), "blob.storage.directory": str(blobs)}
            with cluster_on(store, folder / "cluster", task_managers=3, **options) as cluster:
                system = Rig(seed, store, cluster, broker, stream, folder)
                try:
                    # Commands that look at what the jobs have written need the credentials, too.
                    with patch.dict(os.environ, store.environment):
                        yield system
                finally:
                    for feeder in system.feeders:
                        feeder.abandon()
