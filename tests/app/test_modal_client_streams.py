from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import VisionError, VisionFailed, VisionRefused, VisionTimeout, VisionUnavailable
from app.services.endpoint import Endpoint
from app.services.events import EventParser
from app.services.modal_client import ModalServiceClient
from app.services.retry import RetryPolicy
from app.services.vision import VqaReply
from tests.fakes import Clock, FakeService, Step, completion, data_uri

pytestmark = pytest.mark.anyio

IMAGE = data_uri()
SSE = {"Content-Type": "text/event-stream; charset=utf-8"}


def chunk(text: str | None = None, **extra: Any) -> str:
    choice = {"index": 0, "delta": {"content": text} if text is not None else {}}
    body = {"model": "a-vlm", "choices": [{**choice, "finish_reason": extra.pop("finish", None)}]}
    return f"data: {json.dumps({**body, **extra}, ensure_ascii=False)}\n\n"


ROLE = 'data: {"choices": [{"delta": {"role": "assistant"}}], "model": "a-vlm"}\n\n'
USAGE = 'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}\n\n'
END = "data: [DONE]\n\n"
WHOLE = [ROLE, chunk("Three"), chunk(" ships."), chunk(finish="stop"), USAGE, END]


def sse(*parts: str) -> httpx.Response:
    return httpx.Response(200, headers=SSE, content="".join(parts).encode())


class Dripping(httpx.AsyncByteStream):
    """A body that arrives in pieces, and may end with an error; remembers being closed."""

    def __init__(self, *parts: str | Exception) -> None:
        self.parts = parts
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            if isinstance(part, Exception):
                raise part
            yield part.encode()
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        self.closed = True


def dripping(*parts: str | Exception) -> Step:
    return lambda _: httpx.Response(200, headers=SSE, stream=Dripping(*parts))


def client_of(*steps: Step, timeout_s: float = 30) -> tuple[ModalServiceClient, FakeService]:
    service, clock = FakeService(steps), Clock()
    endpoint = Endpoint("http://vqa", "m", timeout_s, transport=service.transport)
    retry = RetryPolicy(sleep=clock.sleep, jitter=lambda: 0.5)
    return ModalServiceClient(endpoint, endpoint, retry, now=clock.now), service


async def streamed(client: ModalServiceClient) -> tuple[list[str], VqaReply]:
    pieces, reply = [], None
    async with client:
        async for piece in client.stream_vqa(IMAGE, "How many ships?", "counting"):
            if isinstance(piece, str):
                pieces.append(piece)
            else:
                reply = piece
    assert reply is not None
    return pieces, reply


async def test_the_text_comes_in_pieces_and_the_reply_at_the_end() -> None:
    client, service = client_of(sse(*WHOLE))
    pieces, reply = await streamed(client)
    assert pieces == ["Three", " ships."]
    assert (reply["answer"], reply["vqa_type"], reply["model"]) == (
        "Three ships.",
        "counting",
        "a-vlm",
    )
    assert reply["usage"] == {"prompt_tokens": 7, "completion_tokens": 2}
    assert service.bodies[0]["stream"] is True
    assert service.bodies[0]["stream_options"] == {"include_usage": True}


async def test_a_description_is_streamed_too() -> None:
    client, _ = client_of(sse(*WHOLE))
    async with client:
        pieces = [piece async for piece in client.stream_captioning(IMAGE)]
    assert pieces[:2] == ["Three", " ships."]
    assert isinstance(pieces[2], dict)
    assert pieces[2]["caption"] == "Three ships."


async def test_a_server_that_answers_json_gives_one_piece() -> None:
    client, _ = client_of(httpx.Response(200, json=completion()))
    pieces, reply = await streamed(client)
    assert pieces == ["Three ships."]
    assert reply["answer"] == "Three ships."


async def test_a_server_that_refuses_to_stream_is_asked_for_the_whole() -> None:
    error = {"error": {"message": "stream: Input should be False", "param": "stream"}}
    client, service = client_of(
        httpx.Response(400, json=error), httpx.Response(200, json=completion())
    )
    pieces, _ = await streamed(client)
    assert pieces == ["Three ships."]
    assert "stream" not in service.bodies[1]


async def test_any_other_refusal_is_a_refusal() -> None:
    client, service = client_of(httpx.Response(400, json={"error": {"message": "upstream says"}}))
    with pytest.raises(VisionRefused):
        await streamed(client)
    assert len(service.requests) == 1


async def test_it_begins_again_while_nothing_has_arrived() -> None:
    client, service = client_of(
        httpx.Response(503),
        dripping(ROLE, httpx.ReadError("reset")),
        sse(ROLE),
        sse(*WHOLE),
    )
    pieces, reply = await streamed(client)
    assert pieces == ["Three", " ships."]
    assert reply["attempts"] == len(service.requests) == 4


BROKEN: list[tuple[Step, type[VisionError]]] = [
    (sse(chunk("Three"), 'data: {"error": {"message": "out of memory"}}\n\n'), VisionFailed),
    (sse(chunk("Three"), "data: {no json\n\n"), VisionFailed),
    (sse(chunk("Three")), VisionUnavailable),
    (dripping(chunk("Three"), httpx.ReadError("reset")), VisionUnavailable),
]


@pytest.mark.parametrize(("step", "kind"), BROKEN)
async def test_what_breaks_after_the_first_piece_is_an_error_and_not_begun_again(
    step: Step, kind: type[VisionError]
) -> None:
    client, service = client_of(step)
    async with client:
        pieces = client.stream_vqa(IMAGE, "?")
        first = await anext(pieces)
        with pytest.raises(VisionError) as caught:
            await anext(pieces)
    assert type(caught.value) is kind
    assert first == "Three"
    assert len(service.requests) == 1


async def test_an_error_event_before_the_first_piece_is_a_failure() -> None:
    client, service = client_of(sse('data: {"error": "CUDA"}\n\n'))
    with pytest.raises(VisionFailed, match="CUDA"):
        await streamed(client)
    assert len(service.requests) == 1


async def test_an_answer_without_words_is_a_failure() -> None:
    client, _ = client_of(sse(ROLE, chunk(finish="stop"), END))
    with pytest.raises(VisionFailed, match="empty"):
        await streamed(client)


async def test_a_finish_reason_ends_an_answer_as_well_as_done() -> None:
    client, _ = client_of(sse(chunk("Yes."), chunk(finish="stop")))
    assert (await streamed(client))[0] == ["Yes."]


async def test_leaving_early_closes_the_servers_answer() -> None:
    body = Dripping(chunk("One"), *[chunk("more")] * 1000)
    client, _ = client_of(lambda _: httpx.Response(200, headers=SSE, stream=body))
    async with client, contextlib.aclosing(client.stream_vqa(IMAGE, "?")) as pieces:
        assert await anext(pieces) == "One"
    assert body.closed


async def test_a_stream_that_stalls_is_cut_off_at_the_deadline() -> None:
    class Stalling(Dripping):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield chunk("One").encode()
            await asyncio.sleep(60)

    client, _ = client_of(
        lambda _: httpx.Response(200, headers=SSE, stream=Stalling()), timeout_s=0.1
    )
    with pytest.raises(VisionTimeout):
        await streamed(client)


@given(st.lists(st.text(max_size=20), max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_events_are_the_same_however_their_bytes_are_cut(
    texts: list[str], line_end: str, data: st.DataObject
) -> None:
    """Raw U+2028, U+0085 and half characters at the ends of chunks among them."""
    events = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    wire = "".join(f": ping{line_end}data: {event}{line_end * 2}" for event in events).encode()
    parser, found, rest = EventParser(), [], wire
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        found += [*parser.feed(rest[:cut])]
        rest = rest[cut:]
    assert [*found, *parser.end()] == events
