"""Submits the live job so that it looks for new partitions every two seconds; in a minute, it would find them, too."""

from collections.abc import Mapping
from unittest.mock import patch

from jobs.ingest.streams.kafka import KafkaStream
from jobs.runtime.run_command import run_command
from jobs.stream import command

INTERVAL = "scan.topic-partition-discovery.interval"
OPTIONS = KafkaStream.options


def hasty(stream: KafkaStream, environment: Mapping[str, str]) -> dict[str, str]:
    """The job's options, one of which says how often it looks."""
    options = OPTIONS(stream, environment)
    assert options[INTERVAL].endswith(" s")
    return options | {INTERVAL: "2 s"}


if __name__ == "__main__":
    with patch.object(KafkaStream, "options", hasty):
        run_command(command)
