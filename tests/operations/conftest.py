"""The services of the live job's tests, started once more for what is done to them here."""

from tests.live.conftest import broker, folder, services

__all__ = ["broker", "folder", "services"]
