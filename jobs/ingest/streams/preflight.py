"""Checks of a source's connector before and at submission: one line says what is wrong and where.

A job with such an error would otherwise fail on the cluster, again and again, in its logs.
"""

from typing import Any

from jobs.ingest.streams.java_classes import java_causes, java_class
from jobs.ingest.streams.source_table import StreamSource
from schemas.errors import SettingsError


def check_connector(source: StreamSource) -> None:
    """Raises SettingsError if the job's jars hold no connector for the source."""
    if java_class(source.factory) is None or java_class("org.apache.parquet.hadoop.ParquetWriter") is None:
        raise SettingsError(
            f"the {source.kind} connector is missing; run `make jars`, and put build/connectors.jar in FLINK_HOME/lib "
            "or give it with flink run -j"
        )


def rejected_properties(source: StreamSource, error: Any) -> SettingsError | None:
    """Return an error that names the properties that Flink probably refused; None if they are not the cause.

    `error` is the Java exception of a job that could not be submitted.
    """
    causes = java_causes(error)
    if not source.properties or not {"ValidationException", "IllegalArgumentException"} & {c for c, _ in causes}:
        return None
    # The message could hold a value; names of properties cannot.
    refused = [key for key in source.properties if any(key in message for _, message in causes)]
    return SettingsError(
        f"source.{source.kind}.properties: the connector refuses {', '.join(refused or source.properties)}; "
        "correct the names and values, or leave them out"
    )
