"""`make faults`: the whole suite, in one line; exit code 1 below the bar. `make faults SEED=2` gives another order."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.suite import WHOLE, suite

LEAST_KILLS = 25


def main() -> None:
    """Runs the suite with a seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep logs and ledgers here; default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="contact-billing-faults-") as scratch:
        folder = (arguments.folder or Path(scratch)) / f"seed-{arguments.seed}"
        report = suite(folder, arguments.seed, WHOLE, from_kafka=80_000, from_kinesis=20_000, seconds=420)
    print(report)
    sys.exit(not report.passed or report.kills < LEAST_KILLS)


if __name__ == "__main__":
    main()
