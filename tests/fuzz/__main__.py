"""A long run: `python -m tests.fuzz payload|file --minutes 5`. What is found, and what was tried, lies in build/fuzz.

A find is a file `crash-…`, `timeout-…` or `oom-…`; given as an argument after the target, it is run once more.
"""

import argparse
import hashlib
import subprocess
import sys
import time
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "fuzz"
# The fuzzer itself keeps some 500 bytes of every try: a process of its own for each round, and none of them for long.
ROUND_SECONDS = 30


def main() -> None:
    """Fuzzes one target, round after round, until it finds something or the time is over."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=("payload", "file"))
    parser.add_argument("finds", nargs="*", help="files to run once more, instead of fuzzing")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--round", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.round or given.finds:
        fuzz(given.target, given.finds)
    end = time.monotonic() + given.minutes * 60
    while time.monotonic() < end:
        done = subprocess.run([sys.executable, "-m", "tests.fuzz", given.target, "--round"], check=False)
        if done.returncode:
            sys.exit(done.returncode)


def fuzz(name: str, finds: list[str]) -> None:
    """One round, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["jobs", "transforms", "schemas"]):
        from tests.fuzz.targets import TARGETS, seeds
    folder = BUILD / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(name):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    options = [
        f"-max_total_time={ROUND_SECONDS}",
        "-timeout=20",
        "-rss_limit_mb=4096",
        "-malloc_limit_mb=1024",
        "-max_len=65536",
        f"-artifact_prefix={folder}/",
        "-verbosity=0",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, *(finds or [str(corpus)])], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
