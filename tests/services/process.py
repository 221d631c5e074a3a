"""What every service is made of: a process by its number, ports, and waiting for a condition."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from jobs.runtime.flink import ensure_java

T = TypeVar("T")
S = TypeVar("S", bound="Server")
ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
HOST = "127.0.0.1"
# Below the range that the system lends to client connections: a port of that range could be taken while its service is
# stopped.
PORTS = range(15_000, 32_000)
# What is waited for comes long before, in seconds, however busy the machine is.
PATIENCE = 300
# What this process has given away stays given: a service that is stopped comes back to its ports.
_GIVEN: set[int] = set()


class ServiceError(Exception):
    """A service that is not installed, does not start, or does not do in time what is waited for."""


class Server:
    """A process that can be started again, with the same command, ports and data."""

    def __init__(
        self,
        name: str,
        command: Sequence[object],
        log: Path,
        ready: Callable[[], object],
        *,
        seconds: float = PATIENCE,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name, self.log, self.ready, self.seconds = name, log, ready, seconds
        self._command = [str(part) for part in command]
        self._environment, self._folder = environment, folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of the process, be it running or not."""
        if self._process is None:
            raise ServiceError(f"{self.name} has not been started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start the process, without waiting for the service."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **(self._environment or {})}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder or self.log.parent,
                env=environment,
            )

    def await_ready(self) -> None:
        """Wait until the service answers; a process that ends before is an error at once."""

        def ready() -> object:
            if not self.running:
                raise ServiceError(f"{self.name} ended while it started; its log: {self.log}")
            return self.ready()

        await_that(f"{self.name} is ready", ready, self.seconds, self.log)

    def start(self) -> None:
        """Start the process and wait until it answers; stop it if it does not."""
        self.launch()
        with ExitStack() as stack:
            stack.callback(self.stop)
            self.await_ready()
            stack.pop_all()

    def stop(self) -> None:
        """Kill the process without a warning, as a machine that fails does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(server: S) -> Iterator[S]:
    """The server, started, and stopped at the end."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


def await_that(what: str, condition: Callable[[], T], seconds: float = PATIENCE, log: Path | None = None) -> T:
    """What the condition returns as soon as it is true; a connection that is refused means "not yet"."""
    deadline, last = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        try:
            if result := condition():
                return result
        except OSError as error:
            last = f" ({error})"
        time.sleep(0.1)
    where = f"; its log: {log}" if log else ""
    raise ServiceError(f"waited {seconds:g} s in vain until {what}{last}{where}")


def free_ports(count: int) -> list[int]:
    """Ports on which nothing listens, and that nobody else is given."""
    own = _own_ports()
    with ExitStack() as held:
        found: list[int] = []
        for port in random.SystemRandom().sample(own, 1000):
            listener = held.enter_context(socket.socket())
            with suppress(OSError):
                listener.bind((HOST, port))
                found += {port} - _GIVEN
            if len(found) == count:
                _GIVEN.update(found)
                return found
    raise ServiceError(f"no {count} free ports between {own.start} and {own.stop}")


def _own_ports() -> range:
    """The ports of this process among those of pytest-xdist that run side by side."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    # One that takes the place of another that died has a number of its own.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % processes
    size = len(PORTS) // processes
    return PORTS[number * size : (number + 1) * size]


def listening(port: int) -> bool:
    """Whether something accepts connections."""
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def installed(path: Path, target: str) -> Path:
    """The path, if it is there; else the error says which target of make installs it."""
    if not path.exists():
        raise ServiceError(f"{path} is missing; install it with: make {target}")
    return path


def program(name: str, package: str) -> str:
    """A program that no target installs."""
    found = shutil.which(name)
    if found is None:
        raise ServiceError(f"{name} is missing; put it on the PATH (Debian: {package}), then: make services")
    return found


def java() -> Path:
    """The Java that jobs find, too."""
    ensure_java()
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java") if home else Path(shutil.which("java") or "java")
