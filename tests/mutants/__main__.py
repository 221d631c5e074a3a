"""`make mutants`: changes the sources, one place at a time, and counts how many changes no test notices.

    python -m tests.mutants                            # a sample of all mutants, always the same
    python -m tests.mutants --only transforms/lines/related_dates.py  # all mutants of these sources
    python -m tests.mutants --sample 0                 # all mutants there are: hours

It takes about twenty minutes, works on copies of the sources, and ends with exit code 1 if less than 97 % of the
mutants with an effect are noticed.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.mutants.changes import Mutant, mutants
from tests.mutants.known import UNNOTICED, WITHOUT_EFFECT, Key
from tests.mutants.protection import PROTECTION
from tests.mutants.runner import _FORK, Tree, preload
from tests.services.process import ROOT

LEAST_NOTICED = 0.97

# The copy of a worker.
_TREES: list[Tree] = []


def main() -> None:
    """Try mutants, and print what was not noticed."""
    wanted = _options()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets is that of hashes, which would be others each time.
        os.execve(
            sys.executable, [sys.executable, "-m", "tests.mutants", *sys.argv[1:]], os.environ | {"PYTHONHASHSEED": "0"}
        )
    preload()
    everything = [m for file in PROTECTION for m in mutants(file, (ROOT / file).read_text())]
    _check_known(everything)
    chosen = _chosen(everything, wanted)
    tried = [m for m in chosen if _key(m) not in WITHOUT_EFFECT]
    missed = []
    with tempfile.TemporaryDirectory(prefix="contact-billing-mutants-") as scratch:
        folders = _FORK.Queue()
        for number in range(wanted.workers):
            folders.put(Path(scratch) / str(number))
        with ProcessPoolExecutor(wanted.workers, _FORK, _begin, (folders,)) as pool:
            files = sorted({test for m in tried for test in PROTECTION[m.file]})
            seconds = dict(zip(files, pool.map(_seconds, files), strict=True))
            if failing := [test for test, needed in seconds.items() if needed is None]:
                sys.exit(f"contact-billing: without a change, these fail: {', '.join(failing)}; run make test")
            needed = [sum(seconds[test] or 0 for test in PROTECTION[m.file]) for m in tried]
            for number, (mutant, noticed) in enumerate(zip(tried, pool.map(_notices, tried, needed), strict=True), 1):
                print(f"{number}/{len(tried)}  {'noticed' if noticed else 'NOT NOTICED'}  {mutant}", flush=True)
                missed += [] if noticed else [mutant]
    sys.exit(_told(len(chosen), len(tried), missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", nargs="+", metavar="FILE", help="all mutants of these sources")
    parser.add_argument("--sample", type=int, default=400, metavar="NUMBER", help="how many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--workers", type=int, default=2, metavar="NUMBER", help="how many at a time")
    return parser.parse_args()


def _chosen(everything: list[Mutant], wanted: argparse.Namespace) -> list[Mutant]:
    if wanted.only:
        return [m for m in everything if m.file in wanted.only]
    if not wanted.sample:
        return everything
    # By a digest of its own, so that a line that is changed does not bring other mutants into the sample.
    ranked = sorted(everything, key=lambda m: _digest(m, wanted.seed))
    return sorted(ranked[: wanted.sample])


def _digest(mutant: Mutant, seed: int) -> bytes:
    return hashlib.sha256(repr((seed, _key(mutant))).encode()).digest()


def _key(mutant: Mutant) -> Key:
    return mutant.file, mutant.was, mutant.becomes


def _check_known(everything: list[Mutant]) -> None:
    """Whoever changes a line says anew whether its mutants have an effect."""
    there = {_key(m) for m in everything}
    if gone := [key for key in (*WITHOUT_EFFECT, *UNNOTICED) if key not in there]:
        told = "\n".join(f"  {file}\n    - {was}\n    + {becomes}" for file, was, becomes in gone)
        sys.exit(f"contact-billing: tests/mutants/known.py names mutants that are none any more:\n{told}")


def _begin(folders: "_FORK.Queue[Path]") -> None:
    _TREES.append(Tree(folders.get()))


def _seconds(test: str) -> float | None:
    return _TREES[0].seconds(test)


def _notices(mutant: Mutant, seconds: float) -> bool:
    return _TREES[0].notices(mutant, PROTECTION[mutant.file], seconds)


def _told(chosen: int, tried: int, missed: list[Mutant]) -> int:
    print()
    for mutant in missed:
        print(f"not noticed: {mutant}\n    {UNNOTICED.get(_key(mutant), 'nobody has said why: write a test')}")
    share = 1 - len(missed) / tried if tried else 1
    print(
        f"{chosen} mutants, {chosen - tried} without effect; of the {tried} others {tried - len(missed)} were noticed "
        f"({share:.1%}), {len(missed)} were not"
    )
    return int(share < LEAST_NOTICED)


if __name__ == "__main__":
    main()
