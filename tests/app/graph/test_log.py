from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.log_entries import LONGEST, clean
from app.settings import Settings
from app.state import KEPT_LOG, LogEntry, keyed_log
from tests.app.agents import agent_over
from tests.fakes import FakeService, completion, data_uri

pytestmark = pytest.mark.anyio

PICTURE = "data:image/png;base64," + "QUJD" * 200
TRACE = 'Traceback (most recent call last):\n  File "/srv/app.py", line 3\nKeyError'


def one(number: int, turn_id: str = "t") -> LogEntry:
    return LogEntry(
        key=f"{turn_id}/{number}", ts="", turn_id=turn_id, node="n", event="ok", ms=None,
        attempt=None, message="", detail={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "canary"),
    [
        (f"It sent {PICTURE}", "QUJDQUJD"),
        ("It sent " + "QUJD" * 100, "QUJDQUJD"),
        ("Authorization: Bearer canary123456", "canary123456"),
        ("bad key sk-canary123456", "canary"),
        ("postgresql://user:canary@host/db", "canary"),
        ('{"api_key": "canary"}', "canary"),
        ("set by the operator: canary", "canary"),
        (TRACE, "KeyError"),
    ],
)
def test_pictures_secrets_and_tracebacks_are_taken_out(text: str, canary: str) -> None:
    assert canary not in clean(text, secrets=("canary",))


def test_plain_words_stay_as_they_are_and_long_ones_are_cut() -> None:
    words = "VQA: Failed - The vqa service answered 503: busy, as-built drawings, token limit"
    assert clean(words) == words
    assert len(clean("word " * 1000)) == LONGEST


def test_a_log_is_bounded_keyed_and_of_one_turn() -> None:
    many = [one(number) for number in range(KEPT_LOG + 50)]
    assert keyed_log(many, many) == many[-KEPT_LOG:]
    assert keyed_log(many, [one(1, "next")]) == [one(1, "next")]


@pytest.mark.parametrize("status", [400, 401, 500, 503])
async def test_no_canary_of_a_service_reaches_the_turn_its_log_or_the_state(
    tmp_path: Path, status: int
) -> None:
    settings = Settings(data_dir=tmp_path, service_api_key=SecretStr("canary-key"), _env_file=None)
    body = {"error": {"message": f"canary-key was refused. {PICTURE} {TRACE}"}}
    async with agent_over(settings, FakeService([httpx.Response(status, json=body)])) as agent:
        turn = await agent.ask("How many ships?", image=data_uri(), thread_id="t")
        state = await agent.graph.aget_state({"configurable": {"thread_id": "t"}})
    told = turn.model_dump_json() + repr(state.values)
    assert turn.status == "failed"
    for canary in ("canary-key", "QUJDQUJD", "Traceback", "/srv/app.py", ";base64,"):
        assert canary not in told


async def test_an_answer_with_a_canary_is_logged_without_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, service_api_key=SecretStr("canary-key"), _env_file=None)
    answer = FakeService([httpx.Response(200, json=completion("canary-key and 3 ships"))])
    async with agent_over(settings, answer) as agent:
        turn = await agent.ask("How many ships?", image=data_uri())
    assert "canary-key" not in str(turn.log)


async def test_the_log_tells_each_nodes_time_and_every_retry(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    steps = [httpx.Response(503), httpx.Response(200, json=completion("3"))]
    async with agent_over(settings, FakeService(steps)) as agent:
        turn = await agent.ask("How many ships?", image=data_uri())
    told = {(entry["node"], entry["event"]): entry for entry in turn.log}
    assert told["call_vqa", "retry"]["detail"]["kind"] == "retry"
    end = told["call_vqa", "ok"]
    assert end["attempt"] == 2
    assert end["ms"] is not None
    assert end["detail"]["model"] == "a-vlm"
    assert str(turn.log).splitlines()[2:] == [
        "VQA (counting): Calling service...",
        "VQA: Asking again: The vqa service answered 503: nothing",
        "VQA: Success (3...)",
        "Turn: answered",
    ]
