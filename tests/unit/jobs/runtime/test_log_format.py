"""A log line has the fields that are listed, each in its form, whatever it was given."""

import json
import logging
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobs.runtime.log_format import LOGGER, REDACTED, Event, Fields, LogLine


@given(st.text() | st.binary() | st.integers() | st.floats() | st.none(), st.sampled_from(list(Fields.__annotations__)))
def test_any_value_makes_a_line(value: Any, field: str) -> None:
    record = logging.LogRecord(LOGGER, logging.INFO, "", 1, Event.INPUT_READ, (), None)
    record.fields = {field: value}
    line = LogLine("run", "replay").format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (field in told) == (value is not None)
    assert told.get(field) in (value, REDACTED)
