"""A Flink cluster whose processes can be killed one by one. In: a folder. Out: jobs that run on it.

Everything lies below the folder: FLINK_HOME (made of the apache-flink package), logs, temporary files.
"""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.services.flink_home import make_home
from tests.services.flink_rest import Jobs
from tests.services.process import HOST, PATIENCE, ROOT, Server, ServiceError, await_that, free_ports, java
from tests.support.process import MARK, survivors

JOB_ID = re.compile(r"JobID ([0-9a-f]{32})")


class FlinkCluster(Jobs):
    """A JobManager and TaskManagers; the number of a TaskManager stays the same when it is started again.

    Jobs run in this Python, and import what lies in the folder of modules.
    """

    def __init__(
        self,
        folder: Path,
        task_managers: int,
        slots: int,
        options: Mapping[str, str],
        python: Path = Path(sys.executable),
        modules: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        rest, rpc = free_ports(2)
        super().__init__(f"http://{HOST}:{rest}")
        self.folder, self.home, self.logs = folder, folder / "flink", folder / "logs"
        self._slots, self._mark, self._python = slots, uuid.uuid4().hex, python
        temporary = folder / "tmp"
        for path in (self.logs, temporary):
            path.mkdir(parents=True, exist_ok=True)
        own = {
            "rest.port": str(rest),
            "jobmanager.rpc.port": str(rpc),
            "taskmanager.numberOfTaskSlots": str(slots),
            # Every TaskManager has a part of every job, and the others have slots for it when it is killed.
            "parallelism.default": str(task_managers),
            "io.tmp.dirs": str(temporary),
            "web.tmpdir": str(temporary),
        }
        make_home(self.home, own | dict(options))
        self._environment = {
            "FLINK_HOME": str(self.home),
            "FLINK_LOG_DIR": str(self.logs),
            "FLINK_PID_DIR": str(temporary),
            "TMPDIR": str(temporary),
            "JAVA_HOME": str(java().resolve().parents[1]),
            # Functions are imported by the workers from where the tests are.
            "PYTHONPATH": str(modules),
            **(environment or {}),
        }
        self.job_manager = self._server("jobmanager", "overview")
        self.task_managers = [self._server(f"taskmanager-{number}", "taskmanagers") for number in range(task_managers)]

    def start(self) -> None:
        """Start everything at once and wait until all slots are there."""
        for server in (self.job_manager, *self.task_managers):
            server.launch()
        self.job_manager.await_ready()
        self._await_slots(self.task_managers)

    def stop(self) -> None:
        """Kill everything, the Python workers too."""
        for server in (self.job_manager, *self.task_managers):
            server.stop()
        survivors(self._mark, patience=0)

    def kill_job_manager(self) -> None:
        """Kill it. It knows nothing of its jobs when it is started again: submit them from a checkpoint."""
        self.job_manager.stop()

    def start_job_manager(self) -> None:
        """Start it again, and wait for the TaskManagers that run to come back to it."""
        self.job_manager.start()
        self.await_slots()

    def kill_task_manager(self, number: int) -> None:
        """Kill one with its Python workers, as a container is, and wait until its tasks have failed.

        A worker whose TaskManager alone is killed ends by itself, but one that was just starting takes minutes.
        """
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.task_managers[number].pid)
            process.suspend()
            for worker in process.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
        self.task_managers[number].stop()
        if self.job_manager.running:
            self.await_slots()

    def start_task_manager(self, number: int) -> None:
        """Start one again that was killed."""
        self.task_managers[number].launch()
        self.await_slots()

    def await_slots(self) -> None:
        """Wait until the TaskManagers that run, and no others, have told the JobManager of their slots."""
        self._await_slots([server for server in self.task_managers if server.running])

    def python_workers(self) -> list[psutil.Process]:
        """All processes of the cluster but its JVMs, whether their TaskManager lives or not."""
        jvms = {server.pid for server in (self.job_manager, *self.task_managers)}
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.pid not in jvms and process.environ().get(MARK) == self._mark:
                    found.append(process)
        return found

    def logs_with(self, markers: Iterable[str]) -> list[str]:
        """The logs that hold one of these texts."""
        sought = [marker.encode() for marker in markers]
        found = []
        for log in (path for path in self.logs.rglob("*") if path.is_file()):
            text = log.read_bytes()
            if any(marker in text for marker in sought):
                found.append(log.name)
        return sorted(found)

    def submit(
        self,
        script: Path,
        *arguments: object,
        savepoint: str | None = None,
        packed: Sequence[object] = (),
        seconds: float = PATIENCE,
    ) -> str:
        """Start a job, from a savepoint or checkpoint if there is one; `packed` are options for what comes with it.

        Out: the job's id.
        """
        python = self._python
        resumed = ("-s", savepoint) if savepoint else ()
        options = ("-d", *resumed, "-pyexec", python, "-pyclientexec", python, *packed, "-py", script)
        command = [str(part) for part in (self.home / "bin" / "flink", "run", *options, *arguments)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=os.environ | self._environment | {"FLINK_IDENT_STRING": "client"},
            timeout=seconds,
        )
        said = JOB_ID.findall(done.stdout)
        if done.returncode or not said:
            raise ServiceError(f"{script} was not submitted: {done.stdout[-1000:]}\n{done.stderr[-3000:]}")
        return str(said[-1])

    def _server(self, name: str, ready: str) -> Server:
        """A process of the cluster, which its script turns into Java without changing its number."""
        script = self.home / "bin" / f"{name.split('-')[0]}.sh"
        identity = [f"-Dtaskmanager.resource-id={name}"] if name.startswith("taskmanager") else []
        environment = self._environment | {"FLINK_IDENT_STRING": name, MARK: self._mark}
        return Server(
            name,
            (script, "start-foreground", *identity),
            self.logs / f"{name}.log",
            lambda: self.get(ready),
            environment=environment,
            folder=self.folder,
        )

    def _await_slots(self, expected: list[Server]) -> None:
        def registered() -> bool:
            if dead := [server for server in (self.job_manager, *expected) if not server.running]:
                raise ServiceError(f"{dead[0].name} has ended; its log: {dead[0].log}")
            return int(self.get("overview")["slots-total"]) == self._slots * len(expected)

        await_that(f"{len(expected)} TaskManagers are registered", registered, log=self.logs)


@contextmanager
def flink_cluster(
    folder: Path,
    task_managers: int = 2,
    slots: int = 2,
    options: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[FlinkCluster]:
    """A running cluster; the options are Flink's, as those of `S3Server.flink_options`, the environment its own."""
    cluster = FlinkCluster(folder, task_managers, slots, options or {}, environment=environment)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
