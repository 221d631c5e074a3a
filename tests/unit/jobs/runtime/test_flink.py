"""Which Java is found: JAVA_HOME, the PATH, or the package with one; and how it ends."""

import os
import subprocess
import uuid
from pathlib import Path

import psutil
import pytest

from jobs.runtime.flink import _stop, ensure_java
from tests.services.process import await_that
from tests.support.process import MARK, survivors


def test_a_java_home_that_is_set_but_empty_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyFlink would look for /bin/java."""
    monkeypatch.setenv("JAVA_HOME", "")
    ensure_java()
    assert os.environ.get("JAVA_HOME") != ""


def test_what_is_stopped_leaves_nothing_behind_that_was_just_being_started(tmp_path: Path) -> None:
    """A worker's shell starts further processes while its parent is stopped."""
    mark = uuid.uuid4().hex
    many = "for n in $(seq 300); do sleep 300 & done; wait"
    parent = subprocess.Popen(["bash", "-c", f"bash -c '{many}' & wait"], env={**os.environ, MARK: mark})
    root = psutil.Process(parent.pid)
    await_that("the shell starts processes", lambda: len(root.children(recursive=True)) > 20, 60)
    _stop(root, tmp_path)
    parent.wait()
    assert survivors(mark, patience=0) == []


def test_what_is_stopped_leaves_no_orphan_behind(tmp_path: Path) -> None:
    """Flink has killed the shell of a worker, so that the worker is nobody's child."""
    mark = uuid.uuid4().hex
    environment = {**os.environ, MARK: mark, "TMPDIR": str(tmp_path)}
    parent = subprocess.Popen(["bash", "-c", "sleep 300 & sleep 300"], env=environment)
    root = psutil.Process(parent.pid)
    await_that("the shell starts both", lambda: len(root.children()) == 2, 60)
    orphans = root.children()
    parent.kill()
    parent.wait()
    assert all(orphan.is_running() for orphan in orphans)
    _stop(root, tmp_path)
    assert survivors(mark, patience=0) == []
