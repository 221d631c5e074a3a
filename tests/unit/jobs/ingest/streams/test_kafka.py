"""Kafka as a source: secrets come from the environment, and only those that Flink keeps out of its logs."""

import pytest

from jobs.ingest.streams.kafka import KafkaStream
from jobs.settings.connections import Kafka
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
