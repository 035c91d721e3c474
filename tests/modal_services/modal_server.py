"""A stand-in for Modal's own server: `modal deploy` talks to it, and it keeps what was sent."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from grpclib.const import Handler
from grpclib.server import Server
from modal_proto import api_pb2
from modal_proto.api_grpc import ModalClientBase

from tests.end_to_end.servers import free_port

KINDS = {"app_id": "ap", "class_id": "cs", "environment_id": "en", "function_id": "fu",
         "image_id": "im", "mount_id": "mo", "secret_id": "st", "volume_id": "vo"}  # fmt: skip


class FakeModalServer:
    """Answers every call with what lets a deployment go on."""

    def __init__(self) -> None:
        self.sent: defaultdict[str, list[Any]] = defaultdict(list)
        self._names: dict[str, str] = {}
        self._made = 0

    def __mapping__(self) -> dict[str, Handler]:
        """Every route of the real server's definition."""
        anything: Any = type("Anything", (ModalClientBase,), {})
        anything.__abstractmethods__ = frozenset()  # only the types of its routes are wanted
        routes: dict[str, Handler] = anything().__mapping__()
        return {
            path: route._replace(func=self._handle(path.rsplit("/", 1)[1], route.reply_type))
            for path, route in routes.items()
        }

    def _handle(self, name: str, reply_type: Callable[[], Any]) -> Callable[[Any], Awaitable[None]]:
        async def handle(stream: Any) -> None:
            request = await stream.recv_message()
            self.sent[name].append(request)
            await stream.send_message(self._reply(name, request, reply_type()))

        return handle

    def _reply(self, name: str, request: Any, reply: Any) -> Any:
        for field in reply.DESCRIPTOR.fields_by_name:
            if field in KINDS:
                self._made += 1
                earlier = getattr(request, f"existing_{field}", "")
                setattr(reply, field, earlier or f"{KINDS[field]}-{self._made}")
        match name:
            case "EnvironmentGetOrCreate":
                reply.metadata.settings.image_builder_version = "2026.10"
            case "ImageGetOrCreate":
                reply.result.status = api_pb2.GenericResult.GENERIC_STATUS_SUCCESS
            case "FunctionPrecreate":
                _describe(request, reply.handle_metadata)
            case "FunctionCreate":
                _describe(request.function, reply.handle_metadata)
                only = reply.function_data.ranked_functions.add()
                only.function.CopyFrom(request.function)
            case "MountPutFile":
                reply.exists = True
        return reply


def _describe(function: Any, metadata: Any) -> None:
    """Says back what a function and its methods are."""
    metadata.function_name, metadata.function_type = function.function_name, function.function_type
    for name, method in function.method_definitions.items():
        known = metadata.method_handle_metadata[name]
        known.function_name, known.function_type = method.function_name, method.function_type


@contextlib.contextmanager
def modal_server() -> Iterator[tuple[FakeModalServer, str]]:
    """Serves while entered; gives the server and its address."""
    fake, loop, port = FakeModalServer(), asyncio.new_event_loop(), free_port()

    async def listen() -> Server:
        server = Server([fake])
        await server.start("127.0.0.1", port)
        return server

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield fake, f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(server.wait_closed(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
