"""The fault suite: a plan of faults on a rig, one after another, and the verdict over all records at the end."""

import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.rig import STREAM, TOPIC, Rig, rig
from tests.faults.truth import Held, in_stream, in_topic
from tests.services.feeder import MARKERS
from tests.support.command import command
from tests.support.live_system import Live

KILLS = {"kill_task_manager", "kill_python_worker", "kill_job_manager", "kill_broker", "kill_store"}
# At least 25 kills, and everything else once or twice.
WHOLE = Counter(
    kill_task_manager=13,
    kill_python_worker=6,
    kill_job_manager=2,
    kill_broker=3,
    kill_store=2,
    fill_disk=1,
    stop_with_savepoint=1,
    split_shard=2,
)
SHORT = Counter(kill_task_manager=1, kill_job_manager=1, kill_store=1, split_shard=1)


@dataclass
class Report:
    """What came of a suite; printed as one line."""

    seed: int
    faults: Counter[str]
    seconds: list[float]
    records: int
    lost: int
    doubled: int
    different: list[str]
    leaks: list[str]

    @property
    def kills(self) -> int:
        return sum(count for fault, count in self.faults.items() if fault in KILLS)

    @property
    def passed(self) -> bool:
        return not (self.lost or self.doubled or self.different or self.leaks)

    def __str__(self) -> str:
        faults = ", ".join(f"{fault} {count}" for fault, count in sorted(self.faults.items()))
        return (
            f"faults (seed {self.seed}): {faults} ({self.kills} kills); records {self.records:,}; lost {self.lost}; "
            f"duplicated {self.doubled}; recovery median {statistics.median(self.seconds):.1f} s, worst "
            f"{max(self.seconds):.1f} s; release files that differ from a replay's {len(self.different)}; "
            f"logs with planted values {len(self.leaks)}"
        )


def suite(folder: Path, seed: int, plan: Counter[str], from_kafka: int, from_kinesis: int, seconds: float) -> Report:
    """Runs the plan in an order that the seed decides, while so many records are fed in so many seconds at most.

    What is left of them when the plan is through is fed at once.
    """
    with rig(folder, seed, disk=bool(plan["fill_disk"])) as system:
        system.begin(seed, from_kafka, from_kinesis, seconds)
        system.await_recovered()
        order = list(plan.elements())
        system.rng.shuffle(order)
        recoveries = [_recovery(system, fault) for fault in order]
        for feeder in system.feeders:
            feeder.hasten()
        for feeder in system.feeders:
            feeder.join(600)
        system.await_recovered()
        for live in system.lives:
            live.await_closed()
        held = [dict(in_topic(system.broker, TOPIC)), dict(in_stream(system.stream, STREAM))]
        found = [live.positions() for live in system.lives]
        different = [
            name
            for live, truth in zip(system.lives, held, strict=True)
            for name in _unlike_a_replay(live, iter(truth.items()))
        ]
        return Report(
            seed,
            plan,
            recoveries,
            sum(map(len, held)),
            sum(len(truth.keys() - positions.keys()) for truth, positions in zip(held, found, strict=True)),
            sum(
                positions.total() - len(truth.keys() & positions.keys())
                for truth, positions in zip(held, found, strict=True)
            ),
            different,
            system.cluster.logs_with(MARKERS),
        )


def _recovery(system: Rig, fault: str) -> float:
    """Seconds from the fault until all tasks run and everything fed by then is in the ledger."""
    begun = time.monotonic()
    getattr(system, fault)()
    system.await_recovered()
    took = time.monotonic() - begun
    print(f"  {fault}: {took:.1f} s", flush=True)
    return took


def _unlike_a_replay(live: Live, held: Held) -> Iterator[str]:
    """The release files that are not, byte for byte, those of a replay of what the service holds."""
    archive = live.folder / "held"
    archive.mkdir()
    pq.write_table(pa.table({"payload": pa.array([p for _, p in held], pa.binary())}), archive / "payloads.parquet")
    out = live.folder / "replayed"
    for options in (
        ("release", "--config", live.config),
        ("backfill", "--archive", archive, "--agents", live.agents, "--out", out),
    ):
        done = command(*options)
        assert done.code == 0, done.err
    released = _files(live.download("release", live.folder / "released"))
    replayed = _files(out / "release")
    assert released, "nothing was released"
    yield from sorted(n for n in released.keys() | replayed.keys() if released.get(n) != replayed.get(n))


def _files(folder: Path) -> dict[str, object]:
    """All files; of latest.json what does not tell the time."""
    found: dict[str, object] = {}
    for path in (p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.name == "latest.json":
            found[name] = json.loads(path.read_bytes()) | {"published_at": "", "seal": ""}
        else:
            found[name] = path.read_bytes()
    return found
