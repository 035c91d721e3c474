"""vLLM's own server as a child process: started, waited for, stopped. Nothing of it is remade."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from modal_services.samples import coast

PICTURE = {"type": "image_url", "image_url": {"url": coast()}}
WARM_UPS = ("Hello.", [PICTURE, {"type": "text", "text": "Describe this satellite image."}])


class VllmDidNotStart(Exception):
    """The server ended, was not healthy in time, or does not answer; its own output says why."""


@dataclass
class VllmServer:
    """`vllm serve MODEL` on loopback.

    Args:
        model: a hub name or a folder.
        served_as: the name that requests ask for.
        extra: further arguments of `vllm serve`.
        environment: variables of the server besides those it inherits.
        api_key: what its requests must bear; none: open to this machine.
        start_s: how long it may take until /health answers 200; weights may be downloaded.
        warm_up_s: how long one first answer, a fall asleep or a waking may take.
        stop_s: how long it may take to end when asked kindly.
    """

    model: str
    served_as: str
    extra: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    api_key: str = field(default="", repr=False)
    port: int = 8000
    start_s: float = 15 * 60
    warm_up_s: float = 5 * 60
    stop_s: float = 20
    command: Sequence[str] = ("vllm", "serve")
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def root(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """Where its OpenAI routes are."""
        return self.root + "/v1"

    @property
    def arguments(self) -> list[str]:
        """The whole command line. It never fetches a picture: its front sends data: URIs."""
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return [
            *(["env", *variables] if variables else []),
            *self.command, self.model,
            "--served-model-name", self.served_as,
            "--host", "127.0.0.1",
            "--port", str(self.port),
            *(["--api-key", self.api_key] if self.api_key else []),
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

    def warm_up(self) -> None:
        """Asks in words, then about a picture: the first caller waits for no kernel to be built.

        Raises:
            VllmDidNotStart: it does not answer.
        """
        for content in WARM_UPS:
            messages = [{"role": "user", "content": content}]
            body = {"model": self.served_as, "messages": messages, "max_tokens": 8}
            self._post("/v1/chat/completions", body)

    def sleep(self) -> None:
        """Puts the weights into main memory, so that a snapshot of the container is taken there.

        Needs `--enable-sleep-mode` and `VLLM_SERVER_DEV_MODE=1`.
        """
        self._post("/sleep?level=1")

    def wake(self) -> None:
        """Brings the weights back to the GPU."""
        self._post("/wake_up")

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

    def _post(self, path: str, body: object = None) -> None:
        key = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        try:
            answer = httpx.post(
                self.root + path, json=body, headers=key, timeout=self.warm_up_s, trust_env=False
            )
        except httpx.TransportError as error:
            raise VllmDidNotStart(f"vllm does not answer {path}: {error!r}") from error
        if not answer.is_success:
            said = f"{answer.status_code} {answer.text[:200]}"
            raise VllmDidNotStart(f"vllm answers {path} with {said}")

    def _healthy(self) -> bool:
        try:
            return httpx.get(self.root + "/health", timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False
