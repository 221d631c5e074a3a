"""Release dates on Flink workers: what each worker needs, does, and gives back."""

import datetime
from collections.abc import Iterator

import msgspec

from jobs.agents.table import load_agents
from jobs.releases.publisher import Publisher, publisher_at
from jobs.releases.results import Released
from jobs.runtime.log_format import Event
from jobs.runtime.logs import log, redact_worker_logs
from jobs.runtime.redaction import redact_errors
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from schemas import errors
from sinks.ledger import Ledger


class ReleaseInputs(msgspec.Struct, frozen=True):
    """What every worker needs."""

    locations: StorageLocations
    settings: Settings
    agents_uri: str

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return self.locations.open_ledger(self.settings, claim=False)

    def publisher(self) -> Publisher:
        """Read the agents' history, and return what releases dates with it."""
        history = load_agents(self.agents_uri, self.settings.storage.s3)
        return publisher_at(self.locations, self.ledger(), self.settings, history)


class DateResult(msgspec.Struct, frozen=True):
    """The result of one date, or the user's error that stopped it."""

    billing_date: str
    released: Released | None = None
    error: str = ""
    error_class: str = ""


class ReleaseDates:
    """Releases dates on a worker. Releasing a date again after a failure writes nothing twice."""

    def __init__(self, inputs: ReleaseInputs) -> None:
        self._inputs = inputs
        self._publisher: Publisher | None = None

    def run(self, date: str) -> Iterator[str]:
        """Yield the result of a date. A user's error is a result, so that the other dates go on."""
        redact_worker_logs("release")
        try:
            with redact_errors():
                self._publisher = self._publisher or self._inputs.publisher()
                result = DateResult(date, self._publisher.release_date(date, datetime.datetime.now(tz=datetime.UTC)))
        except errors.ContactBillingError as error:
            log(Event.FAILED, date=date, error=type(error).__name__)
            result = DateResult(date, error=str(error), error_class=type(error).__name__)
        yield msgspec.json.encode(result).decode()


def check_released(results: list[DateResult]) -> None:
    """Raise the error of the first date that has one."""
    for result in results:
        if result.error:
            raise getattr(errors, result.error_class)(f"{result.billing_date}: {result.error}")
