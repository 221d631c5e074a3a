"""The live job in this process, for trying settings out: what it refuses, and how an interrupt ends it."""

from pathlib import Path
from typing import TYPE_CHECKING

from jobs.runtime.signals import stopped_by_signals
from jobs.settings.connections import Storage
from schemas.errors import EngineFailed, SettingsError
from sinks.location import Location

if TYPE_CHECKING:
    from pyflink.common import JobClient

_LOOK_SECONDS = 0.5


def check_in_process(storage: Storage, connectors: str) -> None:
    """SettingsError: the job cannot run in this process."""
    for kind in ("ledger", "quarantine", "archive"):
        if Location(getattr(storage, kind)).is_s3:
            # Flink loads its S3 file system as a plugin, which only a cluster's processes look for.
            raise SettingsError(
                f"storage.{kind} is on S3, where only a cluster writes: submit the job with `flink run` "
                "(docs/live.md), or name a folder to try it out"
            )
    if not Path(connectors).is_file():
        raise SettingsError(f"stream.connectors {connectors} is not there; run `make jars`")


def quiet_logs() -> None:
    """Keeps what Hadoop's classes log in the log file; PyFlink's settings print it on the terminal, too."""
    from pyflink.java_gateway import get_gateway

    log4j = get_gateway().jvm.org.apache.logging.log4j
    log4j.core.config.Configurator.setLevel("org.apache.hadoop", log4j.Level.ERROR)


def run_until_interrupted(job: "JobClient", scratch: Path) -> None:
    """EngineFailed: Flink gave up. KeyboardInterrupt: the job was stopped, and what it had read is in the ledger."""
    from py4j.protocol import Py4JError

    result = job.get_job_execution_result()
    with stopped_by_signals() as stop:
        # An exception in the middle of a call to Java would leave its answer unread.
        while not result.done() and not stop.wait(_LOOK_SECONDS):
            pass
    logs = f"its logs are in {scratch / 'logs'}"
    if not stop.is_set():
        raise EngineFailed(f"Flink gave up; {logs}; mend the cause and start again")
    try:
        # Commits the files that are open; a mere end would leave them behind, hidden.
        job.stop_with_savepoint(False, (scratch / "savepoint").as_uri()).result()
    except Py4JError:
        raise EngineFailed(f"Flink did not stop in order; {logs}; records read last are not in the ledger") from None
    raise KeyboardInterrupt
