"""The feeder feeds the same records for the same seed, and loses and repeats none when a broker goes away."""

import time
from collections import Counter
from functools import partial

from tests.services.feeder import KINESIS_BYTES, MARKERS, KafkaFeeder, KinesisFeeder, records
from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.process import await_that
from tests.services.test_services import read_shards, read_topic


def test_the_same_seed_gives_the_same_records() -> None:
    made = list(records(2000, 7))
    assert made == list(records(2000, 7)) != list(records(2000, 8))
    assert len(made) >= 2000
    payloads = Counter(record.payload for record in made)
    assert 20 < sum(times - 1 for times in payloads.values()) < 200
    assert [record.at_ms for record in made] == sorted(record.at_ms for record in made)
    assert len({record.key for record in made}) == len(made)
    for marker in MARKERS:
        assert 50 < sum(marker.encode() in payload for payload in payloads) < 500
    assert max(map(len, payloads)) <= 1_000_000
    assert b"42" in payloads


def taken_more_than(feeder: KafkaFeeder, count: int) -> bool:
    return len(feeder.taken) > count


def test_a_broker_that_is_killed_gets_every_record(broker: Kafka) -> None:
    made = list(records(3000, 11))
    broker.create_topic("fed", 3)
    feeder = KafkaFeeder(broker.brokers, "fed", made, per_second=600)
    feeder.start()
    for wanted in (500, 1500):
        await_that("records are fed", partial(taken_more_than, feeder, wanted))
        broker.stop()
        time.sleep(1)  # records are produced while nobody takes them
        broker.start()
    taken = feeder.join()
    assert Counter(taken) == Counter(made)
    # A broker that is killed can forget what a producer's last batch was: it may be there twice, but not missing.
    held = Counter(read_topic(broker, "fed", broker.count("fed")))
    fed = Counter((record.payload, record.at_ms) for record in made)
    assert (fed - held, held.keys() - fed.keys()) == (Counter(), set())


def test_a_stream_gets_every_record_and_a_feeder_stops(stream: Kinesis) -> None:
    stream.create_stream("fed", 2)
    feeder = KinesisFeeder(stream, "fed", records(5000, 5, largest=KINESIS_BYTES), per_second=200)
    feeder.start()
    await_that("records are fed", lambda: len(feeder.taken) > 200)
    stream.split_shard("fed")
    more = len(feeder.taken) + 100
    await_that("more records are fed", lambda: len(feeder.taken) > more)
    feeder.stop()
    taken = feeder.join()
    assert more < len(taken) < 5000
    held = [payload for shard in read_shards(stream, "fed").values() for payload in shard]
    assert sorted(held) == sorted(record.payload for record in taken)


def test_what_is_left_is_fed_at_once(stream: Kinesis) -> None:
    made = list(records(200, 13, largest=KINESIS_BYTES))
    stream.create_stream("hastened")
    feeder = KinesisFeeder(stream, "hastened", made, per_second=0.001)
    feeder.start()
    feeder.hasten()
    assert Counter(feeder.join()) == Counter(made)
