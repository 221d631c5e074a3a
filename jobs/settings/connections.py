"""The settings of connections: storage, the agents' table, the stream sources and the live job.

Every key is explained in conf/reference.toml.
"""

from typing import Annotated, Literal

import msgspec

from schemas.errors import SettingsError

Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]*$")]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of the settings file; unknown keys are errors."""


def check_keys(path: str, section: Section, keys: tuple[str, ...]) -> None:
    """Raises SettingsError if one of these keys of a section is empty; `path` is the section's dotted name."""
    for key in keys:
        if not getattr(section, key):
            raise SettingsError(f"{path}.{key} is empty; give it, see conf/reference.toml")


class S3(Section, frozen=True):
    """How to reach the object store; credentials come from the environment or the role."""

    endpoint: str = ""
    region: str = ""
    path_style: bool = False
    kms_key: str = ""


class Storage(Section, frozen=True):
    """Folders or s3:// URIs; empty means below --out."""

    ledger: str = ""
    quarantine: str = ""
    archive: str = ""
    release: str = ""
    audit: str = ""
    agents: str = ""
    s3: S3 = S3()


class Agents(Section, frozen=True):
    """The DynamoDB table of "Voicemail for Amazon Connect"; credentials come from the environment or the role."""

    table: str = ""
    region: str = ""
    endpoint: str = ""


class Kafka(Section, frozen=True):
    """A Kafka topic of contact records."""

    brokers: str = ""
    topic: Name = ""
    group: Annotated[str, msgspec.Meta(min_length=1)] = "contact-billing"
    start: Literal["earliest", "latest", "group"] = "earliest"
    format: Literal["json", "avro"] = "json"
    properties: dict[str, str] = {}
    # Property to the name of the environment variable that holds its value.
    secrets: dict[str, str] = {}


class Kinesis(Section, frozen=True):
    """A Kinesis stream of contact records; credentials come from the environment or the role."""

    stream: Name = ""
    region: str = ""
    endpoint: str = ""
    start: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] = "TRIM_HORIZON"
    start_timestamp: str = ""
    consumer: Literal["polling", "efo"] = "polling"
    consumer_name: Name = "contact-billing"
    properties: dict[str, str] = {}


class Source(Section, frozen=True):
    """Which stream the live job reads."""

    kind: Literal["kinesis", "kafka"] = "kinesis"
    kafka: Kafka = Kafka()
    kinesis: Kinesis = Kinesis()


class Stream(Section, frozen=True):
    """How the live job runs."""

    checkpoint_seconds: Seconds = 120
    close_delay_minutes: Annotated[int, msgspec.Meta(ge=0, le=10_080)] = 60
    idle_seconds: Seconds = 60
    agents_refresh_seconds: Seconds = 300
    connectors: str = "build/connectors.jar"


class Follow(Section, frozen=True):
    """How a release that runs next to a live job looks for work."""

    poll_seconds: Seconds = 60
