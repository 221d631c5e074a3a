"""Another key for what is written: old objects stay as they are and can be read, new ones have the new key."""

from pathlib import Path

import pytest

from tests.operations.world import finished
from tests.services.s3 import aws_server
from tests.support.answered_calls import json_lines, record
from tests.support.s3_locations import read, settings_file, storage

DATE = "2026-03-01"
OLD, NEW = (f"arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))


def test_another_key_for_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with aws_server(tmp_path / "moto") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for bucket in ("ledger", "restricted", "partner"):
            server.create_bucket(bucket)

        def keys() -> dict[str, str]:
            s3 = server.client()
            return {
                f"{bucket}/{entry['Key']}": s3.head_object(Bucket=bucket, Key=entry["Key"]).get("SSEKMSKeyId", "")
                for bucket in ("ledger", "restricted", "partner")
                for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]
            }

        old = settings_file(server, "keyed", tmp_path, kms_key=OLD)
        read(storage(server, "keyed", kms_key=OLD), tmp_path, first=json_lines(record("one"), b"oops"))
        finished(old, "release", "--date", DATE)
        before = keys()
        assert set(before.values()) == {OLD, ""}
        assert [name for name, key in before.items() if not key] == ["ledger/keyed-agents.csv"]

        new = settings_file(server, "keyed", tmp_path, kms_key=NEW)
        read(storage(server, "keyed", kms_key=NEW), tmp_path, second=json_lines(record("two"), b"oops!"))
        assert "v0002 (1 added)" in finished(new, "release", "--date", DATE).out
        after = keys()
        overwritten = {name for name in before if after[name] != before[name]}
        last_attempt = f"{DATE}.json"
        assert {name.rpartition("/")[2] for name in overwritten} == {"latest.json", "index.html", last_attempt}
        assert {key for name, key in after.items() if name not in before or name in overwritten} == {NEW}
        verified = finished(new, "verify", "s3://partner/keyed", "--ledger", "s3://ledger/keyed")
        assert verified.out == f"{DATE}  versions 2  lines 2  ok\n"
