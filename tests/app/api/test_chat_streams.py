from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.talking import ASKED, SSE, Event, Held, chatting, events_in, said
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


def rest(client: httpx.Client, turn_id: str, last: str | None = None) -> list[Event]:
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", f"/api/turns/{turn_id}/events", headers=headers) as answer:
        return list(events_in(answer.iter_lines()))


def test_a_stream_tells_the_turn_its_plan_nodes_tokens_log_answer_and_end(
    client: httpx.Client,
) -> None:
    events = said(client)
    first, *_, last = events
    assert (first.name, first.data["plan"]) == ("turn", None)
    [_, planned] = [one.data for one in events if one.name == "turn"]
    assert planned["turn_id"] == first.data["turn_id"]
    assert planned["plan"]["tasks"][0]["vqa_type"] == "counting"
    nodes = [(one.data["node"], one.data["state"]) for one in events if one.name == "node"]
    assert ("call_vqa", "start") in nodes
    assert ("compose", "end") in nodes
    tokens = [one.data for one in events if one.name == "token"]
    assert [one["text"] for one in tokens] == ["Three ", "ships", "."]
    assert {one["task"] for one in tokens} == {0}
    assert [one.data["answer"]["value"] for one in events if one.name == "answer"] == [3]
    assert (last.name, last.id) == ("done", "end")
    assert last.data["turn"]["content"] == "Three ships."
    logged = [one.data for one in events if one.name == "log"]
    assert logged == last.data["turn"]["execution_log"]
    assert len({one.id for one in events}) == len(events)


def test_a_reader_who_comes_back_misses_nothing_and_sees_nothing_twice(
    client: httpx.Client,
) -> None:
    whole = said(client)
    turn_id = whole[0].data["turn_id"]
    rng = random.Random(7)
    for _ in range(12):
        seen: list[Event] = []
        while not seen or seen[-1].name != "done":
            coming = rest(client, turn_id, seen[-1].id if seen else None)
            seen += coming[: rng.randint(1, len(coming))]
        assert seen == whole


def test_a_reader_may_come_back_while_the_turn_runs(client: httpx.Client, engine: Held) -> None:
    engine.held = True
    asked = {**ASKED, "continue_on_disconnect": True}
    seen: list[Event] = []
    with client.stream("POST", "/api/chat", json=asked, headers=SSE) as answer:
        for event in events_in(answer.iter_lines()):
            seen.append(event)
            if event.name == "token":
                break
    turn_id = seen[0].data["turn_id"]
    assert client.get(f"/api/turns/{turn_id}").json()["state"] == "open"
    engine.may_end.set()
    seen += rest(client, turn_id, seen[-1].id)
    assert "".join(one.data["text"] for one in seen if one.name == "token") == "Three ships."
    assert seen == rest(client, turn_id)


def test_all_that_was_read_is_not_sent_again(client: httpx.Client) -> None:
    turn_id = said(client)[-1].data["turn"]["turn_id"]
    answer = client.get(f"/api/turns/{turn_id}/events", headers={"Last-Event-ID": "end"})
    assert answer.status_code == 204


def test_of_another_servers_log_the_end_is_told_once(client: httpx.Client) -> None:
    whole = said(client)
    turn_id = whole[0].data["turn_id"]
    assert rest(client, turn_id, "deadbeef-3") == whole[-1:]
    assert rest(client, turn_id, "what?") == whole[-1:]


def test_the_ledger_tells_the_end_when_the_log_is_gone(tmp_path: Path) -> None:
    with chatting(tmp_path, Held()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        whole = said(client)
    with chatting(tmp_path, Held()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert rest(client, whole[0].data["turn_id"], whole[3].id) == whole[-1:]


def test_a_reader_who_leaves_ends_the_turn_and_the_call_of_the_service(
    client: httpx.Client, engine: Held
) -> None:
    engine.held = True
    with client.stream("POST", "/api/chat", json=ASKED, headers=SSE) as answer:
        turn_id = answer.headers["X-Turn-Id"]
        until(engine.began.is_set)
    assert engine.left.wait(10)
    until(lambda: client.get(f"/api/turns/{turn_id}").json()["state"] == "cancelled")
    assert client.get(f"/api/turns/{turn_id}").json()["error"]["code"] == "turn_cancelled"
    last = rest(client, turn_id)[-1]
    assert (last.name, last.data["error"]["code"]) == ("error", "turn_cancelled")


def test_a_caller_of_the_whole_answer_who_leaves_ends_the_call_too(
    client: httpx.Client, engine: Held
) -> None:
    engine.held = True
    with pytest.raises(httpx.ReadTimeout):
        client.post("/api/chat", json=ASKED, timeout=2)
    assert engine.left.wait(10)


def test_a_turn_is_cancelled_by_its_id(client: httpx.Client, engine: Held) -> None:
    engine.held = True
    with client.stream("POST", "/api/chat", json=ASKED, headers=SSE) as answer:
        turn_id = answer.headers["X-Turn-Id"]
        until(engine.began.is_set)
        cancelled = client.post(f"/api/turns/{turn_id}/cancel")
        events = list(events_in(answer.iter_lines()))
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert events[-1].data["error"]["code"] == "turn_cancelled"
    assert engine.left.wait(10)
    again = client.post(f"/api/turns/{turn_id}/cancel")
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")


def test_a_turn_that_has_ended_is_left_as_it_is(client: httpx.Client) -> None:
    turn = client.post("/api/chat", json=ASKED).json()
    answer = client.post(f"/api/turns/{turn['turn_id']}/cancel").json()
    assert (answer["state"], answer["turn"]) == ("answered", turn)


def test_what_is_wrong_from_the_start_has_its_own_status(client: httpx.Client) -> None:
    nothing = client.post("/api/chat", json={}, headers=SSE)
    lost = {"message": "?", "image": "sha256:" + "0" * 64}
    missing = client.post("/api/chat", json=lost, headers=SSE)
    assert (nothing.status_code, missing.status_code) == (400, 404)
    assert missing.json()["error"]["code"] == "image_not_found"


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("application/json, Text/Event-Stream; q=0.9", True),
        ("text/event-streams", False),
        ("*/*", False),
    ],
)
def test_events_are_told_to_those_who_ask_for_them(
    client: httpx.Client, accept: str, streams: bool
) -> None:
    answer = client.post("/api/chat", json=ASKED, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("text/event-stream") is streams


@pytest.mark.parametrize("path", ["", "/events"])
def test_an_unknown_turn_is_a_404(client: httpx.Client, path: str) -> None:
    assert client.get(f"/api/turns/none{path}").status_code == 404
    assert client.post("/api/turns/none/cancel").status_code == 404
