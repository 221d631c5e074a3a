"""Import slow modules in a background thread."""

import threading
from collections.abc import Callable
from contextlib import suppress


def preload(load: Callable[[], object]) -> None:
    """Run an import in a thread of its own. Its errors are dropped: they recur where the module is needed."""

    def load_quietly() -> None:
        with suppress(Exception):
            load()

    threading.Thread(target=load_quietly, daemon=True).start()
