"""Ours and the peers in turn, A B C D A B C D: what each run used, and how many times ours a peer needs.

Out: a line for every run, one for each command's median, and one for each ratio with its goal.
"""

import os
import statistics
from collections import defaultdict

from tests.benchmarks.peers.bench import Bench
from tests.benchmarks.peers.commands import PEERS, ours, peer
from tests.benchmarks.usage import Usage

OURS = "ours"
# What a peer has to need of wall time, as a multiple of ours; of DuckDB of CPU time, too.
GOALS = {"DuckDB": (1.0, 1.0), "Flink SQL": (4.0, None), "stdlib": (5.0, None)}


def compare(bench: Bench, records: int, names: list[str]) -> None:
    """Runs the backfill and these peers, and prints what came of it."""
    print("\nbackfill, ours and peers in turn", flush=True)
    root = bench.archive(records)
    used: dict[str, list[Usage]] = defaultdict(list)
    for run in range(1, bench.runs + 1):
        for name in (OURS, *names):
            usage = bench.use(ours("backfill", root, bench.out) if name == OURS else peer(name, root, bench.out))
            used[name].append(usage)
            print(
                f"  {run}  {name:10} wall {usage.wall:7.1f} s  CPU {usage.cpu:7.1f} s  "
                f"peak {usage.tree_mib:6,.0f} MiB, largest process {usage.largest_mib:6,.0f} MiB, "
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    print("median (min to max)")
    for name, usages in used.items():
        wall, cpu = [u.wall for u in usages], [u.cpu for u in usages]
        each = f"{records / statistics.median(wall):9,.0f} records/s"
        print(f"  {name:10} wall {spread(wall)} s  CPU {spread(cpu)} s  {each}")
    print("peer / ours, pair by pair: median (min to max), goal")
    for name in names:
        pairs = list(zip(used[name], used[OURS], strict=True))
        figures = {
            "wall": [theirs.wall / our.wall for theirs, our in pairs],
            "CPU": [theirs.cpu / our.cpu for theirs, our in pairs],
        }
        told = (
            f"{kind} {spread(ratios, 2)}, {judged(ratios, goal)}"
            for (kind, ratios), goal in zip(figures.items(), GOALS[name], strict=True)
        )
        print(f"  {name:10} {'; '.join(told)}", flush=True)


def spread(figures: list[float], digits: int = 1) -> str:
    """Median and limits."""
    return f"{statistics.median(figures):.{digits}f} ({min(figures):.{digits}f} to {max(figures):.{digits}f})"


def judged(figures: list[float], goal: float | None) -> str:
    """Whether the median reaches a goal."""
    if goal is None:
        return "no goal"
    return f"goal {goal:.1f} {'reached' if statistics.median(figures) >= goal else 'missed'}"


assert set(GOALS) == set(PEERS)
