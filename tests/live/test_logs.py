"""The logs of a cluster: JSON lines, and nothing of a payload, whatever a bug says of it."""

import json
import re
from pathlib import Path
from typing import Any

import psutil
import pytest
from py4j.java_gateway import JavaGateway

from jobs.sample.archive import write_agents
from tests.live import broken
from tests.live.records import marked_payloads
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.process import await_that, java
from tests.services.s3 import S3Server
from tests.support.live_system import Live, from_kafka
from tests.support.markers import MARKERS

SCRIPT = Path(broken.__file__).with_name("broken_job.py")
STARTED = re.compile(r"Starting \w+ as a console application")
PRINTED = re.compile(r"([0-9]+> )?20[0-9]{2}-[0-9]{2}-[0-9]{2} v[0-9]{4}: ")
World = tuple[Path, S3Server, FlinkCluster, Kafka]
KEYS = ["time", "level", "run", "logger", "thread", "message", "error"]


@pytest.fixture
def world(services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path) -> World:
    return tmp_path, *services, broker


def failed(
    bug: str, message: str, folder: Path, store: S3Server, cluster: FlinkCluster, broker: Kafka
) -> tuple[str, list[dict[str, Any]]]:
    """The job with a bug, which has met payloads. Out: what Flink shows of it, and the lines of the cluster's logs."""
    broker.create_topic(bug)
    live = Live(folder, store, cluster, bug, from_kafka(broker, bug))
    write_agents(live.agents, 1)
    job = cluster.submit(SCRIPT, bug, "--config", live.config, packed=("-p", 1))
    cluster.await_running(job)
    broker.produce(bug, [(payload, 1_772_359_200_000) for payload in marked_payloads()])
    await_that("the job has failed", lambda: cluster.failure(job), log=cluster.logs)
    shown = json.dumps(cluster.get(f"jobs/{job}/exceptions"))
    cluster.cancel(job)
    assert [marker for marker in (*MARKERS, "ContactId") if marker in shown] == []
    assert message in shown

    assert cluster.logs_with(MARKERS) == []
    lines = [line for log in cluster.logs.glob("*manager*.log") for line in json_lines(log)]
    assert all(list(line) == KEYS for line in lines)
    assert any(line["run"] == job and message in line["error"] for line in lines)
    # Flink logs a job's name, but for the number in it.
    assert cluster.get(f"jobs/{job}")["name"] == f"call {broken.PHONE}"
    assert any("'call redacted'" in line["message"] for line in lines)
    assert broken.PHONE not in json.dumps(lines)
    return shown, lines


def test_a_bug_on_the_cluster_tells_nothing_of_a_payload(world: World) -> None:
    """Neither in a log, nor where Flink shows exceptions; but where it happened, and what kind it is of."""
    shown, lines = failed("Telling", "ValueError (message withheld)", *world)
    assert "tests/live/broken.py" in shown
    through_workers = [json.loads(line["message"]) for line in lines if line["message"].startswith('{"time"')]
    told = [line for line in through_workers if line["job"] == "stream"]
    assert {line.get("logger") for line in told} >= {None, "a.library", "root"}
    assert {line["event"] for line in told} == {"redacted"}
    assert {error["class"] for line in told for error in line.get("errors", [])} >= {"ValueError"}


def test_what_goes_wrong_around_our_function_tells_nothing_of_a_payload(
    world: World,
) -> None:
    shown, _ = failed("Mistaken", "ArrowInvalid (message withheld)", *world)
    assert "pyarrow" in shown


def test_what_java_logs_past_flink_is_not_written(world: World, tmp_path: Path) -> None:
    """As Beam's gRPC does when its worker is gone. The option is that of the cluster's own JVM."""
    told = psutil.Process(world[2].job_manager.pid).cmdline()
    (option,) = {argument for argument in told if argument.startswith("-Djava.util.logging.")}
    logs = []
    for options in ([], [option]):
        log = tmp_path / f"{len(options)}.log"
        with log.open("w") as stderr:
            gateway = JavaGateway.launch_gateway(
                javaopts=options, java_path=str(java()), redirect_stderr=stderr, die_on_exit=True
            )
            gateway.jvm.java.util.logging.Logger.getLogger("a.library").warning(MARKERS[0])
            gateway.shutdown()
        logs.append(log.read_text())
    assert MARKERS[0] in logs[0]
    assert logs[1] == ""


def json_lines(log: Path) -> list[dict[str, Any]]:
    """The lines of a log, but what start scripts say before there is one, and what the release's job prints."""
    found, starting = [], True
    for line in log.read_text().splitlines():
        starting = bool(STARTED.match(line)) or (starting and not line.startswith("{"))
        if not starting and not PRINTED.match(line):
            found.append(json.loads(line))
    return found
