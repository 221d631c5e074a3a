"""Deliveries fed at a rate, while services come and go. In: a number and a seed, or records. Out: what was taken.

The same seed gives the same records: some arrive twice, some in the wrong order, some cannot be read. The contacts of
some carry marked values that must turn up in no log.
"""

import random
import re
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count as numbers
from itertools import islice
from typing import NamedTuple
from zlib import crc32

from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import Producer

from jobs.sample.contacts import deliveries
from jobs.sample.malformed import CONTACT_ID, mix_in
from tests.services.kafka import producer_settings
from tests.services.kinesis import BATCH_RECORDS, Kinesis, fitting, put_batch
from tests.services.process import PATIENCE, ServiceError
from tests.support.markers import ATTRIBUTE, PHONE, USERNAME

MARKERS = (PHONE[1:], ATTRIBUTE, "quagga", USERNAME, "okapi")
KAFKA_BYTES, KINESIS_BYTES = 1_000_000, 900_000
# Neighbours that change places.
DISORDER = 40
_MARKED_ONE_IN = 8
_PLANTED = (
    (re.compile(rb'"Attributes":\{(?=")'), b'"Attributes":{"note":"%s",' % ATTRIBUTE.encode()),
    (re.compile(rb'"Username":"[^"]*"'), b'"Username":"%s"' % USERNAME.encode()),
    (re.compile(rb'(?<="CustomerEndpoint":\{"Address":")\+[0-9]+'), PHONE.encode()),
)


class Record(NamedTuple):
    """A payload, when it arrived (milliseconds since 1970), and a key that is its own."""

    payload: bytes
    at_ms: int
    key: str


def records(
    count: int, seed: int, *, days: int = 3, malformed: float = 0.02, largest: int = KAFKA_BYTES
) -> Iterator[Record]:
    """At least so many deliveries. Their arrivals are in order; what arrives is not, quite."""
    rng = random.Random(f"{seed}:feeder")
    stream = mix_in(deliveries(count, seed, days), seed, malformed, over=count)
    fitting = (delivery for delivery in stream if len(delivery.payload) <= largest)
    number = numbers()
    while neighbours := list(islice(fitting, DISORDER)):
        payloads = [marked(delivery.payload) for delivery in neighbours]
        rng.shuffle(payloads)
        for delivery, payload in zip(neighbours, payloads, strict=True):
            yield Record(payload, int(delivery.arrived_at.timestamp() * 1000), f"{seed}-{next(number)}")


def marked(payload: bytes) -> bytes:
    """The payload with marked values, if its contact (or what cannot be read) is one of the marked ones.

    What is the same before is the same after, so that a delivery that is repeated stays one.
    """
    found = CONTACT_ID.search(payload)
    if found is None and payload[:1].isalpha():
        return payload + b" " + ATTRIBUTE.encode()
    if crc32(found[1] if found else payload) % _MARKED_ONE_IN == 0:
        for place, value in _PLANTED:
            payload = place.sub(value, payload)
    return payload


class Feeder:
    """A thread that feeds records until they end or it is stopped; `taken` has those that the service has taken."""

    def __init__(self, source: Iterable[Record], per_second: float) -> None:
        self._source, self._per_second = iter(source), per_second
        self._stopped, self._hastened, self._abandoned = threading.Event(), threading.Event(), threading.Event()
        self._future: Future[None] | None = None
        self.taken: list[Record] = []

    def start(self) -> None:
        """Begin."""
        executor = ThreadPoolExecutor(1, "feeder")
        self._future = executor.submit(self._feed)
        executor.shutdown(wait=False)

    def stop(self) -> None:
        """Begin no further record."""
        self._stopped.set()

    def hasten(self) -> None:
        """Feed what is left as fast as it is taken."""
        self._hastened.set()

    def abandon(self) -> None:
        """End now, whatever has not been taken yet."""
        self._abandoned.set()
        self._stopped.set()

    def join(self, seconds: float = PATIENCE) -> list[Record]:
        """Wait until all records that were begun are taken. Out: those; an error of the thread is raised here."""
        assert self._future is not None, "the feeder has not been started"
        try:
            self._future.result(seconds)
        except TimeoutError:
            raise ServiceError(f"after {seconds:g} s the feeder has fed {len(self.taken)} records only") from None
        return self.taken

    def _feed(self) -> None:
        raise NotImplementedError

    def _due(self, most: int) -> Iterator[list[Record]]:
        """The records whose time has come, up to so many at once."""
        begun, count = time.monotonic(), 0
        while not self._stopped.is_set():
            rated = int((time.monotonic() - begun) * self._per_second) - count
            due = most if self._hastened.is_set() else rated
            if due <= 0:
                self._stopped.wait(0.02)
                continue
            batch = list(islice(self._source, min(due, most)))
            if not batch:
                return
            count += len(batch)
            yield batch


class KafkaFeeder(Feeder):
    """Feeds a topic, through any number of restarts of the broker: nothing is lost; a batch may be there twice."""

    def __init__(self, brokers: str, topic: str, source: Iterable[Record], per_second: float = 500) -> None:
        super().__init__(source, per_second)
        # Never give up on a record.
        self._producer = Producer({**producer_settings(brokers), "message.timeout.ms": 0, "retry.backoff.max.ms": 500})
        self._topic = topic
        self._refused: list[str] = []

    def _feed(self) -> None:
        for batch in self._due(1000):
            for record in batch:
                self._send(record)
            self._producer.poll(0)
        while self._producer.flush(1) and not self._abandoned.is_set():
            pass
        if self._refused:
            raise ServiceError(f"Kafka refused {len(self._refused)} records: {self._refused[0]}")

    def _send(self, record: Record) -> None:
        """Hand a record over; when the broker is away for long, there is no room for more of them."""
        while not self._abandoned.is_set():
            try:
                self._producer.produce(
                    self._topic,
                    record.payload,
                    record.key,
                    timestamp=record.at_ms,
                    on_delivery=partial(self._delivered, record),
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def _delivered(self, record: Record, error: object, _: object) -> None:
        if error is None:
            self.taken.append(record)
        else:
            self._refused.append(str(error))


class KinesisFeeder(Feeder):
    """Feeds a stream; what is throttled is put again.

    Of a request that got no answer nobody knows whether it was taken: it is put again, too, and may be there twice.
    """

    def __init__(self, server: Kinesis, stream: str, source: Iterable[Record], per_second: float = 200) -> None:
        super().__init__(source, per_second)
        self._client, self._stream = server.client(), stream

    def _feed(self) -> None:
        for batch in self._due(BATCH_RECORDS):
            self._put(batch)

    def _put(self, waiting: list[Record]) -> None:
        while waiting and not self._abandoned.is_set():
            items = [(record.payload, record.key) for record in waiting]
            count = fitting(items)
            try:
                refused = {key for _, key in put_batch(self._client, self._stream, items[:count])}
            except (BotoCoreError, ClientError):
                refused = {key for _, key in items}
            self.taken += [record for record in waiting[:count] if record.key not in refused]
            waiting = [record for record in waiting[:count] if record.key in refused] + waiting[count:]
            if refused:
                time.sleep(0.2)
