"""Log a command's or a worker's steps as JSON lines on stderr or in Flink's log.

jobs/runtime/log_format.py decides what a line may hold; messages for users are printed, whatever is logged.
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
from jobs.runtime.redaction import RedactedError, redacted_traceback
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
    """Log a step of the run."""
    logging.getLogger(LOGGER).log(event.level, event, exc_info=bug, extra={"fields": fields})


@contextmanager
def run_log(job: Job, settings: Settings) -> Iterator[None]:
    """Log a run's steps, from its start to its end, on stderr from the settings' level on."""
    # Python would print the arguments of a line that cannot be written.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLine(secrets.token_hex(8), job))
    handler.setLevel(_LEVELS[settings.logging.level])
    logging.getLogger().addHandler(handler)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    start = time.monotonic()
    log(Event.STARTED, settings=all_settings_digest(settings))
    try:
        yield
    except ContactBillingError as error:
        log(Event.FAILED, error=type(error).__name__, exit_code=error.exit_code, seconds=_since(start))
        raise
    except Exception as bug:
        log(Event.FAILED, bug, seconds=_since(start))
        raise
    except KeyboardInterrupt:
        log(Event.INTERRUPTED, seconds=_since(start))
        raise
    else:
        log(Event.FINISHED, seconds=_since(start))
    finally:
        logging.getLogger().removeHandler(handler)


def redact_worker_logs(job: Job) -> None:
    """Remove data from all that this Flink worker logs, prints or raises, before Java sees it. Call it on open."""
    logging.raiseExceptions = False
    # Beam also reports to Java what is raised around our functions, as when Arrow refuses a value.
    if (beam := sys.modules.get("apache_beam.runners.worker.sdk_worker")) is not None:
        beam.traceback = SimpleNamespace(format_exc=lambda: redacted_traceback(sys.exc_info()[1] or RedactedError()))  # type: ignore[attr-defined]
    root, lines = logging.getLogger(), LogLine(secrets.token_hex(8), job)
    root.handlers = [
        handler if isinstance(handler, _RedactingHandler) else _RedactingHandler(handler, lines)
        for handler in root.handlers
    ]


class _RedactingHandler(logging.Handler):
    """Passes a record's line, instead of the record, to a third-party handler."""

    def __init__(self, handler: logging.Handler, lines: LogLine) -> None:
        super().__init__()
        self._handler = handler
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        # Third-party records below WARNING are empty after redaction.
        if record.name == LOGGER or record.levelno >= logging.WARNING:
            safe = copy.copy(record)
            safe.msg, safe.args = self._lines.format(record), ()
            safe.exc_info = safe.exc_text = safe.stack_info = None
            self._handler.handle(safe)


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)
