"""vLLM's own server as a child process: started, waited for, stopped. Nothing of it is remade."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx


class VllmDidNotStart(Exception):
    """The server ended, or was not healthy in time; its own output says why."""


@dataclass
class VllmServer:
    """`vllm serve MODEL` on loopback.

    Args:
        model: a hub name or a folder.
        served_as: the name that requests ask for.
        extra: further arguments of `vllm serve`.
        start_s: how long it may take until /health answers 200; weights may be downloaded.
        stop_s: how long it may take to end when asked kindly.
    """

    model: str
    served_as: str
    extra: Sequence[str] = ()
    port: int = 8000
    start_s: float = 15 * 60
    stop_s: float = 20
    command: Sequence[str] = ("vllm", "serve")
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def base_url(self) -> str:
        """Where its OpenAI routes are."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def arguments(self) -> list[str]:
        """The whole command line. It never fetches a picture: its front sends data: URIs."""
        return [
            *self.command, self.model,
            "--served-model-name", self.served_as,
            "--host", "127.0.0.1",
            "--port", str(self.port),
            *self.extra,
        ]  # fmt: skip

    def start(self) -> None:
        """Returns when the server is healthy.

        Raises:
            VllmDidNotStart: it is not, and has been stopped.
        """
        self._process = subprocess.Popen(self.arguments)  # noqa: S603 - our own arguments
        deadline = time.monotonic() + self.start_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise VllmDidNotStart(f"vllm ended with status {self._process.returncode}.")
            if self._healthy():
                return
            time.sleep(0.5)
        self.stop()
        raise VllmDidNotStart(f"vllm was not healthy within {self.start_s:.0f} s.")

    def stop(self) -> None:
        """Ends the server, kindly first."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(self.stop_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _healthy(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}/health"
            return httpx.get(url, timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False
