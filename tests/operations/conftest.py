"""The services of a run, for what is done here to a job that runs on them."""

from tests.live.conftest import broker, services, stream

__all__ = ["broker", "services", "stream"]
