"""Notices that the process was asked to end, before the server waits for open answers."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def noticing_signals(stopping: asyncio.Event) -> Iterator[None]:
    """While entered, SIGTERM and SIGINT set the event and then do what they did before.

    A lifespan's end would be too late: uvicorn comes to it after the last answer. Outside the main
    thread there are no signals to notice.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def notice(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    # One that the system handles (ends the process, or ignores it) is left alone.
    ours = [number for number, handler in before.items() if callable(handler)]
    for number in ours:
        signal.signal(number, notice)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is notice:
                signal.signal(number, before[number])
