"""Ledger, quarantine, release and audit on a real S3 server: the bytes of a local run, and safe when several write."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.releases.publisher import publisher_at
from jobs.settings.connections import S3, Storage
from jobs.settings.locations import resolve_locations
from jobs.settings.settings import Settings
from schemas.errors import SettingsError, StorageError, VerificationFailed
from sinks.s3 import S3Store
from tests.services.s3 import S3Server
from tests.support.answered_calls import json_lines, record
from tests.support.backfills import NOON, Publisher, read_contents
from tests.support.command import command
from tests.support.ledgers import NO_AGENTS
from tests.support.partner_files import assert_complete, csv_rows, digests
from tests.support.process import COMMAND
from tests.support.publishing import assert_one_version, race
from tests.support.s3_locations import access, fetched, read, settings_file, storage

DATE = "2026-03-01"
FIRST = json_lines(record("one"), record("two"), b"no record")


pytestmark = pytest.mark.usefixtures("credentials")


def test_the_bytes_are_those_of_a_local_run(server: S3Server, tmp_path: Path) -> None:
    """Through two versions, so that the first one is read from S3; every object is where it belongs."""
    named, late = storage(server, "same"), json_lines(record("one", delivery=2, talk=99))
    found = resolve_locations(named, None)
    found.check()
    for files in ({"first": FIRST}, {"late": late}):
        read(named, tmp_path, **files)
        publisher = publisher_at(found, found.open_ledger(Settings()), Settings(), NO_AGENTS)
        assert publisher.release_date("2026-03-01", NOON).new
        assert publisher.write_unknown("unknown").read == 1
        read_contents(tmp_path / "local", **files)
        Publisher(tmp_path / "local").publish("2026-03-01")
    assert digests(fetched(server, "same", tmp_path / "fetched")) == digests(tmp_path / "local" / "release")
    assert {key.split("/")[1] for key in server.keys("ledger", "same/")} == {"ledger.json", "inputs", "outcomes"}
    assert [key.split("/")[1] for key in server.keys("restricted", "same/")] == ["billing_date=unknown"]


def test_the_partner_and_the_operator_verify_on_s3(server: S3Server, tmp_path: Path) -> None:
    """Through two versions; then somebody replaces a file, and then a part of the ledger."""
    config = settings_file(server, "verified", tmp_path)
    for number, files in enumerate(({"first": FIRST}, {"late": json_lines(record("one", delivery=2, talk=99))}), 1):
        read(storage(server, "verified"), tmp_path, **files)
        released = command("release", "--date", DATE, "--config", config)
        assert (released.code, released.err) == (0, "")
        assert f"v{number:04d}" in released.out
    partner = ("verify", "s3://partner/verified", "--config", config)
    operator = (*partner, "--ledger", "s3://ledger/verified")
    for options in (partner, operator):
        found = command(*options)
        assert (found.code, found.out, found.err) == (0, f"{DATE}  versions 2  lines 2  ok\n", "")
    (part, _) = sorted(key for key in server.keys("ledger", "verified/outcomes/billing_date=2026") if "parquet" in key)
    server.client().delete_object(Bucket="ledger", Key=part)
    found = command(*operator)
    assert (found.code, found.err.count("\n")) == (VerificationFailed.exit_code, 1)
    assert f"s3://ledger/{part} is missing" in found.out
    name = f"verified/billing_date={DATE}/v0001/billing.csv"
    server.client().put_object(Bucket="partner", Key=name, Body=b"call_type\r\n")
    found = command(*partner)
    assert (found.code, found.err.count("\n")) == (VerificationFailed.exit_code, 1)
    assert "v0001: billing.csv: has 11 bytes, the manifest says" in found.out


def test_the_command_follows_a_ledger_on_s3_and_outlives_the_server(server: S3Server, tmp_path: Path) -> None:
    config = settings_file(server, "follow", tmp_path)
    read(storage(server, "follow"), tmp_path, first=FIRST)
    closed = S3Store("s3://ledger/follow", access(server), "storage.ledger")
    closed.put("outcomes/billing_date=2026-03-01/_SUCCESS", b"")
    once = command("release", "--config", config)
    assert (once.code, once.err) == (0, "")
    assert "v0001" in once.out
    with (
        (tmp_path / "said").open("w+") as said,
        subprocess.Popen(
            [COMMAND, "release", "--follow", "--config", config], stdout=subprocess.PIPE, stderr=said, text=True
        ) as job,
    ):
        assert job.stdout is not None
        read(storage(server, "follow"), tmp_path, second=json_lines(record("three")))
        assert job.stdout.readline().startswith("2026-03-01 v0002: 3 lines")
        server.stop()
        while "trying again" not in (tmp_path / "said").read_text():
            assert job.poll() is None
            threading.Event().wait(0.2)
        server.start()
        read(storage(server, "follow"), tmp_path, third=json_lines(record("four")))
        assert job.stdout.readline().startswith("2026-03-01 v0003: 4 lines")
        job.terminate()
        assert job.wait(120) == 0
    assert "storage.s3.endpoint" in (tmp_path / "said").read_text()
    version = assert_complete(fetched(server, "follow", tmp_path / "fetched"), "2026-03-01")
    assert len(csv_rows(version or Path())) == 4


@pytest.mark.parametrize("same", [True, False])
def test_releases_at_once_make_one_version(server: S3Server, same: bool) -> None:
    for number in range(4):
        store = S3Store(f"s3://races/{same}-{number}", access(server), "storage.release")
        won = race(store, same, 30)
        assert won == [assert_one_version(store)]
        assert len(store.names("")) == 4


def test_one_of_many_conditional_writes_wins(server: S3Server) -> None:
    store = S3Store("s3://races/writes", access(server), "storage.release")
    store.put("replaced", b"old")
    for call in (lambda n: store.put_new("new", n), lambda n: store.replace("replaced", b"old", n)):
        won: list[bytes] = []

        def write(name: bytes, call: Callable[[bytes], bool] = call, won: list[bytes] = won) -> None:
            if call(name):
                won.append(name)

        threads = [threading.Thread(target=write, args=(b"%d" % n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert won[0] in (store.get("new"), store.get("replaced"))


def test_wrong_settings_are_told_in_one_line(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    named = storage(server, "wrong")
    cases = [
        ({"release": "s3://nowhere/x"}, SettingsError, "storage.release"),
        ({"quarantine": "s3://nowhere/x"}, SettingsError, "storage.quarantine"),
        (
            {"s3": S3(endpoint="http://127.0.0.1:9", region="us-east-1", path_style=True)},
            StorageError,
            "storage.s3.end",
        ),
    ]
    for change, kind, word in cases:
        with pytest.raises(kind, match=word):
            resolve_locations(
                Storage(**{f: change.get(f, getattr(named, f)) for f in named.__struct_fields__}), None
            ).check()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(SettingsError, match="AWS_SECRET_ACCESS_KEY"):
        resolve_locations(named, None).check()
