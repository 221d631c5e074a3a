"""Kinesis as a source: the options of Flink's connector."""

from jobs.ingest.streams.kinesis import KinesisStream
from jobs.settings.connections import Kinesis


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
