"""Kinesis as a stream source: connector options and a check of the stream with boto3."""

from collections.abc import Mapping
from datetime import UTC, datetime

from jobs.settings.connections import Kinesis, check_keys
from schemas.errors import SettingsError
from transforms.records.timestamps import MICROSECONDS, instant


class KinesisStream:
    """A Kinesis stream; credentials come from the environment or the role."""

    kind = "kinesis"
    factory = "org.apache.flink.streaming.connectors.kinesis.table.KinesisDynamicTableFactory"
    position_columns = (
        "place STRING METADATA FROM 'shard-id' VIRTUAL, `offset` STRING METADATA FROM 'sequence-number' VIRTUAL"
    )
    payload_expression = "payload"

    def __init__(self, kinesis: Kinesis) -> None:
        self._kinesis = kinesis
        self.name = kinesis.stream
        self.properties = kinesis.properties

    def options(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the options of Flink's Kinesis connector."""
        kinesis = self._kinesis
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
            # With an offset, in the connector's own form: it reads others in the machine's time zone.
            start = datetime.fromtimestamp((instant(kinesis.start_timestamp) or 0) / MICROSECONDS, UTC)
            options["scan.stream.initpos-timestamp"] = start.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return options | kinesis.properties

    def check_settings(self, environment: Mapping[str, str]) -> None:
        """Raises SettingsError if a required key is missing, or the start is not an instant."""
        kinesis = self._kinesis
        check_keys("source.kinesis", kinesis, ("stream", "region"))
        if kinesis.start == "AT_TIMESTAMP" and instant(kinesis.start_timestamp) is None:
            raise SettingsError("source.kinesis.start_timestamp is not an instant; write it as 2026-03-01T00:00:00Z")

    def check_connection(self, environment: Mapping[str, str]) -> None:
        """Describe the stream. Raises SettingsError if it is missing, unreachable, or refuses the credentials."""
        import boto3
        from botocore.config import Config  # type: ignore[import-untyped, unused-ignore]
        from botocore.exceptions import (  # type: ignore[import-untyped, unused-ignore]
            BotoCoreError,
            ClientError,
            NoCredentialsError,
        )

        kinesis = self._kinesis
        config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
        endpoint = kinesis.endpoint or None
        try:
            client = boto3.client("kinesis", region_name=kinesis.region, endpoint_url=endpoint, config=config)
            client.describe_stream_summary(StreamName=kinesis.stream)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ResourceNotFoundException":
                raise SettingsError(
                    f"source.kinesis.stream {kinesis.stream} does not exist in source.kinesis.region {kinesis.region}; "
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
