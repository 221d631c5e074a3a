"""Every service starts, does one real thing, and comes back after a kill where that is offered."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from confluent_kafka import Consumer

from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.process import PATIENCE, PORTS, ServiceError, free_ports, installed
from tests.services.s3 import aws_server, s3

AT_MS = 1_772_359_200_000
LARGE = b"x" * ((1 << 20) + 1)


def read_topic(server: Kafka, topic: str, count: int) -> list[tuple[bytes, int]]:
    """So many records of a topic: payload and timestamp."""
    consumer = Consumer({"bootstrap.servers": server.brokers, "group.id": "test", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        return sorted(
            (message.value() or b"", message.timestamp()[1]) for message in consumer.consume(count, timeout=PATIENCE)
        )
    finally:
        consumer.close()


def test_kafka_keeps_what_it_has_through_a_kill(broker: Kafka) -> None:
    broker.create_topic("kept", 2)
    broker.produce("kept", [(b"1", AT_MS), (b"2", AT_MS + 1), (LARGE, AT_MS + 2)])
    broker.stop()
    broker.start()
    broker.produce("kept", [(b"3", AT_MS + 3)])
    assert broker.count("kept") == 4
    records = [(b"1", AT_MS), (b"2", AT_MS + 1), (b"3", AT_MS + 3), (LARGE, AT_MS + 2)]
    assert read_topic(broker, "kept", 4) == records


def read_shards(server: Kinesis, stream: str) -> dict[str, list[bytes]]:
    """What each shard holds, in its order."""
    client, held = server.client(), {}
    for shard in client.list_shards(StreamName=stream)["Shards"]:
        start = {"ShardIteratorType": "TRIM_HORIZON", "ShardId": shard["ShardId"]}
        iterator = client.get_shard_iterator(StreamName=stream, **start)["ShardIterator"]
        held[shard["ShardId"]] = [record["Data"] for record in client.get_records(ShardIterator=iterator)["Records"]]
    return held


def test_kinesis_splits_a_shard_and_loses_nothing(stream: Kinesis) -> None:
    stream.create_stream("split", 1)
    before, after = ([b"%d" % n for n in numbers] for numbers in (range(300), range(300, 600)))
    stream.put("split", ((payload, payload.decode()) for payload in before))
    stream.split_shard("split")
    assert len(stream.open_shards("split")) == 2
    stream.put("split", ((payload, payload.decode()) for payload in after))
    old, *new = read_shards(stream, "split").values()
    assert old == before
    assert all(new)
    assert sorted(payload for shard in new for payload in shard) == sorted(after)


def test_s3_keeps_what_it_has_through_a_kill_and_minds_conditions(tmp_path: Path) -> None:
    with s3(tmp_path) as server:
        server.create_bucket("ledger")
        server.client().put_object(Bucket="ledger", Key="a/1", Body=LARGE)
        server.stop()
        server.start()
        assert server.client().get_object(Bucket="ledger", Key="a/1")["Body"].read() == LARGE
        with pytest.raises(ClientError, match="PreconditionFailed"):
            server.client().put_object(Bucket="ledger", Key="a/1", Body=b"", IfNoneMatch="*")
        assert server.keys("ledger", "a/") == ["a/1"]


def test_the_servers_of_amazon_report_encryption_and_keep_tables(tmp_path: Path) -> None:
    with aws_server(tmp_path) as server:
        server.create_bucket("release")
        key = server.client("kms").create_key()["KeyMetadata"]["Arn"]
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        server.client().put_object(Bucket="release", Key="billing.csv", Body=b"line", **encryption)
        head = server.client().head_object(Bucket="release", Key="billing.csv")
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
        table = {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "id", "KeyType": "HASH"}
        client = server.client("dynamodb")
        client.create_table(
            TableName="agents", AttributeDefinitions=table[:1], KeySchema=table[1:], BillingMode="PAY_PER_REQUEST"
        )
        client.put_item(TableName="agents", Item={"id": {"S": "agent-1"}})
        assert client.scan(TableName="agents")["Items"] == [{"id": {"S": "agent-1"}}]


def test_a_missing_service_is_an_error_that_says_what_installs_it(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="nothing is missing; install it with: make services"):
        installed(tmp_path / "nothing", "services")


def test_processes_side_by_side_are_given_different_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    given = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        given.append(sorted(free_ports(300) + free_ports(300)))
    assert len({port for ports in given for port in ports}) == 1800
    ends = [end for ports in given for end in (ports[0], ports[-1])]
    assert sorted(ends) == ends
    assert PORTS.start <= ends[0] < ends[-1] < PORTS.stop
