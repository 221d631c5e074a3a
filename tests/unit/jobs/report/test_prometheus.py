"""The exporter: metrics of the last look, whatever the scraper does and the storage does not."""

import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from jobs.report.prometheus import Exporter
from jobs.report.status import LastRelease, Status
from schemas.errors import StorageError
from tests.services.process import HOST, await_that, free_ports
from tests.support.command import command
from tests.support.desk import Desk
from tests.support.process import COMMAND

STATE = Status(
    "1970-01-01T00:03:00Z",
    ("2026-03-09",),
    ("2026-03-02", "2026-03-03"),
    (),
    {"2026-03-02": ("sums",)},
    4,
    LastRelease("1970-01-01T00:01:00Z", "2026-03-01", 2),
    {"2026-03-01": 2, "2026-03-04": 3},
    {"2026-03-01": {"not_json": 1}, "2026-03-04": {"not_json": 2, "wrong_type": 5}},
    "1970-01-01T00:02:00Z",
    None,
)


def samples(exporter: Exporter) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(exporter)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {s.name + "".join(s.labels.values()): s.value for family in families for s in family.samples}


def test_the_state_as_metrics() -> None:
    exporter = Exporter(lambda: STATE, pytest.fail)
    assert samples(exporter) == {"contact_billing_look_failures_total": 0}
    exporter.refresh()
    assert samples(exporter) == {
        "contact_billing_last_look_timestamp_seconds": 180,
        "contact_billing_look_failures_total": 0,
        "contact_billing_open_dates": 1,
        "contact_billing_unreleased_dates": 2,
        "contact_billing_behind_dates": 0,
        "contact_billing_failed_dates": 1,
        "contact_billing_released_dates": 4,
        "contact_billing_held_lines": 5,
        "contact_billing_quarantined_recordsnot_json": 3,
        "contact_billing_quarantined_recordswrong_type": 5,
        "contact_billing_last_release_timestamp_seconds": 60,
        "contact_billing_newest_part_timestamp_seconds": 120,
    }


def test_scrapes_do_not_look_and_a_look_that_fails_keeps_what_was_seen() -> None:
    looks, told = iter([STATE]), list[str]()

    def look() -> Status:
        if (found := next(looks, None)) is None:
            raise StorageError("the storage is away")
        return found

    exporter = Exporter(look, told.append)
    exporter.refresh()
    first = [samples(exporter) for _ in range(3)]
    assert first[0] == first[1] == first[2]
    exporter.refresh()
    assert samples(exporter) == first[0] | {"contact_billing_look_failures_total": 1}
    assert told == ["the storage is away"]


def test_it_looks_again_and_again_until_it_is_stopped() -> None:
    stop, looks = threading.Event(), list[int]()

    def look() -> Status:
        looks.append(1)
        if len(looks) == 3:
            stop.set()
        return STATE

    Exporter(look, pytest.fail).run(stop, 0.001)
    assert len(looks) == 3


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    desk, (port,) = Desk(tmp_path / "desk"), free_ports(1)
    desk.deliver("")
    options = ("--out", desk.root, "--listen", f"{HOST}:{port}", "--every", "1")
    process = subprocess.Popen(
        [COMMAND, "metrics", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:

        def scraped() -> bool:
            with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=5) as answer:
                return b"contact_billing_open_dates 1.0\n" in answer.read()

        await_that("the state is served", scraped, 60)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, said) == (0, f"metrics at http://{HOST}:{port}/metrics\n")


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.create_server((HOST, port)):
        yield


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    Desk(tmp_path)
    (port,) = free_ports(1)
    with taken(port):
        done = command("metrics", "--out", tmp_path, "--listen", f"{HOST}:{port}")
    assert (done.code, done.out) == (2, "")
    told = f"cannot listen on {HOST}:{port}: Address already in use; name another with --listen"
    assert done.err == f"contact-billing: {told}\n"


def test_it_listens_on_loopback_unless_told_otherwise(tmp_path: Path) -> None:
    Desk(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        told = list[object]()
        patch.setattr("jobs.report.prometheus.start_http_server", lambda *given: told.extend(given) or (Mock(), Mock()))
        patch.setattr(Exporter, "run", lambda *_: None)
        done = command("metrics", "--out", tmp_path)
    assert (done.code, done.out) == (0, "metrics at http://127.0.0.1:9300/metrics\n")
    assert told[:2] == [9300, "127.0.0.1"]


@pytest.mark.parametrize("address", ["9300", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:70000"])
def test_an_address_is_a_host_and_a_port(address: str, tmp_path: Path) -> None:
    done = command("metrics", "--out", tmp_path, "--listen", address)
    assert done.code == 2
    assert f"{address!r} is not an address, such as 127.0.0.1:9300" in done.err
