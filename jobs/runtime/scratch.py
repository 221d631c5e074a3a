"""Keep the engine's logs and temporary files in a folder of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import EngineFailed


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Create a scratch folder, and remove it at the end, unless the engine failed."""
    scratch = Path(tempfile.mkdtemp(prefix="contact-billing-"))
    try:
        yield scratch
    except EngineFailed:
        raise
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    shutil.rmtree(scratch, ignore_errors=True)
