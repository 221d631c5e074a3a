"""Ahead: what will be needed soon is done while there is nothing to do but wait."""

import threading
from collections.abc import Callable
from contextlib import suppress


def preload(load: Callable[[], object]) -> None:
    """Imports something large in a thread of its own. What goes wrong shows where it is needed."""

    def quietly() -> None:
        with suppress(Exception):
            load()

    threading.Thread(target=quietly, daemon=True).start()
