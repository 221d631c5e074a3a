"""A Kafka broker. In: a folder. Out: a broker that keeps its port and data when it is killed and started again."""

import base64
import subprocess
import uuid
from collections.abc import Iterable
from contextlib import AbstractContextManager
from itertools import cycle
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from tests.services.process import (
    BUILD,
    HOST,
    PATIENCE,
    Server,
    ServiceError,
    await_that,
    free_ports,
    installed,
    java,
    running,
)

# Room for records of more than 1 MiB, so that such ones can be sent, too.
MESSAGE_BYTES = 4 << 20
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
controller.listener.names=CONTROLLER
log.dirs={data}
message.max.bytes={message_bytes}
replica.fetch.max.bytes={message_bytes}
auto.create.topics.enable=false
# There is one broker.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# The cleaner's buffer would be half of the heap, and now and then all that is left of it.
log.cleaner.dedupe.buffer.size=8388608
# A broker that was killed comes back after 5 seconds instead of 13: its old session has to end first.
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
"""


class Kafka(Server):
    """A broker and its topics."""

    def __init__(self, folder: Path) -> None:
        broker, controller = free_ports(2)
        self.brokers = f"{HOST}:{broker}"
        folder.mkdir(parents=True, exist_ok=True)
        settings, libraries = folder / "server.properties", installed(BUILD / "kafka", "services") / "*"
        ports = {"broker": broker, "controller": controller}
        data = folder / "data"
        settings.write_text(SETTINGS.format(host=HOST, data=data, message_bytes=MESSAGE_BYTES, **ports))
        options = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN", "-cp", libraries)
        command = (java(), *options, "kafka.Kafka", settings)
        super().__init__("Kafka", command, folder / "kafka.log", self._leads_all_partitions)
        if not data.exists():
            _format(settings, libraries)

    def create_topic(self, name: str, partitions: int = 1) -> None:
        """A topic that forgets nothing."""
        settings = {"retention.ms": "-1", "max.message.bytes": str(MESSAGE_BYTES)}
        topic = NewTopic(name, partitions, 1, config=settings)
        admin = self._admin()
        admin.create_topics([topic])[name].result(timeout=PATIENCE)
        await_that(f"the topic {name} can be written to", self._leads_all_partitions, log=self.log)

    def add_partitions(self, topic: str, total: int) -> None:
        """Gives a topic more partitions, so many in all."""
        admin = self._admin()
        admin.create_partitions([NewPartitions(topic, total)])[topic].result(timeout=PATIENCE)
        await_that(f"the topic {topic} can be written to", self._leads_all_partitions, log=self.log)

    def produce(self, topic: str, items: Iterable[tuple[bytes, int | None]]) -> None:
        """Write payloads with their timestamps in milliseconds (None: now), to all partitions in turn."""
        partitions = cycle(sorted(self._admin().list_topics(topic, timeout=60).topics[topic].partitions))
        producer = Producer(producer_settings(self.brokers))
        failed: list[str] = []

        def delivered(error: object, _: object) -> None:
            if error is not None:
                failed.append(str(error))

        for (payload, timestamp_ms), partition in zip(items, partitions, strict=False):
            while True:
                try:
                    # A timestamp of 0 is "now" to the client.
                    at = timestamp_ms or 0
                    producer.produce(topic, payload, partition=partition, timestamp=at, on_delivery=delivered)
                    break
                except BufferError:  # no room until some are sent
                    producer.poll(0.1)
            producer.poll(0)
        left = producer.flush(PATIENCE)
        if failed or left:
            raise ServiceError(f"{len(failed)} records refused ({failed[:1]}), {left} not sent; log: {self.log}")

    def count(self, topic: str) -> int:
        """How many records a topic holds."""
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": "count"})
        try:
            partitions = consumer.list_topics(topic, timeout=60).topics[topic].partitions
            ends = [consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=60) for number in partitions]
            return sum(high - low for low, high in ends)
        finally:
            consumer.close()

    def _admin(self) -> AdminClient:
        # What the client says on stderr while nobody listens is expected.
        return AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})

    def _leads_all_partitions(self) -> bool:
        try:
            metadata = self._admin().list_topics(timeout=1)
        except KafkaException:
            return False
        partitions = (p for topic in metadata.topics.values() for p in topic.partitions.values())
        return bool(metadata.brokers) and all(partition.leader >= 0 for partition in partitions)


def kafka(folder: Path) -> AbstractContextManager[Kafka]:
    """A running broker, everything of which lies below the folder."""
    return running(Kafka(folder))


def producer_settings(brokers: str) -> dict[str, str | int | bool]:
    """A producer that neither loses nor repeats a record, however often it has to try."""
    return {
        "bootstrap.servers": brokers,
        "enable.idempotence": True,
        "message.max.bytes": MESSAGE_BYTES,
        "linger.ms": 20,
        "log_level": 0,
    }


def _format(settings: Path, libraries: Path) -> None:
    """Prepare the data folder, which a broker does not do by itself."""
    name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # An id that begins with a dash would be taken for an option.
    options = ("format", f"--cluster-id={name}", "-c", settings)
    command = [java(), "-Xmx128m", "-cp", libraries, "kafka.tools.StorageTool", *options]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceError(f"Kafka's folder could not be prepared: {done.stdout[-500:]}{done.stderr[-500:]}")
