"""The logs of a cluster: JSON lines, and nothing of a payload, whatever a bug says of it."""

import json
from pathlib import Path
from typing import Any

from jobs.sample.archive import write_agents
from tests.integration.markers import MARKERS
from tests.live import broken
from tests.live.records import marked_payloads
from tests.live.system import Live
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.process import await_that
from tests.services.s3 import S3Server

SCRIPT = Path(broken.__file__).with_name("broken_job.py")
KEYS = ["time", "level", "run", "logger", "thread", "message", "error"]


def test_a_bug_on_the_cluster_tells_nothing_of_a_payload(
    services: tuple[S3Server, FlinkCluster], broker: Kafka, folder: Path
) -> None:
    """Neither in a log, nor where Flink shows exceptions; but where it happened, and what kind it is of."""
    _, cluster = services
    broker.create_topic("planted")
    source = {"kind": "kafka", "kafka": {"brokers": broker.brokers, "topic": "planted"}}
    live = Live(folder, *services, "planted", source)
    write_agents(live.agents, 1)
    job = live.submit(script=SCRIPT)
    broker.produce("planted", [(payload, 1_772_359_200_000) for payload in marked_payloads()])
    await_that("the job has failed", lambda: cluster.failure(job), 120, cluster.logs)
    shown = json.dumps(cluster.get(f"jobs/{job}/exceptions"))
    cluster.cancel(job)
    assert [marker for marker in (*MARKERS, "ContactId") if marker in shown] == []
    assert "ValueError (message withheld)" in shown
    assert "tests/live/broken.py" in shown
    assert cluster.get(f"jobs/{job}")["name"] == f"call {broken.PHONE}"

    assert cluster.logs_with(MARKERS) == []
    lines = [line for log in cluster.logs.glob("*manager*.log") for line in json_lines(log)]
    assert all(list(line) == KEYS for line in lines)
    assert any(line["message"].endswith("(call redacted)") or "'call redacted'" in line["message"] for line in lines)
    assert broken.PHONE not in json.dumps(lines)
    assert job in {line["run"] for line in lines}
    failures = [line for line in lines if "ValueError (message withheld)" in line["error"]]
    assert failures
    # What the function itself has logged, through the worker.
    told = [json.loads(line["message"]) for line in lines if line["message"].startswith('{"time"')]
    assert {line.get("logger") for line in told} >= {None, "a.library", "root"}
    assert {line["event"] for line in told} == {"redacted"}
    assert {"class": "ValueError"}.items() <= next(line["errors"] for line in told if "errors" in line)[0].items()


def json_lines(log: Path) -> list[dict[str, Any]]:
    """The lines of a log, after what Java and the start script say before there is a log."""
    text = log.read_text().splitlines()
    first = next(number for number, line in enumerate(text) if line.startswith("{"))
    return [json.loads(line) for line in text[first:]]
