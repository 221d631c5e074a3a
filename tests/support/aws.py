"""AWS in tests: what a client costs, once for all."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader

_load_file = JSONFileLoader.load_file


@cache
def _description(path: str) -> object:
    return _load_file(JSONFileLoader(), path)


@pytest.fixture(scope="module", autouse=True)
def descriptions_of_aws() -> Iterator[None]:
    """Each client reads anew what S3 is, which takes longer than what it is asked; here all have read it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: _description(path))
        yield
