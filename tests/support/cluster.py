"""What the tests of the live job share. In: a folder. Out: Kafka, Kinesis, S3 and a cluster with the shipped options.

Each starts when the first test asks for it, and serves all the others of the process. Names of topics, streams and
places are each test's own. The tests are in one group of tests/conftest.py, so that there is one of each.
"""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType

from ruamel.yaml import YAML

from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka, kafka
from tests.services.kinesis import Kinesis, kinesis
from tests.services.process import ROOT, free_ports
from tests.services.s3 import S3Server
from tests.support.live_system import buckets, cluster_on

# The parts of the shipped configuration that do not depend on the machine.
SHIPPED = ("execution.", "state.", "restart-strategy.", "metrics.", "python.metric")
TASK_MANAGERS, SLOTS = 2, 4
OWN = {
    # Nobody kills its JobManager, whose end a TaskManager notices by this alone; a busy machine loses no healthy one.
    "heartbeat.timeout": "50 s",
    # Tests wait for checkpoints; how long Flink rests between them shows them nothing.
    "execution.checkpointing.min-pause": "100 ms",
    # Every job loads PyFlink's jar anew; of its classes, and of the 10 MiB of its connections, not all is given back.
    "taskmanager.memory.process.size": "3700m",
    "taskmanager.memory.jvm-metaspace.size": "1536m",
    "taskmanager.memory.task.off-heap.size": "1024m",
}


class System:
    """The services, and where the processes of the cluster tell their metrics."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._running = folder, ExitStack()

    def __enter__(self) -> "System":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @cached_property
    def broker(self) -> Kafka:
        return self._running.enter_context(kafka(self._folder / "kafka"))

    @cached_property
    def stream(self) -> Kinesis:
        return self._running.enter_context(kinesis(self._folder / "kinesis"))

    @cached_property
    def store(self) -> S3Server:
        return self._running.enter_context(buckets(self._folder / "s3"))

    @cached_property
    def metrics(self) -> list[int]:
        """A port for each process of the cluster."""
        return free_ports(1 + TASK_MANAGERS)

    @cached_property
    def cluster(self) -> FlinkCluster:
        options = shipped() | OWN | {"metrics.reporter.prom.port": ",".join(map(str, self.metrics))}
        made = cluster_on(self.store, self._folder / "cluster", TASK_MANAGERS, SLOTS, **options)
        return self._running.enter_context(made)


def shipped() -> dict[str, str]:
    """What of conf/flink.yaml serves on any machine."""
    found = YAML(typ="safe").load(ROOT / "conf" / "flink.yaml")
    return {key: str(value) for key, value in found.items() if key.startswith(SHIPPED) and "<" not in str(value)}
