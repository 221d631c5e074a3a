"""S3Store against moto: the promises of the local store, the KMS key on every write, errors that name a setting."""

import pickle
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from jobs.settings.connections import S3
from schemas.errors import SettingsError, StorageError
from sinks.s3 import S3Store
from tests.support.aws import descriptions_of_aws  # noqa: F401  a fixture

SETTING = "storage.release"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c"
CONFLICT = (409, "ConditionalRequestConflict")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bucket() -> Iterator[str]:
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="records")
        yield "records"


def store(uri: str = "s3://records/a/b", **access: object) -> S3Store:
    return S3Store(uri, S3(**{"region": "us-east-1", **access}), SETTING)


def test_what_is_put_is_got_and_deleted(bucket: str) -> None:
    kept = store()
    assert kept.get("c/d") is None
    kept.put("c/d", b"one")
    kept.put("c/d", b"two")
    assert kept.get("c/d") == b"two"
    assert kept.location("c/d") == "s3://records/a/b/c/d"
    kept.delete("c/d")
    kept.delete("c/d")
    assert kept.get("c/d") is None


def test_put_new_does_not_replace(bucket: str) -> None:
    assert store().put_new("c", b"one") is True
    assert store().put_new("c", b"two") is False
    assert store().get("c") == b"one"


def test_replace_wants_the_bytes_that_are_there(bucket: str) -> None:
    kept = store()
    assert kept.replace("a", b"one", b"two") is False
    kept.put("a", b"one")
    assert kept.replace("a", b"none", b"two") is False
    assert kept.replace("a", b"one", b"two") is True
    assert kept.get("a") == b"two"


@pytest.mark.parametrize("uri", ["s3://records", "s3://records/", "s3://records/a/b", "s3://records/a/b/"])
def test_names_are_sorted_relative_and_without_hidden_ones(bucket: str, uri: str) -> None:
    kept = store(uri)
    for name in ("b/2", "b/10", "a", "b/c/d", "b.c/d"):
        kept.put(name, b"")
    for name in ("b/.hidden", ".cache/x", "b/", "b/e/"):
        kept.put(name, b"")
    assert kept.names("") == ["a", "b.c/d", "b/10", "b/2", "b/c/d"]
    assert kept.names("b/c") == ["b/c/d"]
    assert kept.names("nowhere") == []
    assert list(kept.write_times("")) == kept.names("")
    assert list(kept.write_times("b")) == ["b/10", "b/2", "b/c/d"]
    assert list(kept.write_times("a")) == ["a"]
    assert kept.write_times("nowhere") == {}
    age = datetime.now(tz=UTC) - kept.write_times("a")["a"]
    assert abs(age.total_seconds()) < 600


def test_there_are_more_names_than_a_page_has(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    kept = store()
    for number in range(10):
        kept.put(f"many/{number:04d}", b"")
    page = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket=bucket)
    assert (len(page["Contents"]), page["IsTruncated"]) == (3, True)
    assert kept.names("many") == [f"many/{number:04d}" for number in range(10)]


def test_objects_are_read_from_local_copies(bucket: str, tmp_path: Path) -> None:
    kept, names = store(), [f"part [{n}]*" for n in range(9)]
    for name in names:
        kept.put(f"o/{name}", name.encode())
    paths = kept.local([f"o/{name}" for name in names], tmp_path)
    assert [Path(path).read_text() for path in paths] == names
    with pytest.raises(StorageError, match="s3://records/a/b/gone is missing"):
        kept.local(["gone"], tmp_path)


@pytest.mark.parametrize("key", ["", KEY])
def test_every_write_carries_the_kms_key(bucket: str, key: str) -> None:
    kept = store(kms_key=key)
    kept.put("put", b"")
    kept.put_new("new", b"")
    client = boto3.client("s3", region_name="us-east-1")
    for name in ("put", "new"):
        head = client.head_object(Bucket=bucket, Key=f"a/b/{name}")
        assert head.get("SSEKMSKeyId") == (key or None)
        assert (head.get("ServerSideEncryption") == "aws:kms") is bool(key)


def test_a_worker_gets_a_store_without_its_client(bucket: str) -> None:
    kept = store()
    kept.put("a", b"one")
    assert pickle.loads(pickle.dumps(kept)).get("a") == b"one"


def test_many_threads_share_a_new_store(bucket: str) -> None:
    kept, won = store(), []
    threads = [threading.Thread(target=lambda: won.append(kept.put_new("one", b""))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.names("") == ["one"]
    # moto takes no conditional writes one at a time, as S3 does: who wins is looked at with a server.
    assert len(won) == 8
    assert True in won


def one_line(error: pytest.ExceptionInfo[Exception], *words: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    assert [word for word in words if word not in text] == [], text


def test_a_bucket_that_is_not_there(bucket: str) -> None:
    other = store("s3://elsewhere/x")
    for call in (other.names, other.get, other.delete, lambda name: other.put(name, b"")):
        with pytest.raises(SettingsError) as error:
            call("a")
        one_line(error, "s3://elsewhere/x/a", "no such bucket", SETTING)


@pytest.mark.parametrize("uri", ["s3://", "s3:///x", "s3://No_Bucket!/x"])
def test_what_is_no_bucket(bucket: str, uri: str) -> None:
    with pytest.raises(SettingsError) as error:
        store(uri).get("a")
    one_line(error, SETTING)


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.delenv(f"AWS_{name}")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError) as error:
        store().get("a")
    one_line(error, "no credentials", "AWS_ACCESS_KEY_ID")


def test_nobody_answers_at_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 0.01)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StorageError) as error:
            store(endpoint=endpoint).get("a")
    one_line(error, "storage.s3.endpoint", "s3://records/a/b/a")


def test_an_endpoint_that_is_no_url() -> None:
    with pytest.raises(SettingsError) as error:
        store(endpoint="localhost without a scheme").get("a")
    one_line(error, "storage.s3.endpoint")


class Answering:
    """A client whose writes are answered so, one after another, and then done."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers = list(answers)
        self.written: list[bytes] = []

    def put_object(self, **options: object) -> None:
        if self._answers:
            status, code = self._answers.pop(0)
            told = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(told, "PutObject")
        self.written.append(options["Body"])


def answered(monkeypatch: pytest.MonkeyPatch, *answers: tuple[int, str]) -> tuple[S3Store, Answering, list[float]]:
    """A store with such a client, and how long it waits between its tries."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    kept, client = store(), Answering(*answers)
    monkeypatch.setattr(kept, "_cached_client", client)
    return kept, client, pauses


@pytest.mark.parametrize("answer", [(412, "PreconditionFailed"), (404, "NoSuchKey"), (412, "")])
def test_what_is_there_already_or_gone_in_between_is_not_written(
    answer: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, client, pauses = answered(monkeypatch, answer)
    assert kept.put_new("a", b"one") is False
    assert (client.written, pauses) == ([], [])


def test_another_write_under_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A little longer each time, and not for ever."""
    kept, client, pauses = answered(monkeypatch, *[CONFLICT] * 4)
    assert kept.put_new("a", b"one") is True
    assert client.written == [b"one"]
    assert pauses == [0.1, 0.2, 0.4, 0.8]
    kept, client, pauses = answered(monkeypatch, *[CONFLICT] * 5)
    with pytest.raises(StorageError, match="cannot write s3://records/a/b/a: others keep writing it; run again"):
        kept.put_new("a", b"one")
    assert client.written == []


def test_what_else_is_answered_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, client, pauses = answered(monkeypatch, (503, "SlowDown"))
    with pytest.raises(StorageError, match=r"cannot write s3://records/a/b/a \(SlowDown\)"):
        kept.put_new("a", b"one")
    assert (client.written, pauses) == ([], [])


@pytest.mark.parametrize(
    ("endpoint", "path_style", "style", "checksums"),
    [("", False, "auto", "when_supported"), ("http://127.0.0.1:9", True, "path", "when_required")],
)
def test_how_a_client_is_set_up(endpoint: str, path_style: bool, style: str, checksums: str) -> None:
    client = store(endpoint=endpoint, path_style=path_style, region="eu-west-1")._client()
    config = client.meta.config
    assert (config.s3["addressing_style"], client.meta.region_name) == (style, "eu-west-1")
    assert (config.request_checksum_calculation, config.response_checksum_validation) == (checksums, checksums)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}
    assert not endpoint or client.meta.endpoint_url == endpoint


def test_what_could_not_be_done_is_named(bucket: str) -> None:
    other = store("s3://elsewhere/x")
    calls = {
        "read": [lambda: other.get("a"), lambda: other.age_seconds("a")],
        "write": [lambda: other.put("a", b""), lambda: other.put_new("a", b""), lambda: other.replace("a", b"", b"")],
        "list": [lambda: other.names("a"), lambda: other.write_times("a")],
        "delete": [lambda: other.delete("a")],
    }
    for action, tried in calls.items():
        for call in tried:
            with pytest.raises((SettingsError, StorageError), match=f"^cannot {action} s3://elsewhere/x/a"):
                call()


def test_an_object_is_as_old_as_it_was_written(bucket: str) -> None:
    kept = store()
    kept.put("a", b"")
    assert 0 <= kept.age_seconds("a") < 600
