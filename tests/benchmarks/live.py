"""`make bench-live`: the live job from Kafka to a ledger on S3, in records per CPU-second and seconds to the ledger.

Starts a broker, a store and a Flink cluster, fills a topic, and submits the job as users do. Counted is the CPU time of
the JobManager, the TaskManagers and all their Python workers, between the first checkpoint after the warm-up and one
that is enough rows later, when rows become visible. Afterwards the job is idle and gets a steady feed: each record's
time from its timestamp to the first sight of its ledger part. At the end every record must be once in the ledger.
"""

import argparse
import io
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from confluent_kafka import Producer

from jobs.sample.agents import write_agents
from jobs.sample.contacts import deliveries
from jobs.sample.malformed import CONTACT_ID, mix_in
from tests.services.flink import flink_cluster
from tests.services.kafka import Kafka, kafka, producer_settings
from tests.services.process import await_that
from tests.services.s3 import s3
from tests.support.live_system import BUCKET, RESTRICTED, Live

SEED, TOPIC = 7, "records"
# Of these so many are made; they come again and again, as records of other contacts.
CONTACTS = 85_000
LARGEST = 1_000_000
# What is read between a checkpoint and the next one comes on top.
SLACK = 600_000
# Looking at the store costs the benchmark CPU time that it takes from the job.
POLL_SECONDS = 0.2
# What a cluster that runs for months has, in place of what lets those of tests start quickly.
CLUSTER = {
    "env.java.opts.taskmanager": "-XX:TieredStopAtLevel=4",
    "taskmanager.memory.process.size": "2200m",
}


class Moment(NamedTuple):
    """What had been used and written when a checkpoint's rows became visible."""

    at: float
    rows: int
    cpu: dict[str, float]


class Taken(NamedTuple):
    """A record of the steady feed: where the broker put it, and when it came."""

    source: str
    position: str
    at_ms: int


class Bench:
    """A running job and the processes that it keeps busy."""

    def __init__(self, live: Live, broker: Kafka, rounds: Iterator[bytes]) -> None:
        self.live, self.broker, self.rounds, self.sent = live, broker, rounds, 0

    def fill(self, count: int) -> None:
        """So many records into the topic, which came now."""
        self.broker.produce(TOPIC, ((payload, None) for payload in itertools.islice(self.rounds, count)))
        self.sent += count

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, by who used them."""
        cluster = self.live.cluster
        return {
            "JobManager": cpu_seconds(psutil.Process(cluster.job_manager.pid)),
            "TaskManagers": sum(cpu_seconds(psutil.Process(server.pid)) for server in cluster.task_managers),
            "Python workers": sum(map(cpu_seconds, cluster.python_workers())),
            "Kafka": cpu_seconds(psutil.Process(self.broker.pid)),
            "SeaweedFS": cpu_seconds(psutil.Process(self.live.store.pid)),
        }

    def moment(self, rows: int, seconds: float = 600) -> Moment:
        """The moment at which a checkpoint makes the ledger have so many rows."""

        def reached() -> Moment | None:
            time.sleep(POLL_SECONDS)
            found = self.live.rows()
            return Moment(time.perf_counter(), found, self.cpu()) if found >= rows else None

        return await_that(f"the ledger has {rows:,} rows", reached, seconds, self.live.cluster.logs)

    def feed(self, per_second: int, seconds: int) -> list[Taken]:
        """A steady feed. Out: what the broker says of its records."""
        taken: list[Taken] = []

        def delivered(error: object, message: Any) -> None:
            assert error is None, error
            place = f"kafka:{TOPIC}/{message.partition()}"
            taken.append(Taken(place, str(message.offset()), message.timestamp()[1]))

        producer, begun = Producer(producer_settings(self.broker.brokers)), time.perf_counter()
        for number in range(per_second * seconds):
            producer.poll(max(0.0, begun + number / per_second - time.perf_counter()))
            producer.produce(TOPIC, next(self.rounds), on_delivery=delivered)
        assert producer.flush(60) == 0
        self.sent += len(taken)
        return taken

    def seen(self, until: int, known: set[str]) -> dict[str, float]:
        """When parts that are not known yet were first seen, until the ledger has so many rows."""
        first: dict[str, float] = {}

        def complete() -> bool:
            # Rows first: the parts that they are in are then among those that are listed.
            time.sleep(POLL_SECONDS)
            done = self.live.rows() >= until
            parts, now = self.live.parts(), time.time()
            first.update((part, now) for part in parts if part not in known and part not in first)
            return done

        await_that(f"the ledger has {until:,} rows", complete, 300, self.live.cluster.logs)
        return first


def cpu_seconds(process: psutil.Process) -> float:
    """What a process and its children that have ended used."""
    with suppress(psutil.NoSuchProcess):
        return sum(process.cpu_times()[:4])
    return 0.0


def again(payloads: list[bytes]) -> Iterator[bytes]:
    """The payloads over and over, each time with other contact ids of the same length."""
    found = [CONTACT_ID.search(payload) for payload in payloads]
    for number in itertools.count():
        for payload, place in zip(payloads, found, strict=True):
            at = place.start(1) if place else -1
            yield payload if at < 0 else b"%s%04x%s" % (payload[:at], number, payload[at + 4 :])


def steady(bench: Bench, arguments: argparse.Namespace) -> None:
    """Prints the sustained rate."""
    first = bench.moment(arguments.warm_up)
    last = bench.moment(first.rows + arguments.records)
    rows, wall = last.rows - first.rows, last.at - first.at
    used = {name: last.cpu[name] - first.cpu[name] for name in last.cpu}
    flink = sum(used[name] for name in ("JobManager", "TaskManagers", "Python workers"))
    each = ", ".join(f"{name} {seconds:.1f}" for name, seconds in used.items())
    print(
        f"{rows:,} records after {first.rows:,}, checkpoints every {arguments.checkpoint_seconds} s\n"
        f"  wall {wall:.1f} s  CPU {flink:.1f} s ({each})\n"
        f"  {rows / flink:,.0f} records per CPU-second  {rows / wall:,.0f} records/s",
        flush=True,
    )


def latency(bench: Bench, arguments: argparse.Namespace) -> None:
    """Prints how long records took to the ledger."""
    per_second, seconds = arguments.feed
    known = set(bench.live.parts())
    with ThreadPoolExecutor(1) as feeder:
        until = bench.sent + per_second * seconds
        feeding = feeder.submit(bench.feed, per_second, seconds)
        first = bench.seen(until, known)
        taken = feeding.result()
    visible: dict[tuple[str, str], float] = {}
    for part, at in first.items():
        columns = positions(bench.live, part).to_pydict()
        visible.update(dict.fromkeys(zip(columns["source"], columns["position"], strict=True), at))
    took = sorted(visible[record.source, record.position] - record.at_ms / 1000 for record in taken)
    print(
        f"{len(took):,} records, {per_second} a second, checkpoints every {arguments.checkpoint_seconds} s: "
        f"visible after {statistics.median(took):.1f} s (median), "
        f"{took[len(took) * 95 // 100]:.1f} s (95th percentile), {took[-1]:.1f} s (worst)",
        flush=True,
    )


def positions(live: Live, part: str) -> pa.Table:
    return pq.read_table(io.BytesIO(live.read(part)), columns=["source", "position"])


def check(bench: Bench) -> None:
    """Every record that was sent is once in the ledger."""
    table = pa.concat_tables([positions(bench.live, part) for part in bench.live.parts()])
    once = table.group_by(["source", "position"]).aggregate([]).num_rows
    print(f"{bench.sent:,} records sent, {table.num_rows:,} rows, {once:,} positions", flush=True)
    assert bench.sent == table.num_rows == once


@contextmanager
def running(arguments: argparse.Namespace) -> Iterator[Bench]:
    """Services, a topic with what is to be read, and the job that reads it."""
    today = datetime.now(UTC).date()
    made = mix_in(deliveries(CONTACTS, SEED, 1, today), SEED, over=CONTACTS)
    payloads = [delivery.payload for delivery in made if len(delivery.payload) < LARGEST]
    mean = sum(map(len, payloads)) / len(payloads)
    print(f"{len(payloads):,} distinct deliveries of {mean:,.0f} bytes (mean)", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="contact-billing-bench-")))
        broker, store = stack.enter_context(kafka(folder / "kafka")), stack.enter_context(s3(folder / "s3"))
        for bucket in (BUCKET, RESTRICTED):
            store.create_bucket(bucket)
        os.environ.update(store.environment)
        broker.create_topic(TOPIC, arguments.partitions)
        options = {
            **store.flink_options,
            **CLUSTER,
            "execution.checkpointing.dir": f"s3://{BUCKET}/checkpoints",
            "parallelism.default": str(arguments.task_managers * arguments.slots),
        }
        cluster = flink_cluster(folder / "cluster", arguments.task_managers, arguments.slots, options)
        source = {"kind": "kafka", "kafka": {"brokers": broker.brokers, "topic": TOPIC}}
        live = Live(folder, store, stack.enter_context(cluster), "bench", source)
        live.settings["stream"] |= {"checkpoint_seconds": arguments.checkpoint_seconds, "agents_refresh_seconds": 300}
        if not arguments.archive:
            del live.settings["storage"]["archive"]
        write_agents(live.agents, SEED, first_day=today, days=1)
        bench = Bench(live, broker, again(payloads))
        bench.fill(arguments.warm_up + arguments.records + SLACK)
        job = live.submit()
        plan = json.dumps(live.cluster.get(f"jobs/{job}/plan"))
        assert plan.count("PythonCalc(") == 1, plan
        yield bench
        # A job that starts again has other workers, and what the old ones used is lost.
        assert not live.cluster.failure(job), live.cluster.failure(job)
        live.cluster.cancel(job)


def main() -> None:
    """Prints the rate, the latency, and that every record is there once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--warm-up", type=int, default=400_000, help="rows until the JVM has compiled")
    parser.add_argument("--checkpoint-seconds", type=int, default=10)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--task-managers", type=int, default=1)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--feed", type=int, nargs=2, default=(200, 30), metavar=("PER_SECOND", "SECONDS"))
    parser.add_argument("--archive", action="store_true", help="the job also keeps all payloads")
    arguments = parser.parse_args()
    with running(arguments) as bench:
        steady(bench, arguments)
        bench.moment(bench.sent)
        latency(bench, arguments)
        check(bench)


if __name__ == "__main__":
    main()
