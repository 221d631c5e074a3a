"""Payloads that carry planted values. Out: records of many outcomes, good and bad, all of them marked."""

import gzip
import tempfile
from pathlib import Path

from tests.support.markers import add_marked_files


def marked_payloads() -> list[bytes]:
    """Every line of the marked files, and the files that have none."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "marked")
        add_marked_files(folder)
        found = []
        for path in sorted(folder.iterdir()):
            data = path.read_bytes()
            found += data.splitlines() if path.suffix == ".jsonl" else [data]
        return [*found, gzip.compress(found[0], mtime=0)]
