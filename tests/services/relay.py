"""Stands before a service of Amazon's. In: answers to give in its place. Out: what was asked and answered.

Loopback only; without a service behind it, what has no answer is an error.
"""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.services.process import HOST


class Relay:
    """Hands requests on, and keeps them with their answers."""

    def __init__(self, endpoint: str, behind: str | None) -> None:
        self.endpoint = endpoint
        self.asked: list[dict[str, Any]] = []
        self.answered: list[bytes] = []
        # Statuses and documents that are given before anything is handed on.
        self.prepared: list[tuple[int, dict[str, Any]]] = []
        self._behind = behind

    def refuse(self, code: str, times: int = 1) -> None:
        """Prepares so many refusals, as DynamoDB words them."""
        error = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "planted-message"}
        self.prepared += [(400, error)] * times

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The answer to a request."""
        self.asked.append(json.loads(body))
        if self.prepared:
            status, document = self.prepared.pop(0)
            data = json.dumps(document).encode()
        else:
            status, data = self._handed_on(headers, body)
        self.answered.append(data)
        return status, data

    def _handed_on(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self._behind is None:
            return 500, b"{}"
        connection = http.client.HTTPConnection(urlsplit(self._behind).netloc, timeout=30)
        try:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def relay(behind: str | None = None) -> Iterator[Relay]:
    """A relay that runs, before the service at an endpoint or before none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, data = found.answer(dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps quiet."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        found = Relay(f"http://{HOST}:{server.server_port}", behind)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
