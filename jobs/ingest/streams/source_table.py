"""Where the live job reads: one table `received` for every source, as Flink SQL.

Columns of `received`: payload BYTES, arrived_at (rowtime), source, position. Positions are a
partition's offsets or a shard's sequence numbers.
"""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from jobs.settings.connections import Kafka, Kinesis, Source
from schemas.errors import SettingsError
from transforms.records.timestamps import MICROSECONDS, instant

# Arrival is told by the stream, not by the record: it answers whether all that came by then is read.
_RECORDS = """
    CREATE TEMPORARY TABLE records (
        payload BYTES,
        arrived_at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
        {place},
        WATERMARK FOR arrived_at AS arrived_at
    ) WITH ({options})
"""
_KAFKA_PLACE = "place INT METADATA FROM 'partition' VIRTUAL, `offset` BIGINT METADATA VIRTUAL"
_KINESIS_PLACE = (
    "place STRING METADATA FROM 'shard-id' VIRTUAL, `offset` STRING METADATA FROM 'sequence-number' VIRTUAL"
)

_RECEIVED = """
    CREATE TEMPORARY VIEW received AS
    SELECT {payload} AS payload, arrived_at, CONCAT({prefix}, CAST(place AS STRING)) AS source,
           CAST(`offset` AS STRING) AS `position`
    FROM records
"""


def source_table(source: Source) -> list[str]:
    """The statements that make the table. SettingsError: a secret is not in the environment."""
    if source.kind == "kafka":
        options, place = kafka_options(source.kafka, os.environ), _KAFKA_PLACE
        name, payload = source.kafka.topic, "from_avro(payload)" if source.kafka.format == "avro" else "payload"
    else:
        options, place = kinesis_options(source.kinesis), _KINESIS_PLACE
        name, payload = source.kinesis.stream, "payload"
    told = ",\n".join(f"{text(key)} = {text(value)}" for key, value in options.items())
    return [
        _RECORDS.format(place=place, options=told),
        _RECEIVED.format(payload=payload, prefix=text(f"{source.kind}:{name}/")),
    ]


# Flink logs the environment of Python on the JobManager, but for variables with such names.
_HIDDEN = re.compile("secret|password|token", re.IGNORECASE)


def kafka_options(kafka: Kafka, environment: Mapping[str, str]) -> dict[str, str]:
    """The options of Flink's Kafka connector."""
    secrets = {}
    for key, variable in kafka.secrets.items():
        if not _HIDDEN.search(variable):
            raise SettingsError(
                f"source.kafka.secrets: Flink writes the variable {variable} into its log; rename it to one with "
                "SECRET, PASSWORD or TOKEN in its name, which Flink hides"
            )
        if variable not in environment:
            raise SettingsError(
                f"source.kafka.secrets names the environment variable {variable} for {key}, which is not set; set it"
            )
        secrets[key] = environment[variable]
    start = {"earliest": "earliest-offset", "latest": "latest-offset", "group": "group-offsets"}[kafka.start]
    properties = {
        "bootstrap.servers": kafka.brokers,
        "group.id": kafka.group,
        # For a group that has not committed yet.
        "auto.offset.reset": "earliest",
        **kafka.properties,
        **secrets,
    }
    return {
        "connector": "kafka",
        "topic": kafka.topic,
        "scan.startup.mode": start,
        "format": "raw",
        # Partitions that are added later are found.
        "scan.topic-partition-discovery.interval": "60 s",
        **{f"properties.{key}": value for key, value in properties.items()},
    }


def kinesis_options(kinesis: Kinesis) -> dict[str, str]:
    """The options of Flink's Kinesis connector."""
    options = {
        "connector": "kinesis",
        "stream": kinesis.stream,
        "aws.region": kinesis.region,
        "scan.stream.initpos": kinesis.start,
        "scan.stream.recordpublisher": kinesis.consumer.upper(),
        "format": "raw",
    }
    if kinesis.endpoint:
        options["aws.endpoint"] = kinesis.endpoint
    if kinesis.consumer == "efo":
        options["scan.stream.efo.consumername"] = kinesis.consumer_name
    if kinesis.start == "AT_TIMESTAMP":
        # With an offset, in the connector's own form: others are read in the zone of the machine.
        start = datetime.fromtimestamp((instant(kinesis.start_timestamp) or 0) / MICROSECONDS, UTC)
        options["scan.stream.initpos-timestamp"] = start.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return options | kinesis.properties


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
