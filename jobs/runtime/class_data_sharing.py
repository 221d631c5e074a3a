"""Class-data sharing: the classes that a replay's JVM has read and verified, kept for the next one.

They are a third of its start. One file of 90 MB for every Java and Flink, in the user's cache folder. It takes some
seconds to make, so that the second replay makes it: where nothing is kept from one to the next, there never is a
second. Java itself checks that it fits, and goes without where it does not.
"""

import contextlib
import hashlib
import os
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

# A JVM that has nothing more to do writes the file in two seconds.
_PATIENCE_SECONDS = 60


class ClassData:
    """What Java is told (`options`), and the file that it makes, if it makes one."""

    def __init__(self) -> None:
        self._file = _file()
        self._made: Path | None = None
        self.options = ""
        if self._file is None:
            return
        first = self._file.with_suffix(".first")
        if self._file.exists():
            self.options = f"-XX:SharedArchiveFile={self._file} -Xlog:disable"
        elif first.exists():
            self._made = self._file.with_suffix(f".{os.getpid()}")
            self.options = f"-XX:ArchiveClassesAtExit={self._made} -Xlog:disable"
        else:
            first.touch()

    def keep(self, gateway: Any, java: Any) -> None:
        """Lets a JVM whose work is done write the file, if it makes one. It has ended then."""
        import psutil
        from py4j.protocol import Py4JError

        if self._file is None or self._made is None:
            return
        try:
            # Java ends before it answers.
            with contextlib.suppress(Py4JError):
                gateway.jvm.java.lang.System.exit(0)
            with contextlib.suppress(psutil.TimeoutExpired):
                java.wait(_PATIENCE_SECONDS)
                if self._made.exists():
                    self._made.replace(self._file)
        finally:
            self._made.unlink(missing_ok=True)


def _file() -> Path | None:
    """Where the file of this Java and this Flink is; None where there is no place for it."""
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else Path(shutil.which("java") or "java")
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "contact-billing").absolute()
        folder.mkdir(parents=True, exist_ok=True)
        java = java.resolve()
        named = f"{java} {java.stat().st_mtime_ns} {version('apache-flink')} {_flink()}"
    except (OSError, RuntimeError):
        return None
    # PyFlink splits what Java is told at blanks.
    if str(folder).split() != [str(folder)] or not os.access(folder, os.W_OK):
        return None
    return folder / f"{hashlib.sha256(named.encode()).hexdigest()[:16]}.jsa"


def _flink() -> Path:
    import pyflink

    return Path(pyflink.__file__).parent
