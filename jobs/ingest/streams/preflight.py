"""Looks at what the settings name before the job is submitted: one line says what is wrong and where.

A job that cannot reach its stream would otherwise fail on the cluster, again and again, in its logs.
"""

from collections.abc import Mapping
from typing import Any

from jobs.ingest.streams.source_table import kafka_options
from jobs.settings.connections import Kinesis, Source
from schemas.errors import SettingsError
from transforms.records.timestamps import instant

_ANSWER_MS = "10000"
_FACTORIES = {
    "kafka": "org.apache.flink.streaming.connectors.kafka.table.KafkaDynamicTableFactory",
    "kinesis": "org.apache.flink.streaming.connectors.kinesis.table.KinesisDynamicTableFactory",
}


def check_settings(source: Source, environment: Mapping[str, str]) -> None:
    """SettingsError: something that the source needs is not given."""
    needed = {"kafka": ("brokers", "topic"), "kinesis": ("stream", "region")}[source.kind]
    section = getattr(source, source.kind)
    for key in needed:
        if not getattr(section, key):
            raise SettingsError(f"source.{source.kind}.{key} is empty; give it, see conf/reference.toml")
    kinesis = source.kinesis
    if source.kind == "kinesis" and kinesis.start == "AT_TIMESTAMP" and instant(kinesis.start_timestamp) is None:
        raise SettingsError("source.kinesis.start_timestamp is no instant; write it as 2026-03-01T00:00:00Z")
    if source.kind == "kafka":
        kafka_options(source.kafka, environment)


def check_connectors(kind: str) -> None:
    """SettingsError: the job's jars hold no connector for the source."""
    if _java_class(_FACTORIES[kind]) is None or _java_class("org.apache.parquet.hadoop.ParquetWriter") is None:
        raise SettingsError(
            f"the {kind} connector is missing; run `make jars`, and put build/connectors.jar in FLINK_HOME/lib "
            "or give it with flink run -j"
        )


def check_source(source: Source, environment: Mapping[str, str]) -> None:
    """SettingsError: the stream cannot be reached, is not there, or refuses the credentials."""
    if source.kind == "kinesis":
        _check_kinesis(source.kinesis)
    else:
        _check_kafka(source, environment)


def _check_kinesis(kinesis: Kinesis) -> None:
    import boto3
    from botocore.config import Config  # type: ignore[import-untyped, unused-ignore]
    from botocore.exceptions import (  # type: ignore[import-untyped, unused-ignore]
        BotoCoreError,
        ClientError,
        NoCredentialsError,
    )

    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
    endpoint = kinesis.endpoint or None
    try:
        client = boto3.client("kinesis", region_name=kinesis.region, endpoint_url=endpoint, config=config)
        client.describe_stream_summary(StreamName=kinesis.stream)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code == "ResourceNotFoundException":
            raise SettingsError(
                f"source.kinesis.stream {kinesis.stream} is not there in source.kinesis.region {kinesis.region}; "
                "create it, or correct one of them"
            ) from None
        raise SettingsError(
            f"source.kinesis.stream {kinesis.stream} refuses: {code}; check the credentials and their rights"
        ) from None
    except NoCredentialsError:
        raise SettingsError(
            "source.kinesis: no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a role"
        ) from None
    except (BotoCoreError, ValueError) as error:
        key = "endpoint" if endpoint else "region"
        raise SettingsError(
            f"cannot reach Kinesis: {type(error).__name__}; check source.kinesis.{key} and the AWS credentials"
        ) from None


def _check_kafka(source: Source, environment: Mapping[str, str]) -> None:
    from py4j.protocol import Py4JJavaError
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    properties = jvm.java.util.Properties()
    for key, value in kafka_options(source.kafka, environment).items():
        if key.startswith("properties.") and key not in ("properties.group.id", "properties.auto.offset.reset"):
            properties.setProperty(key.removeprefix("properties."), value)
    for key in ("request.timeout.ms", "default.api.timeout.ms"):
        properties.setProperty(key, _ANSWER_MS)
    admin: Any = None
    try:
        admin = _static(_java_class("org.apache.kafka.clients.admin.AdminClient"), "create", properties)
        topics = jvm.java.util.Collections.singletonList(source.kafka.topic)
        admin.describeTopics(topics).allTopicNames().get()
    except Py4JJavaError as error:
        raise SettingsError(_told(source, error.java_exception)) from None
    finally:
        if admin is not None:
            admin.close()


def rejected_properties(source: Source, error: Any) -> SettingsError | None:
    """What of the settings Flink may dislike in a job that it does not take; None: nothing of them."""
    properties = getattr(source, source.kind).properties
    causes = _causes(error)
    if not properties or not {"ValidationException", "IllegalArgumentException"} & {c for c, _ in causes}:
        return None
    # Its message could hold a value; names of properties cannot.
    named = [key for key in properties if any(key in message for _, message in causes)]
    return SettingsError(
        f"source.{source.kind}.properties: the connector refuses {', '.join(named or properties)}; correct the names "
        "and values, or leave them out"
    )


def _causes(error: Any) -> list[tuple[str, str]]:
    """An error of Java's and what caused it: classes and messages, the last cause at the end."""
    found = []
    while error is not None:
        found.append((str(error.getClass().getSimpleName()), str(error.getMessage())))
        error = error.getCause()
    return found


def _told(source: Source, error: Any) -> str:
    kafka = source.kafka
    names = [name for name, _ in _causes(error)]
    if "UnknownTopicOrPartitionException" in names:
        return f"source.kafka.topic {kafka.topic} is not there; create it or correct the name"
    if any("Auth" in name or "Sasl" in name for name in names):
        return "source.kafka.properties and source.kafka.secrets: the broker refuses the credentials or the rights"
    if "ConfigException" in names or "KafkaException" in names:
        return f"source.kafka.brokers, properties or secrets cannot be used: {names[-1]}; correct them"
    return f"source.kafka.brokers {kafka.brokers} do not answer; check the address and the security settings"


def _java_class(name: str) -> Any:
    from py4j.protocol import Py4JJavaError
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    try:
        return jvm.java.lang.Class.forName(name, True, loader)
    except Py4JJavaError:
        return None


def _static(java_class: Any, method: str, argument: Any) -> Any:
    """Calls a static method of a class that only the job's own jars hold, which Py4J cannot import."""
    from pyflink.java_gateway import get_gateway

    gateway = get_gateway()
    types = gateway.new_array(gateway.jvm.java.lang.Class, 1)
    types[0] = argument.getClass()
    arguments = gateway.new_array(gateway.jvm.java.lang.Object, 1)
    arguments[0] = argument
    return java_class.getMethod(method, types).invoke(None, arguments)
