"""Read an archive into the ledger with a Flink batch job that hands files to Python workers.

The largest files are assigned first, so that one large file does not delay the others. Each worker's share is one
element; rows never cross from Python to the JVM.
"""

import gc
import heapq
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from jobs.ingest.archive.files import ArchiveFile
from jobs.ingest.file_task import FileResult, FileTask
from jobs.runtime.flink import batch_environment
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, redact_worker_logs
from jobs.runtime.redaction import RedactedError, redact_errors
from jobs.runtime.text_table import printable
from jobs.settings.date_range import DateRange
from schemas import errors
from schemas.outcome import UNKNOWN_DATE

Progress = Callable[[int], None]


class ReplaySummary(msgspec.Struct, frozen=True):
    """What a replay read: the number of files, rows by billing date, and the names of damaged files.

    `unreadable` has the files without an object: by name, the form that they seem to have. `other_rows` are those of
    billing dates that were not asked for: in the ledger, and for other runs to publish.
    """

    files: int
    rows: dict[str, int]
    damaged: tuple[str, ...]
    unreadable: dict[str, str] = {}
    other_rows: dict[str, int] = {}

    @property
    def dates(self) -> list[str]:
        """The billing dates that have a row, in order, without `unknown`."""
        return sorted(date for date in self.rows if date != UNKNOWN_DATE)


def replay(
    files: list[ArchiveFile],
    task: FileTask,
    dates: DateRange,
    workers: int,
    attempts: int,
    scratch: Path,
    progress: Progress,
) -> ReplaySummary:
    """Read all files into the task's ledger. Raises the first file's error, if any, at the end."""
    progress_folder = scratch / "progress"
    progress_folder.mkdir()
    elements = [share_element(share) for share in balance_files(files, workers)]
    with batch_environment(workers, attempts, scratch) as environment, report_progress(progress_folder, progress):
        from py4j.protocol import Py4JJavaError
        from pyflink.common import Types

        stream = (
            environment.from_collection(elements, Types.STRING())
            .rebalance()
            .flat_map(ShareTask(task, str(progress_folder)).run, output_type=Types.STRING())
            .name("read files")
            .set_parallelism(workers)
        )
        try:
            with stream.execute_and_collect("replay") as collected:
                file_results = [log_result(msgspec.json.decode(r, type=FileResult)) for r in collected]
        except Py4JJavaError:
            # The Java trace is in the logs; errors of single files are results instead.
            raise errors.EngineFailed(
                f"Flink gave up after {attempts} attempts; a worker has probably run out of memory. "
                f"Its logs are in {scratch / 'logs'}; run again, what was read is kept"
            ) from None
    return summary(files, file_results, dates)


def log_result(result: FileResult) -> FileResult:
    """Log a file's result as a step of the run, and return it."""
    if (mark := result.mark) is None:
        log(Event.FAILED, source=result.name, error=result.error_class or "Bug")
    else:
        event = Event.INPUT_DAMAGED if mark.damaged else Event.INPUT_READ
        event = Event.INPUT_UNREADABLE if mark.unreadable else event
        log(event, source=result.name, position=result.damaged_at, records=sum(mark.rows.values()))
    return result


def balance_files(files: list[ArchiveFile], workers: int) -> list[list[ArchiveFile]]:
    """Spread files over workers by size: each, from the largest on, goes to the worker with the fewest bytes."""
    load = [(0, number) for number in range(workers)]
    shares: list[list[ArchiveFile]] = [[] for _ in range(workers)]
    for file in sorted(files, key=lambda f: (-f.size, f.name)):
        size, number = heapq.heappop(load)
        shares[number].append(file)
        heapq.heappush(load, (size + file.size, number))
    return shares


def share_element(files: list[ArchiveFile]) -> str:
    """Return a worker's share as JSON. Python's own also has the paths that are not UTF-8."""
    return json.dumps(msgspec.to_builtins(files))


def shared_files(element: str) -> list[ArchiveFile]:
    """Return the files of a worker's share."""
    return msgspec.convert(json.loads(element), list[ArchiveFile])


class ShareTask:
    """Reads a worker's share of the files, and reports the bytes read through a file in a folder."""

    def __init__(self, task: FileTask, folder: str) -> None:
        self._task = task
        self._folder = folder

    def run(self, element: str) -> Iterator[str]:
        """Yield the FileResult of each file of a JSON list, as JSON."""
        # Rows are plain tuples without cycles: looking for cycles among them costs a tenth of the time.
        gc.set_threshold(1_000_000, 10, 10)
        redact_worker_logs("replay")
        progress_file = Path(self._folder, str(os.getpid()))
        done = 0

        def report(size: int) -> None:
            progress_file.write_text(str(done + size))

        for file in shared_files(element):
            with redact_errors():
                result = self._task.run(file, report)
                done += file.size
                report(0)
            yield msgspec.json.encode(result).decode()


@contextmanager
def report_progress(folder: Path, progress: Progress) -> Iterator[None]:
    """Report the bytes that the workers have read while the job runs."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            progress(sum(int(path.read_text() or 0) for path in folder.iterdir()))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def summary(files: list[ArchiveFile], results: list[FileResult], dates: DateRange) -> ReplaySummary:
    """Add up the files' marks by billing date. Raises ContactBillingError if a file could not be read or written."""
    for result in sorted(results, key=lambda r: r.name):
        if result.bug is not None:
            raise RedactedError(f"a bug stopped the reading of {printable(result.name)}:\n{result.bug}")
        if result.error is not None:
            raise getattr(errors, result.error_class or "StorageError")(result.error)
    if missing := sorted({file.name for file in files} - {result.name for result in results}):
        raise errors.EngineFailed(
            f"{len(missing)} files were not read, the first is {printable(missing[0])}; "
            "run again, what was read is kept"
        )
    rows: Counter[str] = Counter()
    other_rows: Counter[str] = Counter()
    damaged, unreadable = [], {}
    for result in results:
        if result.mark is None:
            continue
        for date, count in result.mark.rows.items():
            (rows if dates.has_billing_date(date) else other_rows)[date] += count
        if result.mark.damaged:
            damaged.append(result.name)
        if result.mark.unreadable:
            unreadable[result.name] = result.mark.unreadable
    return ReplaySummary(
        len(results),
        dict(sorted(rows.items())),
        tuple(sorted(damaged)),
        dict(sorted(unreadable.items())),
        dict(sorted(other_rows.items())),
    )
