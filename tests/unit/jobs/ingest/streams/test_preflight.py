"""What the live job checks before it starts."""

import pytest

from jobs.ingest.streams.source_table import stream_source
from jobs.settings.connections import Kafka, Kinesis, Source
from schemas.errors import SettingsError


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
