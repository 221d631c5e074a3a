"""Scratch: a folder for the engine's logs and temporary files."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import EngineFailed


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for the engine's logs and temporary files; it is kept when the engine fails."""
    scratch = Path(tempfile.mkdtemp(prefix="contact-billing-"))
    try:
        yield scratch
    except EngineFailed:
        raise
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    shutil.rmtree(scratch, ignore_errors=True)
