"""Every policy statement of the templates: nothing is granted by a star, but where AWS has nothing finer."""

import re

import pytest

from tests.deploy.policies import Statement, allows, bucket_denies, role, statements
from tests.deploy.stacks import ACCOUNT, HERE, deployed

# Statements of a key's own policy are about that key, whatever they call it.
KEY_POLICY = "in a key's policy the star is the key itself"
STARS = {
    "tasks.ExecutionRole.SignInToRegistry": "ecr:GetAuthorizationToken knows no resource",
    "stream.StreamRole.FindLogGroup": "logs:DescribeLogGroups is asked of all groups; it tells names",
}
# What a star in a resource may stand for: the rest of a name whose beginning says whose it is.
NAMED = re.compile(
    r"arn:aws:(s3:::[a-z0-9-]+/([a-z-]+/)*\*"
    rf"|kinesis:{HERE}:stream/contact-billing/consumer/contact-billing:\*"
    rf"|logs:{HERE}:log-group:/contact-billing/contact-billing/[a-z-]+(:log-stream)?:\*)"
)
# All of these may be in another account, or are services that could be asked by anybody.
TRUST_NEEDS = {
    "kinesisanalytics.amazonaws.com": {"aws:SourceAccount", "aws:SourceArn"},
    "ecs-tasks.amazonaws.com": {"aws:SourceAccount", "aws:SourceArn"},
    "scheduler.amazonaws.com": {"aws:SourceAccount", "aws:SourceArn"},
    "arn:aws:iam::210987654321:root": {"sts:ExternalId"},
}
ALLOWING = [s for s in statements() if s.body["Effect"] == "Allow"]


def test_there_are_statements_to_walk() -> None:
    assert len(ALLOWING) > 50
    assert {s.kind for s in statements()} == {
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Logs::ResourcePolicy",
        "AWS::S3::BucketPolicy",
    }


@pytest.mark.parametrize("statement", ALLOWING, ids=str)
def test_a_statement_grants_by_name(statement: Statement) -> None:
    assert {"NotAction", "NotResource", "NotPrincipal"}.isdisjoint(statement.body)
    assert [action for action in statement.actions if "*" in action or "?" in action] == []
    wide = [r for r in statement.resources if "*" in r and not NAMED.fullmatch(r)]
    if statement.kind == "AWS::KMS::Key":
        assert wide == ["*"], KEY_POLICY
    else:
        assert bool(wide) == (str(statement) in STARS), wide


def test_every_exception_is_needed() -> None:
    assert set(STARS) <= {str(s) for s in ALLOWING}


def test_nobody_is_everybody() -> None:
    for statement in statements():
        everybody = "*" in str(statement.body.get("Principal", ""))
        assert not (everybody and statement.body["Effect"] == "Allow"), statement
        # What denies may be as wide as can be.
        assert everybody == (statement.body["Effect"] == "Deny"), statement


def test_trust_is_bound() -> None:
    """A service takes a role for this account's resource only; the partner only with the external id."""
    trusting = [s for s in ALLOWING if "sts:AssumeRole" in s.actions]
    roles = [name for stack in deployed().values() for name in stack.of("AWS::IAM::Role")]
    assert sorted(s.resource for s in trusting) == sorted(roles)
    for statement in trusting:
        (principal,) = statement.body["Principal"].values()
        keys = {key for test in statement.body.get("Condition", {}).values() for key in test}
        if statement.stack == "people":
            assert principal.startswith(f"arn:aws:iam::{ACCOUNT}:role/")
        else:
            assert keys == TRUST_NEEDS[principal], statement


def test_keys_are_used_through_a_service() -> None:
    """Nobody can decrypt with a key but by reading what a service keeps."""
    uses = [s for s in ALLOWING if {"kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"} & {*s.actions}]
    assert len(uses) > 10
    for statement in uses:
        conditions = {key for test in statement.body["Condition"].values() for key in test}
        bound = {"kms:ViaService", "kms:EncryptionContext:aws:logs:arn", "kms:EncryptionContext:aws:kinesis:arn"}
        assert conditions & bound, statement


LEDGER, QUARANTINE, ARCHIVE, RELEASE, AUDIT = (
    f"arn:aws:s3:::contact-billing-{kind}-{ACCOUNT}" for kind in ("ledger", "quarantine", "archive", "release", "audit")
)
DATE = "billing_date=2026-03-01"
VIA_S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
KEY = f"arn:aws:kms:{HERE}:key"

REFUSED = [
    ("stream", "StreamRole", "s3:GetObject", f"{RELEASE}/connect/{DATE}/latest.json"),
    ("stream", "StreamRole", "s3:ListBucket", RELEASE),
    ("stream", "StreamRole", "s3:PutObject", f"{LEDGER}/agents/agent-extensions.csv"),
    ("stream", "StreamRole", "s3:PutObject", f"{LEDGER}/ledger/recycled/x.parquet"),
    ("stream", "StreamRole", "s3:DeleteObject", f"{LEDGER}/ledger/ledger.json"),
    ("stream", "StreamRole", "s3:DeleteObjectVersion", f"{LEDGER}/ledger/outcomes/{DATE}/part-0"),
    ("stream", "StreamRole", "kms:Decrypt", f"{KEY}/ReleaseKey"),
    ("tasks", "ReleaseRole", "s3:GetObject", f"{QUARANTINE}/quarantine/{DATE}/part-0"),
    ("tasks", "ReleaseRole", "s3:GetObject", f"{ARCHIVE}/archive/arrived_date=2026-03-01/part-0"),
    ("tasks", "ReleaseRole", "s3:PutObject", f"{LEDGER}/ledger/outcomes/{DATE}/part-0"),
    ("tasks", "ReleaseRole", "s3:PutObject", f"{RELEASE}/another-partner/{DATE}/latest.json"),
    ("tasks", "ReleaseRole", "s3:DeleteObject", f"{RELEASE}/connect/{DATE}/latest.json"),
    ("tasks", "ReleaseRole", "kms:Decrypt", f"{KEY}/RestrictedKey"),
    ("tasks", "AgentsRole", "s3:GetObject", f"{LEDGER}/ledger/ledger.json"),
    ("tasks", "AgentsRole", "s3:PutObject", f"{LEDGER}/agents/another.csv"),
    ("tasks", "AgentsRole", "dynamodb:Scan", f"arn:aws:dynamodb:{HERE}:table/another"),
    ("tasks", "AgentsRole", "dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/voicemail-users"),
    ("people", "OperatorRole", "s3:GetObject", f"{QUARANTINE}/quarantine/{DATE}/part-0"),
    ("people", "OperatorRole", "s3:PutObject", f"{LEDGER}/ledger/recycled/x.parquet"),
    ("people", "OperatorRole", "kms:Decrypt", f"{KEY}/RestrictedKey"),
    ("people", "QuarantineRole", "s3:GetObject", f"{ARCHIVE}/archive/arrived_date=2026-03-01/part-0"),
    ("people", "QuarantineRole", "s3:PutObject", f"{LEDGER}/ledger/outcomes/{DATE}/part-0"),
    ("people", "QuarantineRole", "s3:PutObject", f"{RELEASE}/connect/{DATE}/latest.json"),
    ("partner", "PartnerRole", "s3:GetObject", f"{RELEASE}/another-partner/{DATE}/latest.json"),
    ("partner", "PartnerRole", "s3:ListBucket", RELEASE),
    ("partner", "PartnerRole", "s3:PutObject", f"{RELEASE}/connect/{DATE}/latest.json"),
    ("partner", "PartnerRole", "s3:GetObject", f"{AUDIT}/connect/data_docs/index.html"),
    ("partner", "PartnerRole", "kms:Decrypt", f"{KEY}/OperatorKey"),
]


@pytest.mark.parametrize(("stack", "name", "action", "resource"), REFUSED)
def test_a_role_is_refused(stack: str, name: str, action: str, resource: str) -> None:
    granted = role(stack, name)
    assert granted
    assert not allows(granted, action, resource, VIA_S3)


TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
OWN_KEY, SSE = "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption"
CUSTOMER = "s3:x-amz-server-side-encryption-customer-algorithm"
WRITES = [
    ({}, []),
    ({SSE: "aws:kms"}, []),
    ({SSE: "aws:kms", OWN_KEY: "own"}, []),
    ({SSE: "aws:kms", OWN_KEY: f"{KEY}/another"}, ["NoOtherKey"]),
    ({SSE: "AES256"}, ["NoOtherEncryption"]),
    ({SSE: "aws:kms:dsse"}, ["NoOtherEncryption"]),
    ({CUSTOMER: "AES256"}, ["NoKeysOfTheCallers"]),
    ({"aws:SecureTransport": "false", "s3:TlsVersion": ""}, ["TlsOnly"]),
    ({"s3:TlsVersion": "1.1"}, ["NoOldTls"]),
]


@pytest.mark.parametrize(("said", "refusing"), WRITES)
def test_a_bucket_takes_what_has_its_key(said: dict[str, str], refusing: list[str]) -> None:
    storage = deployed()["storage"]
    for bucket in storage.of("AWS::S3::Bucket").values():
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        own = rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
        context = {key: value for key, value in (TLS | said).items() if value}
        context = {key: own if value == "own" else value for key, value in context.items()}
        assert bucket_denies(storage, bucket["BucketName"], "s3:PutObject", "a/b", context) == refusing
