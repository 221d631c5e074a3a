"""Serve a role's page over HTTP from memory, and render it again when dates close or releases change.

The server listens on loopback unless another address is set, and then rejects requests whose Host header names another
host: a foreign page, open in the same browser, must not read this one.
"""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click
import msgspec

from jobs.report.page import html
from jobs.report.pages.page_for_role import page_for_role
from jobs.report.release_history import released_dates
from jobs.report.result import ReportResult
from jobs.runtime.output import Emit
from jobs.runtime.signals import stopped_by_signals
from jobs.settings.date_range import DateRange
from jobs.settings.locations import StorageLocations
from jobs.settings.settings import Settings
from schemas.errors import ContactBillingError, SettingsError
from schemas.report_roles import RoleName
from sinks.paths import MANIFEST, latest_name, release_object, version_file
from sinks.release import FILES

_LOOPBACK = ("127.0.0.1", "localhost")
_RELEASE = "release"
_KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "parquet": "application/vnd.apache.parquet"}


class PageRequest(msgspec.Struct, frozen=True):
    """The page to serve: its role, storage locations, settings, and dates."""

    role: RoleName
    locations: StorageLocations
    settings: Settings
    dates: DateRange

    def page(self) -> bytes:
        """Render the page as of now; the browser reloads it."""
        poll = self.settings.follow.poll_seconds
        links = self.settings.report.links.rstrip("/") or f"/{_RELEASE}"
        return html(page_for_role(self.role, self.locations, self.settings, self.dates, links, poll))

    def state(self) -> object:
        """Return what the page depends on: an equal state gives the same page."""
        partner = self.locations.release_store() if self.role != "supervisor" else None
        dates = released_dates(partner) if partner else []
        latest = [partner.get(latest_name(date)) for date in dates] if partner else []
        ledger = self.locations.open_ledger(self.settings, claim=False) if self.role != "billing" else None
        closed = ledger.closed() if ledger else {}
        store = self.locations.audit_store() if self.role == "operator" else None
        audits = [(name, store.get(name)) for name in store.names("attempts")] if store else []
        return dates, latest, closed, audits

    def file(self, path: str) -> bytes | None:
        """Return a release file that the page may link to; None for any other path."""
        if self.role != "billing":
            return None
        partner = self.locations.release_store()
        item = release_object(path.removeprefix(f"{_RELEASE}/")) if path.startswith(f"{_RELEASE}/") else None
        if item is None or item.version is None or item.file not in (*FILES, MANIFEST):
            return None
        if not self.dates.has_billing_date(item.billing_date) or item.billing_date not in released_dates(partner):
            return None
        return partner.get(version_file(item.billing_date, item.version, item.file))


class CachedPage:
    """The page, and the state that it was rendered from."""

    def __init__(self, request: PageRequest) -> None:
        """Render the page for the first time."""
        self._request = request
        self._lock = threading.Lock()
        self._state, self._page = request.state(), request.page()

    def page(self) -> bytes:
        """Return the page, rendered again if its state has changed; one request at a time."""
        with self._lock:
            if (state := self._request.state()) != self._state:
                self._page = self._request.page()
                self._state = state
            return self._page

    def file(self, path: str) -> bytes | None:
        """Return a release file that the page may link to; None for any other path."""
        return self._request.file(path)


def serve(request: PageRequest, listen: tuple[str, int], emit: Emit) -> None:
    """Serve until a signal stops the process. Raises SettingsError if the address is unavailable."""
    host, port = listen
    cache = CachedPage(request)
    try:
        server = ThreadingHTTPServer((host, port), _handler(cache, host))
    except OSError as error:
        raise SettingsError(f"--listen {host}:{port}: {error.strerror}; name another port") from None
    server.daemon_threads = True
    with server, stopped_by_signals() as stop:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
        if host not in _LOOPBACK:
            click.echo(f"contact-billing: everybody who reaches {host}:{port} can read the page", err=True)
        emit(ReportResult(f"http://{host}:{server.server_address[1]}/", request.role, len(cache.page())))
        stop.wait()
        server.shutdown()


def _handler(cache: CachedPage, host: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Handler of GET and HEAD for the page and the files that it links to."""

        server_version, sys_version = "contact-billing", ""

        def do_GET(self) -> None:
            status, kind, body = self._answer()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("X-Frame-Options", "DENY")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def _answer(self) -> tuple[HTTPStatus, str, bytes]:
            request_host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
            if host in _LOOPBACK and request_host not in _LOOPBACK:
                return HTTPStatus.MISDIRECTED_REQUEST, "text/plain", b"this page is for another host\n"
            path = self.path.partition("?")[0]
            try:
                if path == "/":
                    return HTTPStatus.OK, "text/html; charset=utf-8", cache.page()
                body = cache.file(path.removeprefix("/"))
            except ContactBillingError as error:
                return HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", f"{error}\n".encode()
            if body is None:
                return HTTPStatus.NOT_FOUND, "text/plain", b"there is no such page\n"
            return HTTPStatus.OK, _KINDS[path.rpartition(".")[2]], body

        def log_message(self, format: str, *args: Any) -> None:
            """Do not log requests: who reads which page is private."""

    return Handler
