"""The generated documents in the repository are those that the command generates."""

import pytest

from jobs.cli.generate_docs import generated
from tests.services.process import ROOT


@pytest.mark.parametrize("name", generated())
def test_what_is_shipped_is_what_is_generated(name: str) -> None:
    assert (ROOT / name).read_bytes() == generated()[name], "run `make dictionary`"
