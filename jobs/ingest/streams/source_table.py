"""The interface of a stream source, and the Flink SQL that reads any of them as one view, `received`.

Columns of `received`: payload BYTES, arrived_at (rowtime), source, position. Positions are a
partition's offsets or a shard's sequence numbers.
"""

from collections.abc import Mapping
from typing import Protocol

from jobs.ingest.streams.kafka import KafkaStream
from jobs.ingest.streams.kinesis import KinesisStream
from jobs.runtime.flink_sql import sql_literal
from jobs.settings.connections import Source

# The stream says when a record arrived, not the record: arrival answers whether all that came by then is read.
_RECORDS = """
    CREATE TEMPORARY TABLE records (
        payload BYTES,
        arrived_at TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
        {position_columns},
        WATERMARK FOR arrived_at AS arrived_at
    ) WITH ({options})
"""

_RECEIVED = """
    CREATE TEMPORARY VIEW received AS
    SELECT {payload} AS payload, arrived_at, CONCAT({prefix}, CAST(place AS STRING)) AS source,
           CAST(`offset` AS STRING) AS `position`
    FROM records
"""


class StreamSource(Protocol):
    """A kind of stream that the live job can read: a file of this folder implements it for each."""

    kind: str
    """The kind in the settings, and the name of its section."""
    name: str
    """The name of the topic or stream."""
    factory: str
    """The Java class of the table factory that the connector's jar holds."""
    position_columns: str
    """SQL columns `place` (partition or shard) and `offset`, out of the connector's metadata."""
    payload_expression: str
    """SQL expression over `payload` that makes the record's JSON."""
    properties: dict[str, str]
    """Connector properties that the settings pass on unchecked."""

    def options(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the connector's options; secrets come from the environment."""

    def check_settings(self, environment: Mapping[str, str]) -> None:
        """Raises SettingsError if something that the source needs is missing."""

    def check_connection(self, environment: Mapping[str, str]) -> None:
        """Raises SettingsError if the stream is missing, unreachable, or refuses the credentials."""


def stream_source(source: Source) -> StreamSource:
    """Return the stream that the settings choose."""
    streams: dict[str, StreamSource] = {
        "kafka": KafkaStream(source.kafka),
        "kinesis": KinesisStream(source.kinesis),
    }
    return streams[source.kind]


def source_table(source: StreamSource, environment: Mapping[str, str]) -> list[str]:
    """Return the statements that create `received`. Raises SettingsError if a secret is not in the environment."""
    options = source.options(environment).items()
    return [
        _RECORDS.format(
            position_columns=source.position_columns,
            options=",\n".join(f"{sql_literal(key)} = {sql_literal(value)}" for key, value in options),
        ),
        _RECEIVED.format(payload=source.payload_expression, prefix=sql_literal(f"{source.kind}:{source.name}/")),
    ]
