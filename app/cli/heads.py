"""The heads of requests, which are read before anyone knows who asks: so large, and for so long.

uvicorn's own protocol has no end to either: a head of 300 MB is kept and takes its parser minutes,
and a connection that says nothing is kept for ever.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 64 * 1024
MOST_S = 20.0


class Heads(HttpToolsProtocol):
    """uvicorn's protocol, which ends a connection whose request's head is too large or too slow.

    The time between two requests is uvicorn's own `timeout_keep_alive`.
    """

    most_s = MOST_S
    _waits = True  # for a head, or for the rest of one
    _bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait."""
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no longer."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Reads on, unless it is enough."""
        if self._waits:
            self._bytes += len(data)
        super().data_received(data)
        if not self._waits or not self._bytes or self.transport.is_closing():
            return
        if self._bytes > MOST_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._timer is None:
            self._start()

    def on_message_begin(self) -> None:
        """Counts anew: what was counted so far was the request's before."""
        self._bytes = 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Has a whole head."""
        self._stop()
        self._waits, self._bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Waits for the next one."""
        self._waits = True
        super().on_message_complete()

    def _start(self) -> None:
        self._timer = self.loop.call_later(self.most_s, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: HTTPStatus) -> None:
        self._stop()
        if getattr(self.cycle, "response_complete", True):  # or none has begun
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            self.transport.write(f"{line}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self.transport.close()
