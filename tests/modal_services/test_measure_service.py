"""The embedded engine behind a service: what crosses the wire, and who waits for it."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import anyio.lowlevel
import httpx
import numpy as np
import pytest
from PIL import Image

from app.evidence import masks_kept
from imagery import Limits, Picture
from imagery.store import ImageStore
from modal_services.api import create_service
from modal_services.engines.measure import MeasureEngine
from modal_services.facts import PictureFacts, told
from modal_services.stores.memory import MemoryJobs
from tests.imagery.pictures import tiff
from tests.modal_services.measuring import BLUE, GREEN, picture

MODEL = "qwen-vqa-special"


def body(question: str, shown: Picture) -> dict[str, Any]:
    uri = shown.data_uri(10**7)
    parts = [{"type": "image_url", "image_url": {"url": uri}}, {"type": "text", "text": question}]
    return {"model": MODEL, "messages": [{"role": "user", "content": parts}]}


def service() -> httpx.AsyncClient:
    app = create_service(MODEL, MeasureEngine(), MemoryJobs())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


@pytest.mark.anyio
async def test_measurements_stand_beside_the_choices() -> None:
    question = told(PictureFacts(256, 256, ndwi_percent=(48, 52)), "How much is water?")
    async with service() as client:
        answer = (await client.post("/v1/chat/completions", json=body(question, _half()))).json()

    (found,) = answer["measurements"]
    assert answer["model"] == "local-measurements"
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert (found["intent"], found["value"], found["range"]) == ("share", 50.0, [48.0, 52.0])
    assert (found["unit"], found["mask"]) == ("percent", "ndwi")
    assert answer["swath"]["engine"] == "measure"


@pytest.mark.anyio
async def test_a_stream_ends_with_the_measurements() -> None:
    request = body("What is the size of the image?", _half()) | {"stream": True}
    async with service() as client:
        text = (await client.post("/v1/chat/completions", json=request)).text

    assert text.count('"measurements"') == 1
    assert '"value":[256,256]' in text


@pytest.mark.anyio
async def test_others_are_served_while_a_picture_is_measured() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1100, 1100, 3), np.uint8)
    request = body("Describe the image in detail.", Picture(noise, "image/png"))
    async with service() as client:
        asked = asyncio.ensure_future(client.post("/v1/chat/completions", json=request))
        served = 0
        while not asked.done():
            served += (await client.get("/health")).status_code == 200
            await anyio.lowlevel.checkpoint()
        assert (await asked).status_code == 200

    assert served > 1


@pytest.mark.anyio
async def test_a_mask_becomes_a_reference_and_never_bytes_in_the_state(tmp_path: Path) -> None:
    images = ImageStore(tmp_path, Limits())
    bands = np.full((3, 60, 80), 800, np.uint16)
    bands[2] = 2400
    bands[:, :, :40] = np.array([200, 600, 100])[:, None, None]
    bands += np.random.default_rng(0).integers(0, 9, bands.shape).astype(np.uint16)
    image = images.put(tiff(bands, names=("red", "green", "nir")), "lake.tif")
    png = images.picture(image.url)[0]
    uri = "data:image/png;base64," + base64.b64encode(png).decode()
    masks = [uri, "ndwi", "ndvi", None, "data:image/png;base64,!!!", "http://127.0.0.1/mask.png"]

    kept = await masks_kept({"measurements": [{"mask": mask} for mask in masks]}, image, images)

    urls = [each["mask"] for each in kept["measurements"]]
    assert urls[0].startswith("sha256:")
    assert urls[3:] == [None, None, None]
    with Image.open(tmp_path / urls[1][7:9] / urls[1][7:] / "original") as water:
        wet = np.asarray(water)
    assert wet[:, :40].all()
    assert not wet[:, 40:].any()
    assert await masks_kept({"engine": "upstream"}, image, images) == {"engine": "upstream"}


def _half() -> Picture:
    return picture(BLUE, GREEN)
