"""Stop a command on SIGINT and SIGTERM."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def keep_interrupts() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end if one was raised within and lost.

    Python drops exceptions in finalizers, and the bridge to Java has many of them.
    """
    signals: list[int] = []

    def record_signal(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        signal.default_int_handler(number, frame)

    old_handler = signal.signal(signal.SIGINT, record_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, old_handler)
    if signals:
        raise KeyboardInterrupt


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Return an event that SIGINT and SIGTERM set; a second signal has its usual effect."""
    stop = threading.Event()
    old_handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def request_stop(_: int, __: FrameType | None) -> None:
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in old_handlers.items():
            signal.signal(number, handler)

    for number in old_handlers:
        signal.signal(number, request_stop)
    try:
        yield stop
    finally:
        restore()
