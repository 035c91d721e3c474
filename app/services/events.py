"""Server-sent events: from bytes to the data of each event."""

from __future__ import annotations

from collections.abc import Iterator

from modal_services.lines import Lines


class EventParser:
    """Takes bytes as they arrive, and gives the data of events; comments and names are left out."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The events that these bytes complete."""
        for line in self._lines.feed(chunk):
            if line.startswith("data:"):
                self._data.append(line[5:].removeprefix(" "))
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
