"""The table of the live job's source: what its settings must have, and how they are written in SQL."""

import pytest

from jobs.ingest.streams.kafka import KafkaStream
from jobs.ingest.streams.source_table import source_table, stream_source
from jobs.settings.connections import Kafka, Kinesis, Source
from schemas.errors import SettingsError


def test_a_quote_in_a_setting_ends_no_literal() -> None:
    records = source_table(KafkaStream(Kafka("b:1", "t", properties={"client.id": "o'neil', 'x' = 'y"})), {})[0]
    assert "'properties.client.id' = 'o''neil'', ''x'' = ''y'" in records


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (Source("kafka", Kafka(topic="t")), "source.kafka.brokers"),
        (Source("kafka", Kafka("b:1")), "source.kafka.topic"),
        (Source("kafka", Kafka("b:1", "t", secrets={"sasl.jaas.config": "TOKEN"})), "source.kafka.secrets.*TOKEN"),
        (Source("kinesis", kinesis=Kinesis(region="r")), "source.kinesis.stream"),
        (Source("kinesis", kinesis=Kinesis("s")), "source.kinesis.region"),
        (Source("kinesis", kinesis=Kinesis("s", "r", start="AT_TIMESTAMP")), "source.kinesis.start_timestamp"),
    ],
)
def test_what_a_source_needs_is_named(source: Source, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        stream_source(source).check_settings({})
