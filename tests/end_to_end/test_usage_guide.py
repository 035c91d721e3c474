"""The usage guide's own code against real services: only addresses are changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openai
import pytest
import requests

from tests.end_to_end.servers import served
from tests.fakes import data_uri, png

IMAGE = data_uri(png(64, 48))


@dataclass(frozen=True)
class Services:
    vqa: str
    captioning: str


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("services")
    with (
        served("service", "vqa", data_dir=folder, health="/health") as (vqa, _),
        served("service", "captioning", data_dir=folder, health="/health") as (captioning, _),
    ):
        yield Services(vqa, captioning)


@pytest.fixture(scope="module")
def guide(shared_data: Path) -> str:
    """Sections 3 to 5 of the guide, with addresses that are here."""
    text = (shared_data.parent / "reference" / "API_USE.md").read_text()
    sections = text[text.index("## 3.") : text.index("## 6.")]
    return re.sub(r"https://example\.com/[\w.]+", IMAGE, sections)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_guides_curl_lines_are_answered(guide: str, services: Services) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    lines = [block for block in blocks(guide, "bash") if block.startswith("curl")]
    assert len(lines) == 3
    for line in lines:
        done = subprocess.run(
            ["bash", "-euc", line],
            env={
                "VQA_BASE_URL": services.vqa,
                "CAPTION_BASE_URL": services.captioning,
                "PATH": "/usr/local/bin:/usr/bin:/bin",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        body = json.loads(done.stdout)
        assert body["model"] == "local-measurements", body
        assert body.get("status") == "ok" or body["choices"][0]["message"]["content"]


def test_the_guides_python_blocks_run_one_after_the_other(guide: str, services: Services) -> None:
    submit, poll = blocks(guide, "python")
    names: dict[str, Any] = {}
    submit = submit.replace("https://<org>--qwen3-vlm-captioning.modal.run", services.captioning)
    exec(submit, names)  # noqa: S102 - the guide's own code
    assert names["call_id"].startswith("fc-")
    exec(poll, names)  # noqa: S102
    assert names["result"]["choices"][0]["message"]["content"]


def test_a_result_can_be_polled_again_and_a_made_up_id_is_a_404(services: Services) -> None:
    status = f"{services.vqa}/v1/chat/completions/status/fc-abc123xyz"
    answer = requests.get(status, timeout=10)
    assert answer.status_code == 404
    assert answer.json()["error"]
    assert "traceback" not in answer.json()


def test_the_official_openai_client_gets_an_answer(services: Services) -> None:
    with openai.OpenAI(base_url=f"{services.vqa}/v1", api_key="unused") as client:
        answer = client.chat.completions.create(
            model="qwen-vqa-special",
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is the size of the image?"},
                        {"type": "image_url", "image_url": {"url": IMAGE}},
                    ],
                }
            ],
            max_tokens=64,
            temperature=0.0,
        )
        models = [model.id for model in client.models.list()]
    assert "64" in (answer.choices[0].message.content or "")
    assert answer.model == "local-measurements"
    assert models[0] == "local-measurements"


def test_the_official_openai_client_understands_our_errors(services: Services) -> None:
    with openai.OpenAI(base_url=f"{services.vqa}/v1", api_key="unused") as client:
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(
                model="gpt-9", messages=[{"role": "user", "content": "hi"}]
            )
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="qwen-vqa-special", messages=[])


def test_a_connection_survives_an_error(services: Services) -> None:
    with requests.Session() as session:
        for _ in range(5):
            bad = session.post(f"{services.vqa}/v1/chat/completions", data="{", timeout=10)
            good = session.get(f"{services.vqa}/health", timeout=10)
            assert (bad.status_code, good.status_code) == (400, 200)
