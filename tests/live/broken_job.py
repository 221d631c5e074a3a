"""Submits the live job with a bug of tests/live/broken.py, from where workers import it; its name comes first."""

import sys
from unittest.mock import patch

from jobs.runtime.run_command import run_command
from jobs.stream import command
from tests.live import broken

if __name__ == "__main__":
    bug = getattr(broken, sys.argv.pop(1))
    with patch("jobs.ingest.live.outcome_udf.OutcomeFunction", bug), patch("jobs.stream.flink_options", broken.named):
        run_command(command)
