"""The command as a user starts it. In: its options. Out: what it printed, left behind, and logged."""

import os
import pty
import select
import shutil
import subprocess
import sys
import termios
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

COMMAND = Path(sys.executable).with_name("contact-billing")
MARK = "CONTACT_BILLING_TEST_RUN"
BLOCK = 1 << 16


@dataclass(frozen=True)
class Finished:
    """A run that has ended."""

    code: int
    out: str
    err: str
    logs: dict[str, bytes]  # the engine's, which the command removes
    left: list[str]  # in the folder for temporary files and in the folder it was started in
    survivors: list[str]  # processes that outlived the command


def run(
    *options: object,
    folder: Path,
    terminal: bool = False,
    environment: dict[str, str | None] | None = None,
    tick: Callable[[psutil.Process], None] | None = None,
    timeout: float = 900,
    stdin: str = "",
) -> Finished:
    """Run the command with its own temporary folder below `folder`; `tick` sees its process again and again."""
    temporary, started_in, kept = (folder / name for name in ("tmp", "cwd", "kept"))
    for path in (temporary, started_in, kept):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
    mark = uuid.uuid4().hex
    variables = {**os.environ, "TMPDIR": str(temporary), MARK: mark, **(environment or {})}
    reading, writing = pty.openpty() if terminal else os.pipe()
    if terminal:
        termios.tcsetwinsize(writing, (24, 100))
    err, deadline = b"", time.monotonic() + timeout
    (folder / "stdin").write_text(stdin)
    with (folder / "stdin").open("rb") as given, (folder / "stdout").open("w+b") as out:
        process = subprocess.Popen(
            [COMMAND, *map(str, options)],
            stdin=given,
            stdout=out,
            stderr=writing,
            cwd=started_in,
            env={name: value for name, value in variables.items() if value is not None},
        )
        os.close(writing)
        try:
            while process.poll() is None:
                assert time.monotonic() < deadline, f"the command still runs after {timeout} s"
                # Looks at processes cost as much as what they look at, if they come without a pause.
                err += _available(reading, 0.05)
                _keep_logs(temporary, kept)
                if tick is not None:
                    tick(psutil.Process(process.pid))
            err += _rest(reading)
        finally:
            os.close(reading)
            process.kill()
            process.wait()
            outlived = survivors(mark)
        out.seek(0)
        printed = out.read().decode()
    return Finished(
        process.returncode,
        printed,
        err.decode().replace("\r\n", "\n"),
        {path.name: path.read_bytes() for path in kept.iterdir()},
        sorted(str(path) for parent in (temporary, started_in) for path in parent.rglob("*")),
        outlived,
    )


def workers(command: psutil.Process) -> list[psutil.Process]:
    """All processes below the command's own."""
    with suppress(psutil.NoSuchProcess):
        return command.children(recursive=True)
    return []


def open_files(process: psutil.Process) -> list[str]:
    """The files that a process has open; none of one that is gone."""
    try:
        return [file.path for file in process.open_files()]
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return []


def survivors(mark: str, patience: float = 10) -> list[str]:
    """The processes that still carry the mark when patience is over: none, if the command has cleaned up."""
    deadline = time.monotonic() + patience
    while (found := list(_marked(mark))) and time.monotonic() < deadline:
        psutil.wait_procs(found, timeout=0.2)
    told = []
    for process in found:
        with suppress(psutil.NoSuchProcess):
            told.append(" ".join(process.cmdline())[:120])
            process.kill()
    return told


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process


def _available(descriptor: int, patience: float) -> bytes:
    """What has been written to a pipe or a terminal, if anything comes in time."""
    ready, _, _ = select.select([descriptor], [], [], patience)
    if not ready:
        return b""
    try:
        return os.read(descriptor, BLOCK)
    except OSError:  # a terminal whose other end is closed
        return b""


def _rest(descriptor: int) -> bytes:
    read = b""
    while block := _available(descriptor, 0):
        read += block
    return read


def _keep_logs(temporary: Path, kept: Path) -> None:
    """Give every log of the engine a second name, so that its bytes outlive its removal."""
    for log in temporary.glob("contact-billing-*/logs/*"):
        with suppress(FileExistsError, FileNotFoundError):
            (kept / log.name).hardlink_to(log)
