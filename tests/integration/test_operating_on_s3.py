"""What an operator does beside releasing, on S3: dry run, contracts, suspense, Data Docs; the key on every object."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.s3 import AwsServer, MotoServer, S3Server, aws_server
from tests.support.answered_calls import json_lines, record
from tests.support.command import command
from tests.support.s3_locations import read, settings_file, storage

DATE = "2026-03-01"
NEW_VERSION = {"AWSContactTraceRecordFormatVersion": "2027-01-01"}
FIRST = json_lines(record("one"), record("two", extension=None), record("three", **NEW_VERSION), b"no record")
ACCEPTED = '[records]\nformat_versions = ["2017-03-10", "2027-01-01"]\n'
SIX = '[release]\ncontract = "six-columns-hold.v1"\n'
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def said(*options: object) -> str:
    """What a command that succeeds prints."""
    done = command(*options)
    assert (done.code, done.err) == (0, "")
    return done.out


@pytest.mark.usefixtures("credentials")
def test_suspense(server: S3Server, tmp_path: Path) -> None:
    """Quarantined, listed, shown, recycled under other settings, released as an amendment; and what is held."""
    config = settings_file(server, "suspense", tmp_path)
    read(storage(server, "suspense"), tmp_path, first=FIRST)
    assert "v0001" in said("release", "--date", DATE, "--config", config)
    listed = said("quarantine", "list", "--config", config)
    assert "unsupported_version" in listed
    assert "not_json" in listed
    (payload,) = [line for line in FIRST.splitlines() if b"three" in line]
    position = str(FIRST.index(payload))
    place = ("--source", "first", "--position", position)
    shown = command("quarantine", "show", *place, "--payload", "--config", config)
    assert (shown.code, shown.out.encode().strip()) == (0, payload)
    accepting = settings_file(server, "suspense", tmp_path, ACCEPTED)
    assert "billable" in said("quarantine", "recycle", "--config", accepting)
    assert said("release", "--date", DATE, "--config", accepting).splitlines()[1].endswith("v0002 (1 added)")
    assert "unsupported_version" not in said("quarantine", "list", "--config", config)
    assert "two" in said("held", "list", "--config", config)
    operator = ("--config", accepting, "--ledger", "s3://ledger/suspense")
    assert said("verify", "s3://partner/suspense", *operator) == f"{DATE}  versions 2  lines 2  ok\n"


@pytest.mark.usefixtures("credentials")
def test_a_dry_run_a_contract_and_the_pages(server: S3Server, tmp_path: Path) -> None:
    config = settings_file(server, "contract", tmp_path)
    read(storage(server, "contract"), tmp_path, first=FIRST)
    keys = server.keys("ledger"), server.keys("partner", "contract/")
    assert "1 versions would be published" in said("release", "--date", DATE, "--config", config, "--dry-run")
    assert (server.keys("ledger"), server.keys("partner", "contract/")) == keys
    said("release", "--date", DATE, "--config", config)
    six = settings_file(server, "contract", tmp_path, SIX)
    said("release", "--date", DATE, "--config", six, "--change-contract")
    name = f"contract/billing_date={DATE}/v0002/billing.csv"
    text = server.client().get_object(Bucket="partner", Key=name)["Body"].read().decode()
    assert text.splitlines()[0].endswith("provider_extension,total_hold_seconds")
    assert said("verify", "s3://partner/contract", "--config", six) == f"{DATE}  versions 2  lines 1  ok\n"
    pages = server.keys("ledger", "contract-audit/data_docs/")
    assert [page.removeprefix("contract-audit/data_docs/") for page in pages] == [
        f"billing_date={DATE}/v0001.html",
        f"billing_date={DATE}/v0002.html",
        "index.html",
    ]


@pytest.fixture
def encrypting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MotoServer]:
    """A server that tells with which key an object was written."""
    with aws_server(tmp_path / "moto") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for bucket in ("ledger", "restricted", "partner"):
            server.create_bucket(bucket)
        yield server


def test_every_object_is_written_with_the_key(encrypting: MotoServer, tmp_path: Path) -> None:
    """Ledger, quarantine, recycled rows, release, audit and Data Docs; the table of agents was there before."""
    config = settings_file(encrypting, "keyed", tmp_path, kms_key=KEY)
    accepting = settings_file(encrypting, "keyed", tmp_path, ACCEPTED, kms_key=KEY)
    read(storage(encrypting, "keyed", kms_key=KEY), tmp_path, first=FIRST)
    said("release", "--date", DATE, "--config", config)
    said("quarantine", "recycle", "--config", accepting)
    said("release", "--date", DATE, "--config", accepting)
    objects = {(b, key) for b in ("ledger", "restricted", "partner") for key in keys(encrypting, b)}
    objects -= {("ledger", "keyed-agents.csv")}
    for part in ("outcomes", "recycled", "v0002/manifest.json", "latest.json", "v0002.json", "data_docs/index.html"):
        assert any(part in key for _, key in objects), part
    for bucket, key in sorted(objects):
        head = encrypting.client().head_object(Bucket=bucket, Key=key)
        assert (head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")) == ("aws:kms", KEY), key


def keys(server: AwsServer, bucket: str) -> list[str]:
    return [entry["Key"] for entry in server.client().list_objects_v2(Bucket=bucket).get("Contents", [])]
