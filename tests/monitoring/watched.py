"""The live job on the run's cluster, once from Kafka and once from Kinesis. In: records. Out: what is told of them."""

import re
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.services.process import HOST, await_that
from tests.support.cluster import System
from tests.support.live_system import Live, from_kafka, from_kinesis

TOPIC = STREAM = "watched"
TABLE = "agent_id,extension\nsomebody,0001\nbusy,2143\nother,9999\n"
SCOPE = "flink_taskmanager_job_task_operator_contact_billing"


class Jobs:
    """The jobs, and what the one from Kafka tells Prometheus."""

    def __init__(self, system: System, live: Live, job: str) -> None:
        self.live, self.ports, self._system, self._job, self._sent = live, system.metrics, system, job, 0

    def send(self, *payloads: bytes) -> None:
        """Records for the job that reads from Kafka."""
        self._system.broker.produce(TOPIC, [(payload, None) for payload in payloads])
        self._sent += len(payloads)

    def put(self, *payloads: bytes) -> None:
        """Records for the job that reads from Kinesis."""
        self._system.stream.put(STREAM, [(payload, "key") for payload in payloads])

    def await_counted(self) -> None:
        """Waits until every record that was sent is counted."""

        def counted() -> bool:
            return self.sum("outcome_reason_records") == self._sent

        await_that("what was sent before is counted", counted, log=self.live.cluster.logs)

    def sum(self, name: str, **labels: str) -> float:
        """Over all workers and quantiles; 0 where there is no such metric."""
        return sum(value for found, value in self._read(name) if labels.items() <= found.items())

    def exists(self, name: str) -> bool:
        return any(True for _ in self._read(name))

    def _read(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        for port in self.ports:
            # One of the ports is the JobManager's, which tells other things.
            with suppress(OSError), urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=60) as answer:
                for line in answer.read().decode().splitlines():
                    if line.startswith(f"{SCOPE}_{name}{{"):
                        labels = dict(re.findall(r'(\w+)="([^"]*)"', line))
                        if labels["job_id"] == self._job:
                            yield labels, float(line.rpartition(" ")[2])


@contextmanager
def submitted(system: System, folder: Path) -> Iterator[Jobs]:
    """Both jobs, until nobody looks any more."""
    system.broker.create_topic(TOPIC)
    system.stream.create_stream(STREAM)
    sources = {"kafka": from_kafka(system.broker, TOPIC), "kinesis": from_kinesis(system.stream, STREAM)}
    lives = [Live(folder, system.store, system.cluster, f"watched-{n}", source) for n, source in sources.items()]
    for live in lives:
        live.settings["stream"]["agents_refresh_seconds"] = 1
        live.agents.write_text(TABLE)
    with ThreadPoolExecutor(len(lives)) as pool:
        ids = list(pool.map(Live.submit, lives))
    yield Jobs(system, lives[0], ids[0])
    for job in ids:
        system.cluster.cancel(job)
