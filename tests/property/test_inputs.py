"""Any split of an archive over runs gives what one run gives: rows, totals, and the partner's files."""

import shutil
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.manifest import Control
from tests.support.answered_calls import MORNING, json_lines, record
from tests.support.backfills import NOON, Publisher, open_ledger, read_into_ledger
from tests.support.partner_files import digests

PATHS = ("2026/03/01/10/a", "2026/03/01/11/a", "2026/03/02/10/a", "b", "c/b", "\udcff")
TOMORROW = MORNING.replace(day=2)
# Deliveries of three contacts on two dates: two versions of one, and what is no record.
DELIVERIES = (
    record("contact"),
    record("contact", delivery=2, talk=99),
    record("other"),
    record("tomorrow", TOMORROW),
    b"no record",
)
CONTENTS = st.lists(st.sampled_from(DELIVERIES), min_size=1, max_size=3).map(lambda lines: json_lines(*lines))


@st.composite
def archives(draw: st.DrawFn) -> tuple[dict[str, bytes], list[list[str]]]:
    """Files by path, of a few contents that often are equal; and runs, which together have all paths, some twice."""
    pool = draw(st.lists(CONTENTS, min_size=1, max_size=2))
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=2, max_size=len(PATHS), unique=True))
    files = {path: draw(st.sampled_from(pool)) for path in paths}
    runs: list[list[str]] = [[] for _ in range(draw(st.integers(1, 4)))]
    for path in draw(st.permutations(paths)):
        for run in draw(st.sets(st.sampled_from(range(len(runs))), min_size=1, max_size=2)):
            runs[run].append(path)
    return files, [run for run in runs if run]


def read(root: Path, files: dict[str, bytes], runs: list[list[str]], name: str) -> Path:
    """Each run reads an archive with its own files, into the ledger of all of them."""
    out = root / name
    for run in runs:
        archive = root / f"{name}-archive"
        for path in run:
            (archive / path).parent.mkdir(parents=True, exist_ok=True)
            (archive / path).write_bytes(files[path])
        assert [result.error or result.bug for result in read_into_ledger(archive, out)] == [None] * len(set(run))
        shutil.rmtree(archive)
    return out


def rows(out: Path) -> list[str]:
    ledger = open_ledger(out)
    return sorted(str(row) for date in ledger.dates() for part in ledger.parts(date) for row in _rows(part))


def _rows(part: str) -> list[dict[str, object]]:
    return pq.ParquetFile(part).read().to_pylist()


def release(out: Path) -> dict[str, Control]:
    dates = [date for date in open_ledger(out).dates() if date != "unknown"]
    return {released.billing_date: released.control for released in Publisher(out).publish(*dates, now=NOON)}


@settings(max_examples=15)
@given(archives())
def test_any_split_of_an_archive_over_runs_gives_the_same(split: tuple[dict[str, bytes], list[list[str]]]) -> None:
    files, runs = split
    with tempfile.TemporaryDirectory() as folder:
        one, several = read(Path(folder), files, [list(files)], "one"), read(Path(folder), files, runs, "several")
        assert rows(one) == rows(several)
        assert len(rows(one)) == sum(data.count(b"\n") for data in files.values())
        assert release(one) == release(several)
        assert digests(one / "ledger") == digests(several / "ledger")
        assert digests(one / "release") == digests(several / "release")
