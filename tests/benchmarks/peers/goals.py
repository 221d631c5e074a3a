"""The goals that need neither a peer nor a ledger: start-up, workers, cost per record, memory. Out: printed figures."""

import statistics

from tests.benchmarks.peers.bench import START_UP_RECORDS, Bench, Used, judged, typical
from tests.benchmarks.peers.commands import COMMAND, ours

LEAST_GAIN = 1.8
MOST_WORKER_MIB = 600
FEW = 5_000


def start_up(bench: Bench) -> None:
    """How long a user waits for the first of anything."""
    print("\nstart-up", flush=True)
    told = statistics.median(bench.use([str(COMMAND), "--help"]).wall for _ in range(5 * bench.runs))
    print(f"  contact-billing --help: {told:.2f} s, goal below 0.3 s {judged(told < 0.3)}", flush=True)
    start = bench.start_up()
    print(
        f"  replay of {START_UP_RECORDS} records: first rows in the ledger after {start.seen:.1f} s, "
        f"goal below 10 s {judged(start.seen < 10)}; in all wall {start.wall:.1f} s, CPU {start.cpu:.1f} s",
        flush=True,
    )
    used = bench.typical(ours("backfill", bench.archive(FEW), bench.out))
    print(
        f"  backfill of {FEW:,} records: wall {used.wall:.1f} s, CPU {used.cpu:.1f} s, "
        f"goal below 20 s {judged(used.wall < 20)}",
        flush=True,
    )


def workers(bench: Bench, records: int) -> None:
    """Two workers against one on the time after start-up, run in turn."""
    print("\nworkers: replay, one and two in turn", flush=True)
    root, counts = bench.archive(records), (1, 2)
    start = {count: bench.start_up(count) for count in counts}
    runs = [
        {count: bench.use(ours("replay", root, bench.out, *bench.config(count))) for count in counts}
        for _ in range(bench.runs)
    ]
    used = {count: typical([run[count] for run in runs]) for count in counts}
    for count in counts:
        wall, cpu = used[count].wall - start[count].wall, used[count].cpu - start[count].cpu
        print(
            f"  {count}: wall {used[count].wall:.1f} s, CPU {used[count].cpu:.1f} s; after start-up "
            f"({start[count].wall:.1f} s, {start[count].cpu:.1f} s) wall {wall:.1f} s, CPU {cpu:.1f} s: "
            f"{cpu / wall:.2f} cores busy, {1e6 * cpu / records:.1f} µs of CPU a record",
            flush=True,
        )
    gains = [(run[1].wall - start[1].wall) / (run[2].wall - start[2].wall) for run in runs]
    gain = statistics.median(gains)
    print(
        f"  two against one: {gain:.2f} ({min(gains):.2f} to {max(gains):.2f}), "
        f"goal {LEAST_GAIN} {judged(gain >= LEAST_GAIN)}",
        flush=True,
    )


def scale(bench: Bench, sizes: list[int]) -> None:
    """A record's cost in a small and a large archive, and the memory of a worker."""
    print("\ncost per record: replay after start-up", flush=True)
    start, each = bench.start_up(), []
    for records in sizes:
        used = bench.typical(ours("replay", bench.archive(records), bench.out))
        each.append(1e6 * (used.cpu - start.cpu) / records)
        print(
            f"  {records:,} records: wall {used.wall:.1f} s, CPU {used.cpu:.1f} s; a record CPU {each[-1]:.1f} µs, "
            f"wall {1e6 * (used.wall - start.wall) / records:.1f} µs; {memory(used)}",
            flush=True,
        )
    print(f"  the last against the first, CPU of a record: {each[-1] / each[0]:.2f}, goal 1")


def memory(used: Used) -> str:
    """The most memory that a worker had, against the goal."""
    return f"worker at most {used.worker_mib:,.0f} MiB, goal below {MOST_WORKER_MIB} MiB " + judged(
        used.worker_mib < MOST_WORKER_MIB
    )
