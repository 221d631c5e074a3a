"""Implement `contact-billing metrics`: read the status at intervals and export it to Prometheus.

A scrape returns the last status read, so that frequent scrapes do not load the storage. Instants are exported as they
are, so that Prometheus computes the right age at any time. There are no metrics of this process itself.
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
from jobs.runtime.text_table import escape
from schemas.errors import ContactBillingError, SettingsError

_PREFIX = "contact_billing"


def run_metrics(out: Path | None, config: Path | None, agents: str | None, listen: tuple[str, int], every: int) -> None:
    """Serve metrics until a signal stops the process. Raises SettingsError if the address is unavailable."""
    exporter = Exporter(
        status_reader(out, config, agents), lambda error: click.echo(f"contact-billing: {escape(error)}", err=True)
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
    """The last status read, and the number of reads that failed."""

    def __init__(self, read: Callable[[], Status], report_error: Callable[[str], None]) -> None:
        """Start without a status; `report_error` receives the message of every read that fails."""
        self._read = read
        self._report_error = report_error
        # Replaced as a whole, so that a concurrent scrape never sees a mixture of two reads.
        self._status: Status | None = None
        self._failures = 0

    def run(self, stop: threading.Event, every: float) -> None:
        """Read the status every `every` seconds until `stop` is set."""
        while not stop.is_set():
            self.refresh()
            stop.wait(every)

    def refresh(self) -> None:
        """Read the status once; keep the previous one if that fails."""
        try:
            self._status = self._read()
        except ContactBillingError as error:
            self._failures += 1
            self._report_error(str(error))

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; those of the status only after a first successful read."""
        yield CounterMetricFamily(
            f"{_PREFIX}_look_failures", "Reads of the storage locations that failed", self._failures
        )
        if self._status is not None:
            yield from metrics_of(self._status)


def metrics_of(status: Status) -> Iterator[Metric]:
    """Yield the status as gauges; a missing instant has none."""
    yield _gauge("open_dates", "Dates with rows that are neither closed nor released", len(status.open))
    yield _gauge("unreleased_dates", "Closed dates without a release", len(status.unreleased))
    yield _gauge("behind_dates", "Released dates with objects that no release has read", len(status.behind))
    yield _gauge("failed_dates", "Dates whose last attempt did not pass the gate", len(status.failed))
    yield _gauge("released_dates", "Dates with a release", status.released)
    yield _gauge("held_lines", "Lines that wait for their extension", sum(status.held.values()))
    reasons: Counter[str] = Counter()
    for counts in status.quarantined.values():
        reasons.update(counts)
    meaning = "Quarantined records of dates that were tried, and those without a date"
    records = GaugeMetricFamily(f"{_PREFIX}_quarantined_records", meaning, labels=("reason",))
    for reason, count in sorted(reasons.items()):
        records.add_metric((reason,), count)
    yield records
    last = status.last_release
    yield from _instant("last_look", "When the storage locations were last read", status.seen_at)
    yield from _instant("last_release", "When a version was last announced", last.published_at if last else None)
    yield from _instant("newest_part", "When the ledger's newest part was written", status.newest_part_at)
    yield from _instant("agents_table", "When the agents' table was last written", status.agents_written_at)


def _instant(name: str, meaning: str, instant: str | None) -> Iterator[Metric]:
    if instant:
        yield _gauge(f"{name}_timestamp_seconds", meaning, datetime.datetime.fromisoformat(instant).timestamp())


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", meaning, value)
