"""Run the live job in this process to try out settings: check that it can, and stop it on an interrupt."""

from pathlib import Path
from typing import TYPE_CHECKING

from jobs.runtime.signals import stopped_by_signals
from jobs.settings.connections import Storage
from schemas.errors import EngineFailed, SettingsError
from sinks.location import Location

if TYPE_CHECKING:
    from pyflink.common import JobClient

_POLL_SECONDS = 0.5


def check_in_process(storage: Storage, connectors: str) -> None:
    """Raises SettingsError if the job cannot run in this process."""
    for kind in ("ledger", "quarantine", "archive"):
        if Location(getattr(storage, kind)).folder is None:
            # Flink loads the S3 file system as a plugin, which only a cluster's processes look for.
            raise SettingsError(
                f"storage.{kind} is on S3, where only a cluster writes: submit the job with `flink run` "
                "(docs/live.md), or name a folder to try it out"
            )
    if not Path(connectors).is_file():
        raise SettingsError(f"stream.connectors {connectors} does not exist; run `make jars`")


def quiet_logs() -> None:
    """Keep logs of Hadoop's classes off the terminal, where PyFlink's settings print them, too."""
    from pyflink.java_gateway import get_gateway

    log4j = get_gateway().jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setLevel("org.apache.hadoop", log4j.Level.ERROR)


def run_until_interrupted(job: "JobClient", scratch: Path) -> None:
    """Wait for a signal, then stop the job. Raises KeyboardInterrupt when what it read is in the ledger.

    Raises EngineFailed if Flink gave up, or did not stop in order.
    """
    from py4j.protocol import Py4JError

    result = job.get_job_execution_result()
    with stopped_by_signals() as stop:
        # An exception during a call to Java would leave its answer unread.
        while not result.done() and not stop.wait(_POLL_SECONDS):
            pass
    logs = f"its logs are in {scratch / 'logs'}"
    if not stop.is_set():
        raise EngineFailed(f"Flink gave up; {logs}; fix the cause and start again")
    try:
        # Commits the open files; a cancel would leave them behind, hidden.
        job.stop_with_savepoint(False, (scratch / "savepoint").as_uri()).result()
    except Py4JError:
        raise EngineFailed(f"Flink did not stop in order; {logs}; records read last are not in the ledger") from None
    raise KeyboardInterrupt
