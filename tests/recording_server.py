"""An HTTP server on loopback that keeps what it is sent."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator


class Recorder(http.server.BaseHTTPRequestHandler):
    """Keeps each request as its path, a blank, and the rest of it; answers 202."""

    received: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.received.append(self.path.encode() + b" " + str(self.headers).encode() + body)
        self.answer(body)

    do_GET = do_POST  # noqa: N815 - the name is the base class's

    def answer(self, body: bytes) -> None:
        self.send_response(202)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@contextlib.contextmanager
def recording(kind: type[Recorder] = Recorder) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and what it has been sent so far."""
    received: list[bytes] = []
    handler = type("Handler", (kind,), {"received": received})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()
