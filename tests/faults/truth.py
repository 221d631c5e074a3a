"""What a service holds, told by itself: every record with its position, as the ledger must name it."""

from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis

# Source and position as in the ledger, and the payload.
Held = Iterator[tuple[tuple[str, str], bytes]]


def in_topic(broker: Kafka, topic: str) -> Held:
    """Every record of a topic, partition by partition."""
    consumer = Consumer({"bootstrap.servers": broker.brokers, "group.id": "truth", "fetch.message.max.bytes": 4 << 20})
    try:
        for number in sorted(consumer.list_topics(topic, timeout=60).topics[topic].partitions):
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=60)
            consumer.assign([TopicPartition(topic, number, low)])
            place = low
            while place < high:
                # Asked for more than there is, it waits for the rest.
                for message in consumer.consume(min(1000, high - place), timeout=60):
                    assert message.error() is None, message.error()
                    place = message.offset() + 1
                    yield (f"kafka:{topic}/{number}", str(message.offset())), message.value() or b""
    finally:
        consumer.close()


def in_stream(server: Kinesis, stream: str) -> Held:
    """Every record of a stream, shard by shard, the closed ones too."""
    client = server.client()
    for shard in client.list_shards(StreamName=stream)["Shards"]:
        name = shard["ShardId"]
        iterator: Any = client.get_shard_iterator(StreamName=stream, ShardId=name, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        while iterator:
            answer = client.get_records(ShardIterator=iterator, Limit=1000)
            for record in answer["Records"]:
                yield (f"kinesis:{stream}/{name}", record["SequenceNumber"]), record["Data"]
            iterator = answer.get("NextShardIterator")
            if not answer["Records"] and answer["MillisBehindLatest"] == 0:
                break
