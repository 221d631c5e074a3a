"""The templates themselves: clean for cfn-lint, and what must be true of every bucket, key, log and container."""

import re
from pathlib import Path

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner

from tests.deploy.stacks import ACCOUNT, FOLDER, GIVEN, ORDER, REGION, Stack, deployed

BUCKETS = {
    "LedgerBucket": "OperatorKey",
    "AuditBucket": "OperatorKey",
    "QuarantineBucket": "RestrictedKey",
    "ArchiveBucket": "RestrictedKey",
    "ReleaseBucket": "ReleaseKey",
}
# What cannot be made again: data, what reads it, and what tells of it.
KEPT = {
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::Logs::LogStream",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
}
RESOURCES = [(stack.name, name) for stack in deployed().values() for name in stack.resources]


def test_cfn_lint_has_nothing_to_say(tmp_path: Path) -> None:
    """Of the templates; of those with a slip, in the same run, it has."""
    templates = sorted(FOLDER.glob("*.yaml"))
    assert {path.stem for path in templates} == set(ORDER)
    slip, broken = tmp_path / "slip.yaml", tmp_path / "broken.yaml"
    slip.write_text((FOLDER / "storage.yaml").read_text().replace("EnableKeyRotation", "EnableKeyRotations", 1))
    broken.write_text("Resources: [\n")
    options = ["--regions", REGION, "--", *map(str, (*templates, slip, broken))]
    said = {(Path(found.filename), found.rule.id): found.message for found in Runner(ConfigMixIn(options)).run()}
    assert said.keys() == {(slip, "E3002"), (broken, "E0000")}
    assert "EnableKeyRotations" in said[slip, "E3002"]


@pytest.mark.parametrize(("bucket", "key"), BUCKETS.items())
def test_a_bucket(bucket: str, key: str) -> None:
    storage = deployed()["storage"]
    found = storage.of("AWS::S3::Bucket")[bucket]
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(found["PublicAccessBlockConfiguration"]) == 4
    assert found["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = found["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": storage.outputs[key]}
    assert [p["Bucket"] for p in storage.of("AWS::S3::BucketPolicy").values()].count(found["BucketName"]) == 1
    assert storage.outputs[bucket] == found["BucketName"]
    assert len(found["BucketName"]) <= 63


def test_there_are_no_other_buckets() -> None:
    assert set(deployed()["storage"].of("AWS::S3::Bucket")) == set(BUCKETS)
    assert not any(stack.of("AWS::S3::Bucket") for name, stack in deployed().items() if name != "storage")


def test_uploads_outlive_snapshots_and_what_was_replaced_can_be_brought_back() -> None:
    """Nothing else ever expires. Seven days are the least that docs/live.md asks for."""
    storage = Stack("storage", {"AbortUploadsAfterDays": 45, "KeepReplacedDays": 60})
    for bucket in storage.of("AWS::S3::Bucket").values():
        uploads, replaced = bucket["LifecycleConfiguration"]["Rules"]
        assert uploads == {
            "Id": "abort-uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "45"},
        }
        assert replaced == {
            "Id": "forget-replaced",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": "60"},
            "ExpiredObjectDeleteMarker": True,
        }
    assert "MinValue: 7\n" in (FOLDER / "storage.yaml").read_text()


@pytest.mark.parametrize(("stack", "name"), RESOURCES)
def test_what_cannot_be_made_again_is_kept(stack: str, name: str) -> None:
    resource = deployed()[stack].resources[name]
    policies = {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
    assert policies == ({"Retain"} if resource["Type"] in KEPT else {None})


def test_keys_rotate_and_the_partners_is_for_nothing_else() -> None:
    for stack in deployed().values():
        for key in stack.of("AWS::KMS::Key").values():
            assert (key["EnableKeyRotation"], key["PendingWindowInDays"]) == (True, 30)
    assert [bucket for bucket, key in BUCKETS.items() if key == "ReleaseKey"] == ["ReleaseBucket"]


def test_without_an_archive() -> None:
    storage = Stack("storage", {"KeepArchive": "false"})
    assert "ArchiveBucket" not in {*storage.resources, *storage.outputs}
    stream = Stack("stream", GIVEN | storage.outputs)
    assert "storage.archive" not in stream.settings
    assert "archive" not in str(stream.resources["StreamRole"])


def test_the_stream_is_encrypted_and_named_for_connect() -> None:
    stream = deployed()["stream"]
    (found,) = stream.of("AWS::Kinesis::Stream").values()
    assert found["StreamEncryption"]["EncryptionType"] == "KMS"
    assert found["StreamEncryption"]["KeyId"].endswith("key/StreamKey")
    assert stream.outputs["StreamName"] == found["Name"]


def test_logs_end_and_are_encrypted() -> None:
    groups = [group for stack in deployed().values() for group in stack.of("AWS::Logs::LogGroup").values()]
    assert len(groups) == 3
    for group in groups:
        # The key's policy knows groups by this name.
        assert group["LogGroupName"].startswith("/contact-billing/")
        assert group["RetentionInDays"] == "90"
        assert group["KmsKeyId"].endswith("key/LogsKey")


def test_alarms_tell_somebody() -> None:
    alarms = {n: a for stack in deployed().values() for n, a in stack.of("AWS::CloudWatch::Alarm").items()}
    assert set(alarms) == {
        "LagAlarm",
        "DowntimeAlarm",
        "CheckpointAlarm",
        "WritesRefusedAlarm",
        "FailedAlarm",
        "ReleaseSilenceAlarm",
        "AgentsSilenceAlarm",
        "NotStartedAlarm",
    }
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [GIVEN["AlarmTopic"]]
    quiet = Stack("tasks", GIVEN | {"AlarmTopic": ""} | deployed()["storage"].outputs)
    assert not any("AlarmActions" in alarm for alarm in quiet.of("AWS::CloudWatch::Alarm").values())


def test_the_application() -> None:
    (found,) = deployed()["stream"].of("AWS::KinesisAnalyticsV2::Application").values()
    configured = found["ApplicationConfiguration"]
    assert found["RuntimeEnvironment"] == "FLINK-1_20"
    flink = configured["FlinkApplicationConfiguration"]
    assert flink["CheckpointConfiguration"]["CheckpointInterval"] == "300000"
    assert configured["ApplicationSnapshotConfiguration"] == {"SnapshotsEnabled": True}
    assert found["RunConfiguration"]["FlinkRunConfiguration"] == {"AllowNonRestoredState": False}
    content = configured["ApplicationCodeConfiguration"]["CodeContent"]["S3ContentLocation"]
    assert content["ObjectVersion"] == GIVEN["CodeVersion"]


def test_containers_are_pinned_and_have_no_capabilities() -> None:
    for task in deployed()["tasks"].of("AWS::ECS::TaskDefinition").values():
        (container,) = task["ContainerDefinitions"]
        assert re.fullmatch(
            rf"{ACCOUNT}\.dkr\.ecr\.us-east-1\.amazonaws\.com/[a-z-]+@sha256:0{{64}}", container["Image"]
        )
        assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
        assert "Secrets" not in container


def test_without_a_voicemail_table() -> None:
    """As for a second partner, whose tasks do not look after the agents again."""
    tasks = Stack("tasks", GIVEN | {"VoicemailTable": ""} | deployed()["storage"].outputs)
    assert [name for name in tasks.resources if name.startswith("Agents")] == []
    scheduler = tasks.of("AWS::IAM::Role")["SchedulerRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert [len(statement["Resource"]) for statement in scheduler] == [1, 2]


def test_a_number_of_an_account_is_nowhere() -> None:
    for path in FOLDER.glob("*.yaml"):
        assert re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", path.read_text()) == []


def test_the_page_tells_of_everything_that_is_chosen() -> None:
    """Templates, what has to be given, what comes out."""
    told = (FOLDER.parents[1] / "docs" / "deploy-aws.md").read_text()
    names = {f"{name}.yaml" for name in ORDER} | {key for stack in deployed().values() for key in stack.outputs}
    for name in ORDER:
        declared = Stack(name, GIVEN | deployed()["storage"].outputs).required
        names |= declared
    assert sorted(name for name in names if f"`{name}`" not in told and f"{name}=" not in told) == []
