"""Bugs for the live job: functions that log, print and raise what they were given, or give back what they must not."""

import logging
import sys
import warnings
from typing import Any

import pandas as pd

from jobs.ingest.live.outcome_udf import OutcomeFunction
from jobs.runtime.log_format import LOGGER
from jobs.stream import flink_options

# Flink logs a job's name; only here it holds such a thing.
PHONE = "+12025550188"


class Telling(OutcomeFunction):
    """Tells everybody of the payloads."""

    def _rows(self, payloads: list[bytes]) -> pd.DataFrame:
        for payload in payloads:
            try:
                raise ValueError(payload)
            except ValueError:
                for name in (LOGGER, "a.library"):
                    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
                        logging.getLogger(name).log(level, "%s", payload, exc_info=True)
            print(payload)
            print(payload, file=sys.stderr)
            warnings.warn(str(payload), stacklevel=1)
        raise ValueError(payloads)


class Mistaken(OutcomeFunction):
    """Gives payloads where a number belongs, so that Arrow tells of them."""

    def _rows(self, payloads: list[bytes]) -> pd.DataFrame:
        rows = super()._rows(payloads)
        rows["length"] = [payload.decode(errors="replace") for payload in payloads]
        return rows


def named(*given: Any) -> dict[str, str]:
    return flink_options(*given) | {"pipeline.name": f"call {PHONE}"}
