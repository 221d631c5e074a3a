"""`contact-billing stream`, in its own process: Kafka to folders; an interrupt ends it with everything committed."""

import json
import signal
from collections import Counter
from pathlib import Path

import psutil
import pyarrow.parquet as pq

from jobs.sample.archive import write_agents
from tests.live.test_live import payloads
from tests.services.kafka import Kafka
from tests.services.process import BUILD
from tests.support.live_system import from_kafka, toml
from tests.support.process import run

SEED = 5


def test_an_interrupt_leaves_a_whole_ledger(broker: Kafka, tmp_path: Path) -> None:
    given = payloads(300, SEED, largest=200_000)
    agents, config, ledger = tmp_path / "agents.csv", tmp_path / "settings.toml", tmp_path / "ledger"
    write_agents(agents, SEED)
    broker.create_topic("tried", 2)
    broker.produce("tried", given)
    # Files appear when it is stopped, and before that only at a checkpoint, which does not come.
    stream = {"checkpoint_seconds": 600, "connectors": str(BUILD / "connectors.jar")}
    storage = {"ledger": str(ledger), "agents": str(agents)}
    source, logging = from_kafka(broker, "tried"), {"level": "INFO"}
    config.write_text(toml({"storage": storage, "source": source, "stream": stream, "logging": logging}))

    sent: list[int] = []

    def interrupt_when_read(command: psutil.Process) -> None:
        if not sent and any(ledger.rglob(".*inprogress*")):
            sent.append(signal.SIGINT)
            command.send_signal(signal.SIGINT)

    done = run("stream", "--config", config, folder=tmp_path, tick=interrupt_when_read)
    assert (done.code, done.out) == (130, "reading; Ctrl-C ends it\n"), done.err
    # An interrupt ends the terminal's line.
    started, submitted, interrupted = map(json.loads, done.err.strip().splitlines())
    assert [line["event"] for line in (started, submitted, interrupted)] == ["started", "submitted", "interrupted"]
    assert (submitted["job"], len(submitted["flink_job"])) == ("stream", 32)
    assert done.left == []
    assert done.survivors == []
    assert [p for p in ledger.rglob("*") if p.name.startswith(".")] == []
    positions: Counter[tuple[str, str]] = Counter()
    for part in (ledger / "outcomes").rglob("part-*"):
        columns = pq.read_table(part, columns=["source", "position"]).to_pydict()
        positions.update(zip(columns["source"], columns["position"], strict=True))
    assert len(positions) == positions.total() > 0
