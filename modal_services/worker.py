"""What runs beside the model on the GPU: vLLM, and the answering of requests with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagery import Limits
from modal_services.answering import Answerer
from modal_services.engines.upstream import UpstreamEngine
from modal_services.prompting import load_public
from modal_services.stores.modal import packed
from modal_services.vllm_server import VllmServer

SLEEPING = ("--enable-sleep-mode",)
SLEEP_ROUTES = {"VLLM_SERVER_DEV_MODE": "1"}


class Worker:
    """A model server and an answerer.

    With `snapshot`, `start` ends with the model asleep, so that the container's memory can be
    kept and a later container begins at `resume`.

    Args:
        weights, revision: the model on the hub, and the commit of it.
        model: the name that requests ask for.
        arguments: further ones of `vllm serve`.
        snapshot: whether the model sleeps between the two.
        server: another server, for tests.
    """

    def __init__(
        self,
        weights: str,
        revision: str,
        model: str,
        arguments: tuple[str, ...],
        *,
        snapshot: bool = False,
        server: VllmServer | None = None,
    ) -> None:
        whole = ("--revision", revision, *arguments, *(SLEEPING if snapshot else ()))
        variables = SLEEP_ROUTES if snapshot else {}
        self.server = server or VllmServer(weights, model, whole, variables)
        self._model = model
        self._snapshot = snapshot

    def start(self) -> None:
        """Starts the model and warms it up.

        Raises:
            VllmDidNotStart: with the reason; the container ends with it.
        """
        self.server.start()
        self.server.warm_up()
        if self._snapshot:
            self.server.sleep()

    def resume(self) -> None:
        """Makes it answer. No connection is opened before: none would survive a snapshot."""
        if self._snapshot:
            self.server.wake()
        engine = UpstreamEngine(self.server.base_url, self._model)
        self._answerer = Answerer(self._model, engine, Limits(), load_public)

    async def answer(self, request: Mapping[str, object]) -> dict[str, Any]:
        """Answers one request; never raises, since exceptions do not cross well."""
        return packed(await self._answerer.run(request))

    def stop(self) -> None:
        """Stops the model."""
        self.server.stop()
