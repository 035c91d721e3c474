"""Lines of a server-sent event stream, from bytes as they arrive."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a \r at the very end may be half of a \r\n


class Lines:
    """Splits where the standard says and nowhere else.

    JSON may hold a raw U+2028, at which `str.splitlines` and with it httpx's `aiter_lines` would
    cut a line in two.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that these bytes complete."""
        *lines, self._rest = LINE_END.split(self._rest + chunk)
        return [line.decode(errors="replace") for line in lines]


async def lines_in(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The lines of a whole stream; the last one may lack its end."""
    lines = Lines()
    async for chunk in chunks:
        for line in lines.feed(chunk):
            yield line
    for line in lines.feed(b"\n"):
        yield line
