"""Submits the live job with the bug of tests/live/broken.py, where workers import it from."""

from unittest.mock import patch

from jobs.entry import run
from jobs.stream import command
from tests.live.broken import Broken, named

if __name__ == "__main__":
    with patch("jobs.live.judge.Judge", Broken), patch("jobs.stream.flink_options", named):
        run(command)
