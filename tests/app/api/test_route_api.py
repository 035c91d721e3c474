from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.app.api.test_chat_api import api

pytestmark = pytest.mark.anyio


async def routed(tmp_path: Path, **body: Any) -> Any:
    async with api(tmp_path) as client:
        return await client.post("/api/route", json=body)


async def test_a_message_is_routed_without_being_asked(tmp_path: Path) -> None:
    response = await routed(tmp_path, message="How many ships are there?", has_image=True)
    assert response.status_code == 200
    assert response.json() == {
        "tasks": [
            {
                "task": "vqa",
                "vqa_type": "counting",
                "subtype": "count",
                "text": "How many ships are there?",
            }
        ],
        "source": "rule",
        "rule": "how many",
        "alternatives": ["vqa/area"],
        "confidence": 0.88,
    }


@pytest.mark.parametrize(
    "history",
    [
        ["How many ships are there?"],
        [
            {"role": "user", "content": "How many ships are there?"},
            {"role": "assistant", "content": "Describe the image."},
        ],
    ],
)
async def test_the_users_own_earlier_messages_count(tmp_path: Path, history: list[Any]) -> None:
    response = await routed(tmp_path, message="and planes?", history=history)
    assert response.json()["source"] == "history"
    assert response.json()["tasks"][0]["vqa_type"] == "counting"


async def test_the_callers_choice_wins(tmp_path: Path) -> None:
    response = await routed(tmp_path, message="Hello", vqa_type="area")
    assert response.json()["source"] == "explicit"
    assert response.json()["tasks"][0]["vqa_type"] == "area"


@pytest.mark.parametrize(
    "body",
    [{}, {"message": "x" * 20_001}, {"message": "hi", "task": "drive"}, {"message": "hi", "a": 1}],
)
async def test_what_is_no_request_is_refused(tmp_path: Path, body: dict[str, Any]) -> None:
    response = await routed(tmp_path, **body)
    assert response.status_code == 422
