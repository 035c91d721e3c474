"""Server-sent events: from bytes to the data of each event."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a \r at the very end may be half of a \r\n


class EventParser:
    """Takes bytes as they arrive, and gives the data of events; comments and names are left out.

    Lines end where the standard says and nowhere else: JSON may hold a raw U+2028, at which
    `str.splitlines` and with it httpx's `aiter_lines` would cut an event in two.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The events that these bytes complete."""
        *lines, self._rest = LINE_END.split(self._rest + chunk)
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].decode(errors="replace").removeprefix(" "))
            elif not line:
                yield from self._event()

    def end(self) -> Iterator[str]:
        """The last event of a server that ends without the empty line."""
        yield from self.feed(b"\n")
        yield from self._event()

    def _event(self) -> Iterator[str]:
        if self._data:
            yield "\n".join(self._data)
            self._data = []
