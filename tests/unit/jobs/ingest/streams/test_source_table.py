"""The statements and options of the live job's sources."""

import pytest

from jobs.ingest.streams.kafka import KafkaStream
from jobs.ingest.streams.kinesis import KinesisStream
from jobs.ingest.streams.source_table import source_table
from jobs.settings.connections import Kafka, Kinesis
from schemas.errors import SettingsError


def test_secrets_come_from_the_environment_and_only_there() -> None:
    kafka = Kafka("b:1", "t", properties={"security.protocol": "SASL_SSL"}, secrets={"sasl.jaas.config": "JAAS_SECRET"})
    assert KafkaStream(kafka).options({"JAAS_SECRET": "it's secret"})["properties.sasl.jaas.config"] == "it's secret"
    with pytest.raises(SettingsError, match=r"source\.kafka\.secrets.* JAAS_SECRET"):
        KafkaStream(kafka).options({})


def test_a_secret_that_flink_would_log_is_refused() -> None:
    kafka = Kafka("b:1", "t", secrets={"sasl.jaas.config": "JAAS"})
    with pytest.raises(SettingsError, match=r"source\.kafka\.secrets: .* JAAS .*SECRET") as error:
        KafkaStream(kafka).options({"JAAS": "hunter2"})
    assert "hunter2" not in str(error.value)


def test_a_quote_in_a_setting_ends_no_literal() -> None:
    records = source_table(KafkaStream(Kafka("b:1", "t", properties={"client.id": "o'neil', 'x' = 'y"})), {})[0]
    assert "'properties.client.id' = 'o''neil'', ''x'' = ''y'" in records


def test_the_options_of_kinesis() -> None:
    assert KinesisStream(Kinesis("s", "us-east-1")).options({}) == {
        "connector": "kinesis",
        "stream": "s",
        "aws.region": "us-east-1",
        "scan.stream.initpos": "TRIM_HORIZON",
        "scan.stream.recordpublisher": "POLLING",
        "format": "raw",
    }
    more = KinesisStream(
        Kinesis("s", "r", "http://e", "AT_TIMESTAMP", "2026-03-01T01:00:00+01:00", "efo", "me", {"aws.x": "y"})
    ).options({})
    assert more["aws.endpoint"] == "http://e"
    assert more["scan.stream.efo.consumername"] == "me"
    assert more["scan.stream.initpos-timestamp"] == "2026-03-01T00:00:00.000Z"
    assert more["aws.x"] == "y"
