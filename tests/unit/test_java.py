"""Which Java is found: JAVA_HOME, the PATH, or the package with one."""

import os

import pytest

from jobs.runtime.flink import ensure_java


def test_a_java_home_that_is_set_but_empty_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyFlink would look for /bin/java."""
    monkeypatch.setenv("JAVA_HOME", "")
    ensure_java()
    assert os.environ.get("JAVA_HOME") != ""
