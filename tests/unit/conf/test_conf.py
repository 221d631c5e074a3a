"""The shipped settings: each parses, and is one that the job takes; Flink's configuration is YAML without surprises."""

from typing import Any

import pytest
from ruamel.yaml import YAML

from jobs.ingest.streams.source_table import stream_source
from jobs.settings.locations import agents_uri, resolve_locations
from jobs.settings.settings import load_settings
from tests.services.process import ROOT

CONF = ROOT / "conf"
ENVIRONMENT = {"CONTACT_BILLING_KAFKA_SECRET": "secret"}


@pytest.mark.parametrize("name", ["aws", "kafka"])
def test_settings_for_amazon(name: str) -> None:
    settings = load_settings(CONF / f"{name}.toml")
    stream_source(settings.source).check_settings(ENVIRONMENT)
    found = resolve_locations(settings.storage, None)
    named = [found.uri(kind) for kind in ("ledger", "quarantine", "release", "audit")]
    for place in (*named, settings.storage.archive):
        assert place.startswith("s3://example-")
    assert agents_uri(None, settings.storage).startswith("s3://")
    assert settings.storage.s3.kms_key.startswith("arn:aws:kms:")
    assert settings.billing.time_zone == "America/New_York"
    assert settings.logging.level == "INFO"


def test_what_the_two_read() -> None:
    kinesis, kafka = (load_settings(CONF / f"{name}.toml").source for name in ("aws", "kafka"))
    assert (kinesis.kind, kinesis.kinesis.consumer) == ("kinesis", "efo")
    assert (kafka.kind, kafka.kafka.properties["security.protocol"]) == ("kafka", "SASL_SSL")
    assert list(kafka.kafka.secrets.values()) == list(ENVIRONMENT)


def test_flinks_configuration() -> None:
    options: dict[str, Any] = YAML(typ="safe").load(CONF / "flink.yaml")
    # Flat keys, one value each.
    assert all(isinstance(value, str | int | float | bool) for value in options.values())
    assert options["execution.checkpointing.mode"] == "EXACTLY_ONCE"
    assert options["rest.bind-address"] == "localhost"
    assert options["s3.encryption.algorithm"] == "SSE-KMS"
    # Only places, hosts and keys are left to be edited.
    edited = {key for key, value in options.items() if "<" in str(value)}
    assert edited == {
        "execution.checkpointing.dir",
        "execution.checkpointing.savepoint-dir",
        "jobmanager.rpc.address",
        "python.client.executable",
        "python.executable",
        "s3.encryption.key",
        "s3.endpoint.region",
    }
