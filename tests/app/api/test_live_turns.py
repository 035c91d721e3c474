from __future__ import annotations

import asyncio
import contextlib
import gc
import weakref

import pytest

from app.api.live import LiveTurn, Request
from app.api.live_turns import LiveTurns
from app.api.refused import Refused
from app.errors import BadRequest, DatabaseTrouble, ServerStopping
from app.events import Hear, Token, TurnBegan
from app.turn import Turn

pytestmark = pytest.mark.anyio


def request(turn_id: str = "x", **options: object) -> Request:
    return Request(turn_id, "", "digest", **options)  # type: ignore[arg-type]


async def waits(_hear: Hear) -> Turn:
    await asyncio.Event().wait()
    raise AssertionError


async def refuses(hear: Hear) -> Turn:
    hear(TurnBegan("x", "t"))
    for number in range(5):
        hear(Token(0, str(number)))
    raise BadRequest("No.", hint="Ask something else.")


async def collected(live: LiveTurn, place: int | None = 0) -> bytes:
    return b"".join([piece async for piece in live.events(place)])


async def test_a_silent_turn_is_told_of_by_comments() -> None:
    turns = LiveTurns(asyncio.Event())
    live = turns.begin(request(), waits)
    async with contextlib.aclosing(live.events(0, ping_s=0.001)) as events:
        assert await anext(events) == await anext(events) == b": ping\n\n"
    await live.ended.wait()


async def test_a_turn_ends_when_the_last_of_its_readers_leaves() -> None:
    turns = LiveTurns(asyncio.Event())
    live = turns.begin(request(), waits)
    with live.reader():
        with live.reader():
            pass
        await asyncio.sleep(0)
        assert not live.ended.is_set()
    async with asyncio.timeout(5):
        await live.ended.wait()
    assert b"turn_cancelled" in await collected(live)


async def test_a_turn_that_goes_on_does_not_need_a_reader() -> None:
    turns = LiveTurns(asyncio.Event())
    live = turns.begin(request(keeps_on=True), waits)
    with live.reader():
        pass
    await asyncio.sleep(0.01)
    assert not live.ended.is_set()
    live.cancel()
    await live.ended.wait()


async def test_every_stream_has_its_end_when_the_server_stops() -> None:
    turns = LiveTurns(asyncio.Event())
    lives = [turns.begin(request(str(number)), waits) for number in range(3)]
    turns.leaving.set()
    await turns.stop()
    for live in lives:
        told = await collected(live)
        assert told.count(b"event: error") == 1
        assert b'"code":"stopping"' in told
        assert b"id: end" not in told  # the turn has not ended
    with pytest.raises(ServerStopping):
        turns.begin(request("late"), waits)


async def test_a_log_that_is_full_tells_no_more_tokens_but_the_end() -> None:
    live = LiveTurn(request(), asyncio.Event(), on_end=lambda _live: None, most_events=3)
    live.start(refuses)
    told = await collected(live)
    assert told.count(b"event: token") == 2
    assert told.endswith(b"\n\n")
    assert told.count(b"event: error") == 1
    assert b"Ask something else." in told


async def test_logs_are_forgotten_after_a_while_and_beyond_a_number() -> None:
    turns = LiveTurns(asyncio.Event(), most_kept=1)
    for name in ("a", "b"):
        live = turns.begin(request(name, key=name), refuses)
        await live.ended.wait()
    await asyncio.sleep(0)
    assert turns.of_id("", "a") is None
    assert turns.of_key("", "a") is None
    assert turns.of_key("", "b") is live
    brief = LiveTurns(asyncio.Event(), kept_s=0)
    live = brief.begin(request(), refuses)
    await live.ended.wait()
    await asyncio.sleep(0.01)
    assert brief.of_id("", "x") is None


async def test_a_log_that_is_forgotten_early_leaves_nothing_behind() -> None:
    first = LiveTurns(asyncio.Event()).begin(request("9"), refuses)
    await first.ended.wait()
    turns = LiveTurns(asyncio.Event(), most_kept_bytes=2 * first.size)
    lives = weakref.WeakSet[LiveTurn]()
    for _ in range(20):
        live = turns.begin(request("9"), refuses)
        lives.add(live)
        await live.ended.wait()
    await asyncio.sleep(0)
    assert turns.of_id("", "9") is live
    del live
    gc.collect()
    assert len(lives) == 2


async def test_a_key_has_so_many_turns_at_a_time_whether_or_not_they_are_read() -> None:
    turns = LiveTurns(asyncio.Event(), most_running=2)
    first, _ = (
        turns.begin(Request(name, "acme", "digest", keeps_on=True), waits) for name in ("a", "b")
    )
    with pytest.raises(Refused) as refused:
        turns.begin(Request("c", "acme", "digest"), waits)
    assert refused.value.status_code == 429
    turns.begin(Request("d", "zenith", "digest"), waits)
    for name in ("e", "f", "g"):
        turns.begin(request(name), waits)  # nobody is counted where no keys are
    first.cancel()
    await first.ended.wait()
    turns.begin(Request("c", "acme", "digest"), waits)
    turns.leaving.set()
    await turns.stop()


async def test_trouble_with_the_database_is_not_a_turns_end() -> None:
    async def troubled(_hear: Hear) -> Turn:
        raise DatabaseTrouble("The database is away.")

    turns = LiveTurns(asyncio.Event())
    live = turns.begin(request(), troubled)
    told = await collected(live)
    assert b'"code":"database_trouble"' in told
    assert b"id: end" not in told
    await asyncio.sleep(0.01)
    assert turns.of_id("", "x") is None  # the ledger tells its end


async def test_another_owners_turn_is_not_found() -> None:
    turns = LiveTurns(asyncio.Event())
    live = turns.begin(request(key="k"), refuses)
    await live.ended.wait()
    assert turns.of_id("acme", "x") is None
    assert turns.of_key("acme", "k") is None


@pytest.mark.parametrize("last", ["1", "-1", "name-1", "x" * 500, "é-²"])
async def test_what_is_no_place_of_this_log_is_answered_with_the_end(last: str) -> None:
    live = LiveTurn(request(), asyncio.Event(), on_end=lambda _live: None)
    live.start(refuses)
    await live.ended.wait()
    assert live.place(last) is None
    assert (await collected(live, None)).count(b"event:") == 1
