"""Kafka as a stream source: connector options, secrets, and a check of the topic with Java's AdminClient."""

import re
from collections.abc import Mapping
from typing import Any

from jobs.ingest.streams.java_classes import call_static, java_causes, java_class
from jobs.settings.connections import Kafka, check_keys
from schemas.errors import SettingsError

_TIMEOUT_MS = "10000"
# Flink logs the environment of Python on the JobManager, except variables with such names.
_HIDDEN_VARIABLE = re.compile("secret|password|token", re.IGNORECASE)


class KafkaStream:
    """A Kafka topic; its values are JSON, or Avro that becomes JSON."""

    kind = "kafka"
    factory = "org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicTableFactory"
    position_columns = "place INT METADATA FROM 'partition' VIRTUAL, `offset` BIGINT METADATA VIRTUAL"

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self.name = kafka.topic
        self.properties = kafka.properties
        self.payload_expression = "from_avro(payload)" if kafka.format == "avro" else "payload"

    def options(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the options of Flink's Kafka connector. Raises SettingsError if a secret cannot be used."""
        kafka = self._kafka
        start = {"earliest": "earliest-offset", "latest": "latest-offset", "group": "group-offsets"}[kafka.start]
        properties = {
            "bootstrap.servers": kafka.brokers,
            "group.id": kafka.group,
            # For a group that has not committed yet.
            "auto.offset.reset": "earliest",
            **kafka.properties,
            **_secrets(kafka, environment),
        }
        return {
            "connector": "kafka",
            "topic": kafka.topic,
            "scan.startup.mode": start,
            "format": "raw",
            # Discovers partitions that are added later.
            "scan.topic-partition-discovery.interval": "60 s",
            **{f"properties.{key}": value for key, value in properties.items()},
        }

    def check_settings(self, environment: Mapping[str, str]) -> None:
        """Raises SettingsError if a required key or a secret is missing."""
        check_keys("source.kafka", self._kafka, ("brokers", "topic"))
        self.options(environment)

    def check_connection(self, environment: Mapping[str, str]) -> None:
        """Describe the topic. Raises SettingsError if it is missing, unreachable, or refuses the credentials."""
        from py4j.protocol import Py4JJavaError
        from pyflink.java_gateway import get_gateway

        jvm = get_gateway().jvm
        properties = jvm.java.util.Properties()
        for key, value in self.options(environment).items():
            if key.startswith("properties.") and key not in ("properties.group.id", "properties.auto.offset.reset"):
                properties.setProperty(key.removeprefix("properties."), value)
        for key in ("request.timeout.ms", "default.api.timeout.ms"):
            properties.setProperty(key, _TIMEOUT_MS)
        admin: Any = None
        try:
            admin = call_static(java_class("org.apache.kafka.clients.admin.AdminClient"), "create", properties)
            topics = jvm.java.util.Collections.singletonList(self._kafka.topic)
            admin.describeTopics(topics).allTopicNames().get()
        except Py4JJavaError as error:
            raise SettingsError(_error_text(self._kafka, error.java_exception)) from None
        finally:
            if admin is not None:
                admin.close()


def _secrets(kafka: Kafka, environment: Mapping[str, str]) -> dict[str, str]:
    """Kafka property to its secret value."""
    secrets = {}
    for key, variable in kafka.secrets.items():
        if not _HIDDEN_VARIABLE.search(variable):
            raise SettingsError(
                f"source.kafka.secrets: Flink writes the variable {variable} into its log; rename it to one with "
                "SECRET, PASSWORD or TOKEN in its name, which Flink hides"
            )
        if variable not in environment:
            raise SettingsError(
                f"source.kafka.secrets names the environment variable {variable} for {key}, which is not set; set it"
            )
        secrets[key] = environment[variable]
    return secrets


def _error_text(kafka: Kafka, error: Any) -> str:
    classes = [name for name, _ in java_causes(error)]
    if "UnknownTopicOrPartitionException" in classes:
        return f"source.kafka.topic {kafka.topic} does not exist; create it or correct the name"
    if any("Auth" in name or "Sasl" in name for name in classes):
        return "source.kafka.properties and source.kafka.secrets: the broker refuses the credentials or the rights"
    if "ConfigException" in classes or "KafkaException" in classes:
        return f"source.kafka.brokers, properties or secrets cannot be used: {classes[-1]}; correct them"
    return f"source.kafka.brokers {kafka.brokers} do not answer; check the address and the security settings"
