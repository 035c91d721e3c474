from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.agent import open_agent
from app.asked import Asked
from app.errors import ThreadNotFound
from app.settings import Settings
from imagery import ImageNotFound
from tests.app.api.clients import keyed
from tests.databases import KINDS, threads_place
from tests.fakes import data_uri, png

pytestmark = pytest.mark.anyio

SIZE = "What is the size of the image?"
UNKNOWN = "sha256:" + "0" * 64


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SecretStr]:
    for url in threads_place(request.param, tmp_path):
        yield SecretStr(url)


async def uploaded(client: httpx.AsyncClient, data: bytes, name: str = "a.png") -> str:
    answer = await client.post("/api/images", files={"file": (name, data)})
    assert answer.status_code == 201, answer.text
    image_id: str = answer.json()["id"]
    return image_id


async def requests_with(client: httpx.AsyncClient, image_id: str) -> list[httpx.Response]:
    """Every route that takes an image's id."""
    return [
        await client.get(f"/api/images/{image_id}"),
        await client.get(f"/api/images/{image_id}/facts"),
        await client.get(f"/api/images/{image_id}/preview"),
        await client.post("/api/chat", json={"message": SIZE, "image": image_id}),
        await client.post("/api/vqa", params={"image_url": image_id, "question": SIZE}),
    ]


def told(answer: httpx.Response, image_id: str) -> tuple[int, Any]:
    """An answer without what differs between any two requests."""
    body = answer.json()
    body["error"].pop("request_id")
    body["error"]["message"] = body["error"]["message"].replace(image_id, "ID")
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    headers.pop("content-length")
    return answer.status_code, (body, headers)


async def test_anothers_image_is_answered_exactly_like_an_unknown_one(tmp_path: Path) -> None:
    async with keyed(tmp_path) as clients:
        image_id = await uploaded(clients["acme"], png(40, 30))
        own = await requests_with(clients["acme"], image_id)
        others = await requests_with(clients["zenith"], image_id)
        unknown = await requests_with(clients["zenith"], UNKNOWN)
    assert {answer.status_code for answer in own} == {200}
    assert [told(each, image_id) for each in others] == [told(each, UNKNOWN) for each in unknown]
    assert {answer.status_code for answer in others} == {404}


async def test_two_owners_may_have_the_same_bytes_and_learn_nothing_of_it(tmp_path: Path) -> None:
    async with keyed(tmp_path) as clients:
        first = await uploaded(clients["acme"], png(40, 30), "secret site.png")
        again = await clients["zenith"].post("/api/images", files={"file": ("b.png", png(40, 30))})
        answer = await clients["zenith"].post("/api/chat", json={"message": SIZE, "image": first})
    assert again.json()["id"] == first
    assert again.json()["image"]["source"] == "upload:b.png"
    assert answer.status_code == 200
    assert "secret site" not in answer.text + again.text


async def test_a_thread_of_the_same_name_is_another_thread_of_each_owner(
    tmp_path: Path, database: SecretStr
) -> None:
    image = data_uri(png(40, 30))
    async with keyed(tmp_path, database_url=database) as clients:
        first = await clients["acme"].post(
            "/api/chat", json={"message": SIZE, "image": image, "thread_id": "harbor"}
        )
        other = await clients["zenith"].post(
            "/api/chat", json={"message": SIZE, "thread_id": "harbor"}
        )
        own = await clients["acme"].post("/api/chat", json={"message": SIZE, "thread_id": "harbor"})
    assert first.json()["thread_id"] == other.json()["thread_id"] == "harbor"
    assert "40 pixels" in own.json()["content"]
    assert "40 pixels" not in other.json()["content"]
    assert other.json()["image"] is None


@pytest.mark.parametrize("thread_id", ["acme:harbor", "acme harbor", "../harbor", "a" * 65, "é"])
async def test_no_thread_id_reaches_into_another_owners(tmp_path: Path, thread_id: str) -> None:
    async with keyed(tmp_path) as clients:
        answer = await clients["zenith"].post(
            "/api/chat", json={"message": SIZE, "thread_id": thread_id}
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


async def test_an_owners_view_of_the_agent_is_its_own(tmp_path: Path, database: SecretStr) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database, _env_file=None)
    async with open_agent(settings, isolated=False) as operator:
        acme, zenith, nobody = operator.of("acme"), operator.of("zenith"), operator.of("")
        turn = await acme.ask(SIZE, image=data_uri(), thread_id="t", key="order-17")
        assert turn.image is not None
        assert (await acme.ask(SIZE, image=data_uri(), thread_id="t", key="order-17")) == turn
        other = await zenith.ask("Hello!", thread_id="t", key="order-17")
        assert other.turn_id != turn.turn_id
        assert len(await acme.transcript("t")) == len(await zenith.transcript("t")) == 2
        assert await nobody.transcript("t") == []
        for stranger in (zenith, nobody):
            with pytest.raises(ImageNotFound):
                await stranger.picture(turn.image.url)
        with pytest.raises(ThreadNotFound):
            await nobody.delete_thread("acme:t")
        with pytest.raises(ThreadNotFound):
            await nobody.transcript("acme:t")
        catalogue = operator.threads.catalogue
        assert [t.thread_id for t in await catalogue.listed(owner="acme")] == ["acme:t"]
        assert await catalogue.listed(owner="") == []
        assert {t.thread_id for t in await catalogue.listed()} == {"acme:t", "zenith:t"}
        assert await zenith.prune(-1) == ["t"]
        assert await acme.prune(1000) == []
        assert len(await operator.transcript("acme:t")) == 2
        await acme.delete_thread("t")
        assert await acme.transcript("t") == []


async def test_owners_whose_names_begin_alike_are_told_apart(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    async with open_agent(settings, isolated=False) as operator:
        await operator.of("a_b").ask("Hello!", thread_id="t")
        await operator.of("a-b").ask("Hello!", thread_id="t")
        await operator.of("a").ask("Hello!", thread_id="b")
        listed = operator.threads.catalogue.listed
        for owner, thread in (("a_b", "a_b:t"), ("a-b", "a-b:t"), ("a", "a:b")):
            assert [each.thread_id for each in await listed(owner=owner)] == [thread]


async def test_a_turn_that_was_cut_off_finds_its_owners_picture(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    async with open_agent(settings, isolated=False) as gone:
        ref = await gone.of("acme").keep_bytes(png(40, 30), "upload")
        new = Asked(SIZE, owner="acme").turn("t", "x", None, ref.url)
        await gone.threads.ledger.accept(new)
    async with open_agent(settings, isolated=False) as agent:
        assert await agent.resume() == 1
        said = await agent.of("acme").transcript("t")
    assert "40 pixels" in said[-1].content
