"""The deployed components at work. In: the stacks' own settings, and moto in the place of AWS. Out: what each asked.

Every component runs with the settings that its stack gives it, on the buckets that its stack names.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import msgspec
from click.testing import CliRunner
from moto import mock_aws

from jobs import stream
from jobs.agents.table import load_agents
from jobs.cli.main import cli
from jobs.ingest.streams.source_table import stream_source
from jobs.settings.settings import Settings, load_settings
from schemas.errors import AuditFailed, VerificationFailed
from tests.deploy.recorder import Request, recorded
from tests.deploy.stacks import GIVEN, REGION, Stack, deployed
from tests.support.answered_calls import json_lines, record
from tests.support.s3_locations import read
from tests.support.voicemail import user

DATE = "2026-03-01"
NEW_VERSION = {"AWSContactTraceRecordFormatVersion": "2027-01-01"}
FIRST = json_lines(record("one"), record("two", extension=None), record("three", **NEW_VERSION), b"no record")
LATE = json_lines(record("one", delivery=2, talk=99))
LATER = json_lines(record("one", delivery=9, talk=7))
ACCEPTED = 'records.format_versions = ["2017-03-10", "2027-01-01"]\n'
# A part of a replay that has not ended: whether it has is asked of a mark that is not there.
UNFINISHED = f"replay-{'0' * 24}-0-0.parquet"

Asked = dict[str, list[Request]]


def live_settings(stack: Stack) -> Settings:
    """The settings of the live job, as the application gets them."""
    nested: dict[str, Any] = {}
    for name, value in stack.settings.items():
        *path, last = name.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return msgspec.convert(nested, Settings, strict=False)


def container(task: str) -> tuple[str, str]:
    """The shell's command of a task, and the settings in its environment."""
    (found,) = deployed()["tasks"].of("AWS::ECS::TaskDefinition")[task]["ContainerDefinitions"]
    assert found["EntryPoint"] == ["sh", "-c"]
    (line,), (settings,) = found["Command"], found["Environment"]
    assert settings["Name"] == "SETTINGS"
    return line, settings["Value"]


class Work:
    """The components over one deployment without AWS."""

    def __init__(self, folder: Path) -> None:
        self.asked: Asked = {}
        self._folder = folder
        self._s3 = boto3.client("s3")
        self._live = live_settings(deployed()["stream"])
        line, settings = container("ReleaseTask")
        self._release = shlex.split(line.partition("| contact-billing ")[2].partition(" --config")[0])
        self._config = self._file("release", settings)
        self._accepting = self._file("accepting", ACCEPTED + settings)
        self._sync = self._file("agents", container("AgentsTask")[1])
        self.storage = load_settings(self._config).storage

    def whole_day(self) -> None:
        """Everything that the components do, from an empty ledger to a third version, and a loss that is found."""
        self.agents()
        self.live_job()
        read(self.storage, self._folder, first=FIRST)
        for name in ("_SUCCESS", UNFINISHED):
            self._s3.put_object(
                Bucket=self._bucket("Ledger"), Key=f"ledger/outcomes/billing_date={DATE}/{name}", Body=b""
            )
        self.release()
        read(self.storage, self._folder, late=LATE)
        self.release()
        self.people()
        self.release()
        self.live_job()
        self.partner()
        self.losses()

    def live_job(self) -> None:
        """What the job does before Flink has it, and what its workers do themselves."""
        with self._recorded("StreamRole"):
            stream.check(self._live, self._live.storage.agents)
            stream_source(self._live.source).check_connection({})
            load_agents(self._live.storage.agents, self._live.storage.s3)

    def agents(self) -> None:
        """A first sync, one that has news, one that has none."""
        table = boto3.client("dynamodb")
        for items in ([user(1, "0417")], [user(1, "0418"), user(2, "0500")], []):
            for item in items:
                table.put_item(TableName=GIVEN["VoicemailTable"], Item=item)
            self._run("AgentsRole", "agents", "sync", "--config", self._sync)

    def release(self) -> None:
        """The scheduled release."""
        self._run("ReleaseRole", *self._release, "--config", self._config)

    def people(self) -> None:
        """What is looked at; and then what is recycled."""
        for command in (["quarantine", "list"], ["held", "list"], ["agents", "check"], ["status"]):
            self._run("OperatorRole", *command, "--config", self._config)
        self._verify()
        (payload,) = [line for line in FIRST.splitlines() if b"three" in line]
        position = ("--source", "first", "--position", str(FIRST.index(payload)))
        self._run("QuarantineRole", "quarantine", "show", *position, "--payload", "--config", self._config)
        self._run("QuarantineRole", "quarantine", "recycle", "--config", self._accepting)

    def partner(self) -> None:
        """The partner verifies what it got."""
        self._run("PartnerRole", "verify", self.storage.release, "--config", self._file("partner", ""))

    def losses(self) -> None:
        """The operator verifies after an audit was deleted, and the next release is refused."""
        self._s3.delete_object(Bucket=self._bucket("Audit"), Key=f"connect/billing_date={DATE}/v0003.json")
        assert f"{DATE}/v0003.json is missing" in self._verify(VerificationFailed.exit_code)
        read(self.storage, self._folder, later=LATER)
        self._run("ReleaseRole", *self._release, "--config", self._config, code=AuditFailed.exit_code)

    def _verify(self, code: int = 0) -> str:
        place = (self.storage.release, "--ledger", self.storage.ledger)
        return self._run("OperatorRole", "verify", *place, "--config", self._config, code=code)

    @staticmethod
    def _bucket(kind: str) -> str:
        return str(deployed()["storage"].outputs[f"{kind}Bucket"])

    def _file(self, name: str, text: str) -> Path:
        path = self._folder / f"{name}.toml"
        path.write_text(text)
        return path

    def _run(self, role: str, *options: object, code: int = 0) -> str:
        with self._recorded(role):
            done = CliRunner().invoke(cli, [str(option) for option in options])
        found = getattr(done.exception, "exit_code", 1) if done.exception else 0
        assert found == code, (done.output, done.exception)
        return done.output

    @contextmanager
    def _recorded(self, role: str) -> Iterator[None]:
        with recorded() as requests:
            yield
        self.asked.setdefault(role, []).extend(requests)


def voicemail_table(dynamodb: Any) -> None:
    """The table of the voicemail solution, without items."""
    dynamodb.create_table(
        TableName=GIVEN["VoicemailTable"],
        AttributeDefinitions=[{"AttributeName": "agentId", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "agentId", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


@contextmanager
def aws() -> Iterator[None]:
    """An AWS in this process that has what the stacks would make; nothing leaves the machine."""
    with mock_aws():
        for bucket in deployed()["storage"].of("AWS::S3::Bucket").values():
            boto3.client("s3").create_bucket(Bucket=bucket["BucketName"])
        for found in deployed()["stream"].of("AWS::Kinesis::Stream").values():
            boto3.client("kinesis", region_name=REGION).create_stream(StreamName=found["Name"], ShardCount=1)
        voicemail_table(boto3.client("dynamodb", region_name=REGION))
        yield
