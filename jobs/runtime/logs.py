"""The log of a command or of a worker: steps in, JSON lines on stderr or in Flink's log out.

What a line may hold is decided in jobs/runtime/log_format.py; what users must know is printed, whatever is logged.
"""

import copy
import logging
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Unpack

from jobs.runtime.log_format import LOGGER, Event, Fields, Job, LogLine
from jobs.runtime.redaction import RedactedError, redacted
from jobs.settings.digests import all_settings_digest
from jobs.settings.settings import Settings
from schemas.errors import ContactBillingError

_LEVELS = {
    "OFF": logging.CRITICAL + 1,
    "ERROR": logging.ERROR,
    "WARNING": logging.WARNING,
    "INFO": logging.INFO,
}


def log(event: Event, bug: BaseException | None = None, **fields: Unpack[Fields]) -> None:
    """Tells a step of the run."""
    logging.getLogger(LOGGER).log(event.level, event, exc_info=bug, extra={"fields": fields})


@contextmanager
def run_log(job: Job, settings: Settings) -> Iterator[None]:
    """A run whose steps are told on stderr from the settings' level on; first and last its begin and its end."""
    # Python would print a line that cannot be written as it was logged.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLine(secrets.token_hex(8), job))
    handler.setLevel(_LEVELS[settings.logging.level])
    logging.getLogger().addHandler(handler)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    begun = time.monotonic()
    log(Event.STARTED, settings=all_settings_digest(settings))
    try:
        yield
    except ContactBillingError as error:
        log(Event.FAILED, error=type(error).__name__, exit_code=error.exit_code, seconds=_since(begun))
        raise
    except Exception as bug:
        log(Event.FAILED, bug, seconds=_since(begun))
        raise
    except KeyboardInterrupt:
        log(Event.INTERRUPTED, seconds=_since(begun))
        raise
    else:
        log(Event.FINISHED, seconds=_since(begun))
    finally:
        logging.getLogger().removeHandler(handler)


def redact_worker_logs(job: Job) -> None:
    """Whatever this Python worker of Flink logs, prints or raises, reaches Java without data. Call it when it opens."""
    logging.raiseExceptions = False
    # Beam tells Java of what is raised around our functions, too, as where Arrow refuses a value.
    if (beam := sys.modules.get("apache_beam.runners.worker.sdk_worker")) is not None:
        beam.traceback = SimpleNamespace(format_exc=lambda: redacted(sys.exc_info()[1] or RedactedError()))  # type: ignore[attr-defined]
    root, lines = logging.getLogger(), LogLine(secrets.token_hex(8), job)
    root.handlers = [
        known if isinstance(known, _RedactingHandler) else _RedactingHandler(known, lines) for known in root.handlers
    ]


class _RedactingHandler(logging.Handler):
    """Gives the handler of others a record's line in the place of the record."""

    def __init__(self, handler: logging.Handler, lines: LogLine) -> None:
        super().__init__()
        self._handler = handler
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        # What others say below a warning is nothing, once it is redacted.
        if record.name == LOGGER or record.levelno >= logging.WARNING:
            safe = copy.copy(record)
            safe.msg, safe.args = self._lines.format(record), ()
            safe.exc_info = safe.exc_text = safe.stack_info = None
            self._handler.handle(safe)


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
