from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.talking import ASKED, SSE, Held, chatting, events_in, said
from tests.modal_services.conformance.live import until


@pytest.fixture
def engine() -> Held:
    return Held()


@pytest.fixture
def client(tmp_path: Path, engine: Held) -> Iterator[httpx.Client]:
    with (
        chatting(tmp_path, engine) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=20) as client,
    ):
        yield client


def test_the_same_message_with_its_key_is_answered_once(client: httpx.Client, engine: Held) -> None:
    key = {"Idempotency-Key": "order-17"}
    first = client.post("/api/chat", json=ASKED, headers=key)
    again = client.post("/api/chat", json=ASKED, headers=key)
    streamed = said(client, **key)
    assert first.json() == again.json() == streamed[-1].data["turn"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(engine.prompts) == 1


def test_a_stream_with_its_key_is_told_again_from_the_start(
    client: httpx.Client, engine: Held
) -> None:
    first = said(client, **{"Idempotency-Key": "k"})
    assert said(client, **{"Idempotency-Key": "k"}) == first
    assert (
        client.post("/api/chat", json=ASKED, headers={"Idempotency-Key": "k"}).json()
        == (first[-1].data["turn"])
    )
    assert len(engine.prompts) == 1


@pytest.mark.parametrize("headers", [{}, SSE])
def test_another_message_with_the_same_key_is_a_422(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    headers = {**headers, "Idempotency-Key": "k"}
    client.post("/api/chat", json=ASKED, headers=headers)
    for other in ({"message": "Is there water?"}, {"thread_id": "other"}, {"task": "captioning"}):
        answer = client.post("/api/chat", json={**ASKED, **other}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "key_reused")


def test_keys_are_known_after_a_restart(tmp_path: Path) -> None:
    engine, key = Held(), {"Idempotency-Key": "k"}
    with chatting(tmp_path, engine) as url:
        first = httpx.post(f"{url}/api/chat", json=ASKED, headers=key, trust_env=False)
    with chatting(tmp_path, engine) as url:
        again = httpx.post(f"{url}/api/chat", json=ASKED, headers=key, trust_env=False)
        other = {**ASKED, "message": "Is there water?"}
        reused = httpx.post(f"{url}/api/chat", json=other, headers=key, trust_env=False)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert reused.status_code == 422
    assert len(engine.prompts) == 1


def test_a_message_that_is_still_answered_is_a_409_that_says_when(
    client: httpx.Client, engine: Held
) -> None:
    engine.held = True
    key = {"Idempotency-Key": "k"}
    with client.stream("POST", "/api/chat", json=ASKED, headers={**SSE, **key}) as answer:
        until(engine.began.is_set)
        again = client.post("/api/chat", json=ASKED, headers=key)
        engine.may_end.set()
        events = list(events_in(answer.iter_lines()))
    assert (again.status_code, again.json()["error"]["code"]) == (409, "turn_running")
    assert int(again.headers["retry-after"]) >= 1
    assert events[-1].name == "done"


def test_a_message_that_is_still_answered_may_be_attached_to(tmp_path: Path) -> None:
    engine, key = Held(held=True), {"Idempotency-Key": "k"}
    with (
        chatting(tmp_path, engine, when_repeated="attach") as url,
        httpx.Client(base_url=url, trust_env=False, timeout=20) as client,
        client.stream("POST", "/api/chat", json=ASKED, headers={**SSE, **key}) as answer,
    ):
        until(engine.began.is_set)
        with client.stream("POST", "/api/chat", json=ASKED, headers={**SSE, **key}) as again:
            engine.may_end.set()
            assert list(events_in(again.iter_lines())) == list(events_in(answer.iter_lines()))
    assert len(engine.prompts) == 1


def test_a_cancelled_message_is_asked_when_it_is_sent_again(
    client: httpx.Client, engine: Held
) -> None:
    engine.held = True
    key = {"Idempotency-Key": "k"}
    with client.stream("POST", "/api/chat", json=ASKED, headers={**SSE, **key}) as answer:
        turn_id = answer.headers["X-Turn-Id"]
        until(engine.began.is_set)
        client.post(f"/api/turns/{turn_id}/cancel")
    engine.held = False
    again = client.post("/api/chat", json=ASKED, headers=key)
    assert (again.status_code, again.json()["turn_id"]) == (200, turn_id)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "schlüssel".encode()])
def test_a_key_that_cannot_be_one_is_a_400(client: httpx.Client, key: str | bytes) -> None:
    answer = client.post(
        "/api/chat",
        json=ASKED,
        headers={b"Idempotency-Key": key if isinstance(key, bytes) else key.encode()},
    )
    assert answer.status_code == 400
