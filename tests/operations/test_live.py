"""The live job while it is operated: partitions that are added, a new version, and other settings."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.process import ROOT, ServiceError, await_that
from tests.services.s3 import S3Server
from tests.support.command import command
from tests.support.live_system import BUCKET, Live, from_kafka, from_kinesis
from tests.support.records import payload

HASTY = Path(__file__).with_name("hasty_job.py")
CALLER = b"+12025550101"
SAVEPOINTS = f"s3://{BUCKET}/savepoints"


def calls(first: int, count: int) -> list[tuple[bytes, int | None]]:
    return [(payload(f'ContactId = "call-{n}"'), None) for n in range(first, first + count)]


def prepared(name: str, folder: Path, services: tuple[S3Server, FlinkCluster], broker: Kafka, **more: str) -> Live:
    live = Live(folder, *services, name, from_kafka(broker, name, **more))
    live.agents.write_text("agent_id,extension\nnurse-1,0001\n")
    return live


def test_partitions_that_are_added_are_read_from_their_beginning(
    services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path
) -> None:
    """Also by a job that began at the end of the topic: what comes before it has noticed them is no less a call."""
    broker.create_topic("grown")
    live = prepared("grown", tmp_path, services, broker, start="latest")
    job = live.submit(script=HASTY)
    live.cluster.await_checkpoints(job)
    broker.add_partitions("grown", 3)
    broker.produce("grown", calls(0, 90))
    live.await_rows(90)
    live.cluster.cancel(job)
    by_partition = Counter(source for source, _ in live.positions())
    assert by_partition == {f"kafka:grown/{number}": 30 for number in range(3)}
    assert set(live.positions().values()) == {1}


def test_shards_that_are_merged_are_read_to_their_end_and_on(
    services: tuple[S3Server, FlinkCluster], stream: Kinesis, tmp_path: Path
) -> None:
    stream.create_stream("merged", 2)
    live = Live(tmp_path, *services, "merged", from_kinesis(stream, "merged"))
    live.agents.write_text("agent_id,extension\nnurse-1,0001\n")
    job = live.submit()
    stream.put("merged", [(record, f"key-{n}") for n, (record, _) in enumerate(calls(0, 40))])
    stream.merge_shards("merged")
    stream.put("merged", [(record, f"key-{n}") for n, (record, _) in enumerate(calls(40, 40))])
    live.await_rows(80)
    live.cluster.cancel(job)
    assert len({source for source, _ in live.positions()}) == 3
    assert set(live.positions().values()) == {1}


def erased(live: Live) -> int:
    """The exit code of erasing the number of all calls of these tests."""
    done = command("erase", "--config", live.config, stdin=f"{CALLER.decode()}\n")
    assert done.code in (0, 5), done.err
    return done.code


def test_what_the_live_job_has_written_is_erased_while_it_runs(
    services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path
) -> None:
    """The job goes on, also after a failure: it does not look for the parts as they were."""
    broker.create_topic("erased")
    live = prepared("erased", tmp_path, services, broker)
    job = live.submit()
    broker.produce("erased", [*calls(0, 20), (CALLER + b" without a record", None)])
    live.await_rows(21)
    live.await_archived(21)
    await_that("the parts are old enough", lambda: erased(live) == 0)
    assert {phone for (phone,) in live.values("ledger", "patient_phone")} == {None}
    assert [payload for payload in live.payloads() if CALLER[1:] in payload] == []
    assert [kept for (kept,) in live.values("quarantine", "payload")] == [b"+00000000000 without a record"]
    live.cluster.kill_task_manager(0)
    live.cluster.start_task_manager(0)
    broker.produce("erased", calls(20, 20))
    live.await_rows(41)
    live.cluster.cancel(job)
    assert set(live.positions().values()) == {1}
    assert live.outcomes() == {"billable": 40, "quarantined": 1}


def another_version(folder: Path) -> tuple[Path, Path]:
    """A copy of the application that leaves a file where its code has been run. Out: the copy, and the file."""
    copy, trace = folder / "later", folder / "later-was-run"
    for name in ("schemas", "transforms", "sinks", "jobs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "transforms" / "records" / "outcome.py").open("a") as file:
        file.write(f"\n__import__('pathlib').Path({str(trace)!r}).touch()\n")
    return copy, trace


def test_a_new_version_and_other_settings_go_on_from_a_savepoint(
    services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path
) -> None:
    broker.create_topic("upgraded", 2)
    live = prepared("upgraded", tmp_path, services, broker)
    job = live.submit()
    broker.produce("upgraded", calls(0, 40))
    live.await_rows(1)
    savepoint = live.cluster.stop_with_savepoint(job, SAVEPOINTS)
    # What was read is visible at once; what comes while nobody reads waits.
    assert live.rows() > 0
    broker.produce("upgraded", calls(40, 40))

    copy, trace = another_version(tmp_path)
    live.settings["stream"] |= {"checkpoint_seconds": 3, "close_delay_minutes": 5, "idle_seconds": 7}
    packed = ("-p", 3, "-pyfs", copy)
    job = live.cluster.submit(copy / "jobs" / "stream.py", "--config", live.config, savepoint=savepoint, packed=packed)
    live.cluster.await_running(job)
    live.await_rows(80)
    assert trace.exists()
    tasks = {vertex["parallelism"] for vertex in live.cluster.get(f"jobs/{job}")["vertices"]}
    assert 3 in tasks
    assert live.cluster.get(f"jobs/{job}/checkpoints/config")["interval"] == 3000
    savepoint = live.cluster.stop_with_savepoint(job, SAVEPOINTS)

    # A ledger has one zone; what is refused has started nothing.
    live.settings["billing"] = {"time_zone": "America/New_York"}
    with pytest.raises(ServiceError, match=r"contact-billing: .* was written with billing.time_zone UTC"):
        live.submit(savepoint)

    # Records that are read from now on: these calls last 35 seconds.
    live.settings["billing"] = {"minimum_call_seconds": 36}
    job = live.submit(savepoint)
    broker.produce("upgraded", calls(80, 20))
    live.await_rows(100)
    live.cluster.cancel(job)
    assert set(live.positions().values()) == {1}
    assert live.outcomes() == {"billable": 80, "excluded": 20}
    assert {
        contact for contact, outcome in live.values("ledger", "contact_id", "outcome") if outcome == "excluded"
    } == {f"call-{n}" for n in range(80, 100)}
