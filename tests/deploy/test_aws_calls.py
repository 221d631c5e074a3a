"""The roles against the calls that the components make: all that is asked is granted, all that is granted is asked."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.paths import replayed_input
from tests.deploy.policies import allows, key_policy, matches, role
from tests.deploy.stacks import ACCOUNT, GIVEN, REGION, TABLE_KEY, deployed
from tests.deploy.working import UNFINISHED, Asked, Work, aws, container, voicemail_table
from tests.services.s3 import aws_server
from tests.support.process import COMMAND
from tests.support.voicemail import user

ROLES = {
    "StreamRole": "stream",
    "ReleaseRole": "tasks",
    "AgentsRole": "tasks",
    "OperatorRole": "people",
    "QuarantineRole": "people",
    "PartnerRole": "partner",
}
# Taken by services of AWS before and around the tasks; no code of ours has them.
OF_SERVICES = {
    "ExecutionRole": "ECS pulls the image and writes the logs",
    "SchedulerRole": "EventBridge starts the tasks",
}
# Granted, but asked by what is not written in Python: from the documentation of each.
CONNECTOR = "Flink's Kinesis connector reads the stream"
FAN_OUT = "Flink's Kinesis connector registers itself for enhanced fan-out, and goes"
PLUGIN = "Flink's S3 plugin (Hadoop's S3A) writes files in parts, and looks at those half written when it goes on"
SERVICE = "Managed Service for Apache Flink fetches the code and writes the logs with the application's role"
DECRYPT = "S3 asks it of who completes an upload in parts, or reads a half written file"
UNSEEN = {
    "Code s3:GetObject": SERVICE,
    "Code s3:GetObjectVersion": SERVICE,
    "FindLogGroup logs:DescribeLogGroups": SERVICE,
    "FindLogStream logs:DescribeLogStreams": SERVICE,
    "WriteLogs logs:PutLogEvents": SERVICE,
    "ReadStream kinesis:DescribeStream": CONNECTOR,
    "ReadStream kinesis:GetRecords": CONNECTOR,
    "ReadStream kinesis:GetShardIterator": CONNECTOR,
    "ReadStream kinesis:ListShards": CONNECTOR,
    "StreamKey kms:Decrypt": CONNECTOR,
    "ReadStream kinesis:RegisterStreamConsumer": FAN_OUT,
    "ReadByFanOut kinesis:DeregisterStreamConsumer": FAN_OUT,
    "ReadByFanOut kinesis:DescribeStreamConsumer": FAN_OUT,
    "ReadByFanOut kinesis:SubscribeToShard": FAN_OUT,
    "ReadLedger s3:GetObject ledger/outcomes/*": PLUGIN,
    "WriteLedger s3:AbortMultipartUpload": PLUGIN,
    "WriteLedger s3:DeleteObject": PLUGIN,
    "WriteLedger s3:ListMultipartUploadParts": PLUGIN,
    "WriteLedger s3:PutObject": PLUGIN,
    "WritePayloads s3:AbortMultipartUpload": PLUGIN,
    "WritePayloads s3:DeleteObject": PLUGIN,
    "WritePayloads s3:GetObject": PLUGIN,
    "WritePayloads s3:ListMultipartUploadParts": PLUGIN,
    "WritePayloads s3:PutObject": PLUGIN,
    "BucketKeys kms:Decrypt key/RestrictedKey": DECRYPT,
    "BucketKeys kms:GenerateDataKey key/RestrictedKey": PLUGIN,
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "nobody")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        with aws():
            work = Work(tmp_path_factory.mktemp("work"))
            work.whole_day()
            yield work.asked


def test_every_component_was_at_work(asked: Asked) -> None:
    assert replayed_input(f"/{UNFINISHED}")
    assert set(asked) == set(ROLES)
    assert {*ROLES, *OF_SERVICES} == {name for stack in deployed().values() for name in stack.of("AWS::IAM::Role")}
    actions = {name: {request.action.split(":")[0] for request in requests} for name, requests in asked.items()}
    assert actions["StreamRole"] == {"kinesis", "kms", "s3"}
    assert actions["AgentsRole"] == {"dynamodb", "kms", "s3"}


@pytest.mark.parametrize("name", ROLES)
def test_what_is_asked_is_granted(asked: Asked, name: str) -> None:
    granted = role(ROLES[name], name)
    refused = {r for r in asked[name] if not allows(granted, r.action, r.resource, r.told())}
    assert refused == set()


@pytest.mark.parametrize("name", ROLES)
def test_the_keys_agree(asked: Asked, name: str) -> None:
    """A key's own policy lets the account's roles do what they ask; the table's key is the hospital's."""
    of_keys = {r for r in asked[name] if r.action.startswith("kms:") and r.resource != TABLE_KEY}
    assert of_keys
    for request in of_keys:
        context = {**request.told(), "kms:CallerAccount": ACCOUNT}
        assert allows(key_policy(request.resource), request.action, request.resource, context), request
        assert not allows(key_policy(request.resource), request.action, request.resource, {}), request


@pytest.mark.parametrize("name", ROLES)
def test_what_is_granted_is_asked(asked: Asked, name: str) -> None:
    """Every action on every resource of every statement, but for what is not written in Python."""
    unseen = UNSEEN if name == "StreamRole" else {}
    assert [grant for grant in idle(asked, name) if not any(fits(grant, known) for known in unseen)] == []


def test_every_explanation_is_needed(asked: Asked) -> None:
    grants = idle(asked, "StreamRole")
    assert [unseen for unseen in UNSEEN if not any(fits(grant, unseen) for grant in grants)] == []


def idle(asked: Asked, name: str) -> list[str]:
    """What a role is granted and never asked for: the statement, the action, the resource."""
    return [
        f"{statement.body['Sid']} {action} {resource}"
        for statement in role(ROLES[name], name)
        for action in statement.actions
        for resource in statement.resources
        if not any(r.action == action and matches(r.resource, resource) for r in asked[name])
    ]


def fits(grant: str, unseen: str) -> bool:
    """Whether an explanation is of this grant; its resource, where it names one, is the end of the grant's."""
    sid, action, *resource = unseen.split()
    return grant.startswith(f"{sid} {action} ") and grant.endswith("".join(resource))


@pytest.mark.parametrize("name", ROLES)
def test_a_listing_is_as_narrow_as_it_can_be(asked: Asked, name: str) -> None:
    """Whoever may be told that an object is missing may list without a prefix; others may not."""
    narrowed = [s for s in role(ROLES[name], name) if s.actions == ["s3:ListBucket"] and "Condition" in s.body]
    # Every role lists somewhere.
    assert narrowed
    for statement in narrowed:
        tests = statement.body["Condition"]
        bare = any(r.resource in statement.resources and not r.context for r in asked[name] if "List" in r.action)
        assert bare == ("StringLikeIfExists" in tests), statement


def test_a_missing_file_is_forbidden_to_the_partner() -> None:
    """It cannot be told from one that is not its own: docs/deploy-aws.md says so."""
    bucket = f"arn:aws:s3:::contact-billing-release-{ACCOUNT}"
    granted = role("partner", "PartnerRole")
    assert allows(granted, "s3:ListBucket", bucket, {"s3:prefix": "connect/"})
    assert not allows(granted, "s3:ListBucket", bucket, {})


def test_the_containers_command(tmp_path: Path) -> None:
    """The shell's line of the task of agents sync, with the image's command on the path."""
    line, settings = container("AgentsTask")
    bucket = deployed()["storage"].outputs["LedgerBucket"]
    with aws_server(tmp_path / "moto") as server:
        server.create_bucket(bucket)
        table = server.client("dynamodb")
        voicemail_table(table)
        table.put_item(TableName=GIVEN["VoicemailTable"], Item=user(1, "0417"))
        path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
        more = {"SETTINGS": settings, "AWS_ENDPOINT_URL": server.endpoint, "PATH": path}
        environment = {**os.environ, **server.environment, **more}
        done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        events = [json.loads(line)["event"] for line in done.stderr.splitlines()]
        assert events == ["started", "agents synced", "finished"]
        assert done.stdout.startswith("1 new")
        assert server.client().head_object(Bucket=bucket, Key="agents/agent-extensions.csv")
