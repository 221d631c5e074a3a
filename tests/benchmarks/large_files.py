"""The peak memory of a worker on files far larger than memory: one JSON array, and one ZIP file of one member."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from jobs.sample.archive import write_sample
from tests.benchmarks.peers.commands import ours
from tests.benchmarks.usage import Usage

MOST_MIB = 600


def print_peaks(folder: Path, size: int) -> None:
    """Print a line for each kind of file; `size` is in bytes, uncompressed. SystemExit: a worker took too much."""
    for name, write in (("array", _write_array), ("ZIP", _write_zip)):
        with tempfile.TemporaryDirectory(dir=folder, prefix="large-") as scratch:
            root = Path(scratch)
            block = _records(root)
            times = max(size // sum(map(len, block)), 1)
            write(root / "archive" / "2026" / "03" / "01" / "00" / "large", block, times)
            usage = Usage(ours("replay", root, root / "out"))
        print(
            f"one {name} of {size / 1e9:.1f} GB  wall {usage.wall:6.1f} s  worker peak {usage.worker_mib:4.0f} MiB",
            flush=True,
        )
        if usage.worker_mib > MOST_MIB:
            raise SystemExit(f"a worker took more than {MOST_MIB} MiB")


def _records(root: Path) -> list[bytes]:
    """Write the agents' table; return the records to repeat."""
    write_sample(root, contacts=1_000, seed=7, layout="lines")
    paths = sorted((root / "archive").rglob("*.jsonl"))
    lines = [line for path in paths for line in path.read_bytes().split(b"\n") if line.startswith(b"{")]
    shutil.rmtree(root / "archive")
    return lines


def _write_array(path: Path, block: list[bytes], times: int) -> None:
    with _new(path).open("wb") as out:
        out.write(b"[")
        for number in range(times):
            out.write((b"" if number == 0 else b",\n") + b",\n".join(block))
        out.write(b"]")


def _write_zip(path: Path, block: list[bytes], times: int) -> None:
    with (
        zipfile.ZipFile(_new(path), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("calls", "w", force_zip64=True) as member,
    ):
        for _ in range(times):
            member.write(b"\n".join(block) + b"\n")


def _new(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    return path
