"""Live on real services: every record is once in the ledger, and its release is that of a replay of the archive."""

import json
from pathlib import Path

from jobs.sample.archive import write_agents
from jobs.sample.contacts import deliveries
from jobs.sample.malformed import mix_in
from tests.live.records import marked_payloads
from tests.services.flink import FlinkCluster
from tests.services.kafka import Kafka
from tests.services.kinesis import Kinesis
from tests.services.process import ROOT
from tests.services.s3 import S3Server
from tests.support.command import command
from tests.support.live_system import Live, from_kafka, from_kinesis
from tests.support.markers import MARKERS

SEED = 3
DATES = ["2026-03-01", "2026-03-02", "2026-03-03"]


def payloads(contacts: int, seed: int, largest: int = 1_000_000) -> list[tuple[bytes, int]]:
    """Payloads of every kind, markers among them, with their arrival in milliseconds."""
    found = [(d.payload, int(d.arrived_at.timestamp() * 1000)) for d in mix_in(deliveries(contacts, seed), seed)]
    arrived = found[len(found) // 2][1]
    return [p for p in found if len(p[0]) < largest] + [(p, arrived) for p in marked_payloads()]


def check(live: Live, job: str, count: int) -> None:
    """Every record once; released; the archive replayed gives the same bytes; nothing leaked."""
    live.await_rows(count)
    live.await_closed()
    assert live.closed_dates() == DATES
    assert set(live.positions().values()) == {1}
    assert live.rows() == count
    done = command("release", "--config", live.config)
    assert (done.code, done.err) == (0, ""), done.err
    live.cluster.cancel(job)
    released = live.download("release", live.folder / "released")
    out = live.folder / "replayed"
    archive = live.download("archive", live.folder / "archive")
    options = ("--agents", live.agents, "--out", out, "--accept-unreadable")  # a part may hold garbage alone
    replayed = command("backfill", "--archive", archive, *options)
    assert replayed.code == 0, replayed.err
    names = sorted(p.relative_to(released).as_posix() for p in released.rglob("*") if p.name != "latest.json")
    assert sum(name.endswith("manifest.json") for name in names) == len(DATES)
    for name in names:
        assert (released / name).is_dir() or (released / name).read_bytes() == (out / "release" / name).read_bytes()
    read = sum(json.loads((released / n).read_bytes())["control"]["read"] for n in names if n.endswith(".json"))
    assert 0 < read < count
    assert live.cluster.logs_with(MARKERS) == []


def test_kafka_to_release(services: tuple[S3Server, FlinkCluster], broker: Kafka, tmp_path: Path) -> None:
    """Through a savepoint in the middle, after which the job is another one."""
    given = payloads(2500, SEED, largest=400_000)
    broker.create_topic("released", 3)
    live = Live(tmp_path, *services, "from-kafka", from_kafka(broker, "released"))
    write_agents(live.agents, SEED)
    job = live.submit()
    broker.produce("released", given[:1500])
    live.await_rows(1)
    savepoint = live.cluster.stop_with_savepoint(job, "s3://contact-billing/savepoints")
    broker.produce("released", given[1500:])
    live.settings["stream"] |= {"agents_refresh_seconds": 60, "close_delay_minutes": 30}
    check(live, live.submit(savepoint), len(given))
    released_by_a_job(live)


def released_by_a_job(live: Live) -> None:
    """The release as a Flink job on the same cluster publishes the same files."""
    by_command = live.storage["release"]
    live.storage["release"] = live.settings["storage"]["release"] = f"{by_command}-by-a-job"
    live.cluster.submit(ROOT / "jobs" / "release.py", "--config", live.config)
    assert [n for n in live.names("release") if "latest" in n] == [f"billing_date={date}/latest.json" for date in DATES]
    by_job = live.download("release", live.folder / "released-by-a-job")
    for path in (live.folder / "released").rglob("*.*"):
        if path.name != "latest.json" and path.is_file():
            assert (by_job / path.relative_to(live.folder / "released")).read_bytes() == path.read_bytes()


def test_kinesis_to_release(services: tuple[S3Server, FlinkCluster], stream: Kinesis, tmp_path: Path) -> None:
    given = payloads(1000, SEED, largest=200_000)
    stream.create_stream("released", 2)
    live = Live(tmp_path, *services, "from-kinesis", from_kinesis(stream, "released"))
    write_agents(live.agents, SEED)
    job = live.submit()
    stream.put("released", [(payload, str(number)) for number, (payload, _) in enumerate(given)])
    check(live, job, len(given))
