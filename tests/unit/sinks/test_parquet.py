"""Parquet: tables have the schema of their columns, and reading starts no thread."""

import io
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from jobs.agents.table_file import COLUMNS, rows_of
from jobs.erasure.objects import ObjectEraser, ObjectSet
from jobs.ingest.archive.containers.parquet import parquet_payloads
from jobs.suspense.quarantine import payloads
from schemas.outcome import LEDGER_COLUMNS, QUARANTINE_COLUMNS
from schemas.render import arrow_schema
from sinks.parquet import arrow_table, parquet_bytes
from sinks.recycled_objects import RecycledObjects
from sinks.store import LocalStore
from tests.support.suspense import Suspense

NUMBER = "+12025550173"


@pytest.mark.parametrize("columns", [LEDGER_COLUMNS, QUARANTINE_COLUMNS])
def test_a_part_without_rows_has_the_schema(columns) -> None:
    assert arrow_table([], columns).schema == arrow_schema(columns)


def agents(_: Path) -> Callable[[], object]:
    data = parquet_bytes(pa.table({name: ["1", "2"] for name in COLUMNS}))
    return lambda: rows_of(data, "agents.parquet").rows


def archive(_: Path) -> Callable[[], object]:
    data = parquet_bytes(pa.table({"payload": [b"{}", b"[]"], "source": ["a", "b"]}))
    return lambda: list(parquet_payloads(io.BytesIO(data)))


def erasing(root: Path) -> Callable[[], object]:
    store = LocalStore(root)
    before = parquet_bytes(pa.table({"patient_phone": [NUMBER, None], "payload_sha256": ["a", "b"]}))
    store.put("a.parquet", before)

    def write() -> bool:
        ObjectEraser(frozenset([NUMBER]), 0).rewrite(ObjectSet("ledger", store, ["a.parquet"]))
        return store.get("a.parquet") != before

    return write


def quarantined(root: Path) -> Callable[[], object]:
    desk = Suspense(root)
    desk.read(b"[]", b"{}")
    return lambda: list(payloads(desk.ledger, "unknown"))


def recycled(root: Path) -> Callable[[], object]:
    objects = RecycledObjects(LocalStore(root))
    name = objects.add(pa.table({"from_date": ["unknown"], "billing_date": ["2026-03-01"]}))
    return lambda: objects.dates((name,))


def threads(reader: Callable[[Path], Callable[[], object]], root: Path) -> tuple[bool, int]:
    """Whether anything was read, and how many threads were begun by that."""
    read = reader(root)
    process = psutil.Process()
    before = process.num_threads()
    return bool(read()), process.num_threads() - before


@pytest.mark.parametrize("reader", [agents, archive, erasing, quarantined, recycled])
def test_no_thread_is_begun(reader: Callable[[Path], Callable[[], object]], tmp_path: Path) -> None:
    """A thread of Arrow's that lets go of Python's bytes while a command ends aborts it."""
    # In a process of its own: the threads of this one are there for good.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        assert fresh.submit(threads, reader, tmp_path).result() == (True, 0)
