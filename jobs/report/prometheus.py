"""`contact-billing metrics`: the state of the places, looked at again and again, in; metrics for Prometheus out.

What is scraped is what the last look has found: a scraper, however eager, asks nothing of the storage. Instants leave
as they are, so that their age is right whenever it is asked for. Nothing of this process itself is among the metrics.
"""

import datetime
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from jobs.report.status import Status, status_reader
from jobs.runtime.signals import stopped_by_signals
from schemas.errors import ContactBillingError, SettingsError

_PREFIX = "contact_billing"


def run_metrics(out: Path | None, config: Path | None, agents: str | None, listen: tuple[str, int], every: int) -> None:
    """Serves metrics until it is stopped. SettingsError: nobody can listen there."""
    exporter = Exporter(
        status_reader(out, config, agents), lambda what: click.echo(f"contact-billing: {what}", err=True)
    )
    with stopped_by_signals() as stop:
        host, port = listen
        registry = CollectorRegistry()
        registry.register(exporter)
        try:
            server, thread = start_http_server(port, host, registry)
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {host}:{port}: {error.strerror}; name another with --listen"
            ) from None
        click.echo(f"metrics at http://{host}:{port}/metrics")
        exporter.run(stop, every)
        server.shutdown()
        server.server_close()
        thread.join()


class Exporter(Collector):
    """What the last look has found, when that was, and how many looks have failed."""

    def __init__(self, look: Callable[[], Status], complain: Callable[[str], None]) -> None:
        self._look = look
        self._complain = complain
        # Replaced as a whole: whoever scrapes sees one look or another.
        self._seen: Status | None = None
        self._failures = 0

    def run(self, stop: threading.Event, every: float) -> None:
        """Looks every so many seconds until it is stopped."""
        while not stop.is_set():
            self.refresh()
            stop.wait(every)

    def refresh(self) -> None:
        """Looks once. What was seen before stays where nothing can be seen."""
        try:
            self._seen = self._look()
        except ContactBillingError as error:
            self._failures += 1
            self._complain(str(error))

    def collect(self) -> Iterator[Metric]:
        """The metrics; those of the state once there is one."""
        yield CounterMetricFamily(f"{_PREFIX}_look_failures", "Looks at the places that have failed", self._failures)
        if self._seen is not None:
            yield from metrics_of(self._seen)


def metrics_of(found: Status) -> Iterator[Metric]:
    """The state as gauges. An instant that there is not is no metric."""
    yield _gauge("open_dates", "Dates with rows that are neither closed nor released", len(found.open))
    yield _gauge("unreleased_dates", "Closed dates without a release", len(found.unreleased))
    yield _gauge("behind_dates", "Released dates with objects that no release has looked at", len(found.behind))
    yield _gauge("failed_dates", "Dates whose last attempt did not pass the gate", len(found.failed))
    yield _gauge("released_dates", "Dates with a release", found.released)
    yield _gauge("held_lines", "Lines that wait for their extension", sum(found.held.values()))
    reasons: Counter[str] = Counter()
    for counts in found.quarantined.values():
        reasons.update(counts)
    records = GaugeMetricFamily(
        f"{_PREFIX}_quarantined_records", "Quarantined records of dates that were tried", labels=("reason",)
    )
    for reason, count in sorted(reasons.items()):
        records.add_metric((reason,), count)
    yield records
    last = found.last_release
    yield from _instant("last_look", "When the places were last looked at", found.seen_at)
    yield from _instant("last_release", "When a version was last announced", last.published_at if last else None)
    yield from _instant("newest_part", "When the ledger's newest part was written", found.newest_part_at)
    yield from _instant("agents_table", "When the agents' table was last written", found.agents_written_at)


def _instant(name: str, meaning: str, instant: str | None) -> Iterator[Metric]:
    if instant:
        yield _gauge(f"{name}_timestamp_seconds", meaning, datetime.datetime.fromisoformat(instant).timestamp())


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", meaning, value)
