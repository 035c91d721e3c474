"""Files made to do harm, in the processes where a service decodes them."""

from __future__ import annotations

import asyncio
import gzip
import json
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from imagery import ImageryError, Limits
from imagery.pool import DecodePool
from tests.fuzz.files import whole_files
from tests.imagery import jobs
from tests.imagery.pictures import chunked_png, one_line, png, saved

pytestmark = pytest.mark.anyio

LIMITS = Limits()
MAX_EXTRA_BYTES = 300 * 1024**2


@pytest.fixture
async def pool() -> AsyncIterator[DecodePool]:
    async with DecodePool(LIMITS) as pool:
        yield pool


@pytest.fixture
def labelled(shared_data: Path) -> list[tuple[dict[str, Any], bytes]]:
    text = (shared_data / "imagery/labels.jsonl").read_text("utf-8")
    rows = [row for row in map(json.loads, text.splitlines()) if row["task"] == "hostile"]
    assert len(rows) > 40
    return [(row, (shared_data / "imagery" / row["file"]).read_bytes()) for row in rows]


async def test_every_labelled_file_is_handled_within_its_memory(
    pool: DecodePool, labelled: list[tuple[dict[str, Any], bytes]]
) -> None:
    wrong = []
    for row, data in labelled:
        how, extra = await pool.run(jobs.outcome, data, LIMITS)
        if not _as_proposed(how, row["answer"]) or extra > MAX_EXTRA_BYTES:
            wrong.append((row["file"], row["answer"], how, extra))
    assert wrong == []


async def test_all_labelled_files_at_once_end_as_one_after_the_other(
    pool: DecodePool, labelled: list[tuple[dict[str, Any], bytes]]
) -> None:
    first = await asyncio.gather(*(pool.run(jobs.outcome, data, LIMITS) for _, data in labelled))
    again = [await pool.run(jobs.outcome, data, LIMITS) for _, data in labelled]
    assert [how for how, _ in first] == [how for how, _ in again]
    assert (await pool.decode(png())).width_px == 64


async def test_a_worker_gives_its_memory_back(pool: DecodePool, shared_data: Path) -> None:
    large = (shared_data / "imagery/hostile/large_6000.jpg").read_bytes()
    await pool.decode(large)
    before = await pool.run(jobs.resident_bytes)
    for _ in range(6):
        await pool.decode(large)
    assert await pool.run(jobs.resident_bytes) < before + 50 * 1024**2


@pytest.mark.parametrize("name", ["png", "bits", "gif", "webp", "bmp", "avif", "jpeg"])
async def test_a_bomb_is_refused_by_its_header(pool: DecodePool, name: str) -> None:
    how, extra = await pool.run(jobs.outcome, BOMBS[name](), LIMITS)
    assert how == "reject image_too_large"
    assert extra < 30 * 1024**2


async def test_a_tiff_of_160_megapixels_is_read_smaller_in_little_memory(pool: DecodePool) -> None:
    how, extra = await pool.run(jobs.outcome, BOMBS["group4"](), LIMITS)
    assert how == "accept"
    assert extra < 200 * 1024**2


@pytest.mark.parametrize("name", ["inflating", "profile", "text", "frames", "gzip"])
async def test_what_inflates_beside_the_picture_takes_no_memory(
    pool: DecodePool, name: str
) -> None:
    how, extra = await pool.run(jobs.outcome, SWELLING[name](), LIMITS)
    assert how in ("accept", "reject corrupt_image", "reject not_an_image")
    assert extra < 200 * 1024**2


async def test_the_largest_picture_allowed_fits_the_memory(pool: DecodePool) -> None:
    deep = struct.pack(">IIBBBBB", 7000, 7000, 16, 6, 0, 0, 0)
    row = b"\0" + bytes(8 * 7000)
    data = chunked_png(deep, b"".join([row] * 6999) + b"\0" + b"\xff" * (8 * 7000))
    try:
        assert (await pool.decode(data)).width_px == 7000
    except ImageryError as error:
        pytest.fail(one_line(error))


async def test_a_jpeg_2000_with_a_box_of_no_length_within_another_is_read_to_an_end(
    pool: DecodePool,
) -> None:
    whole = bytearray(whole_files()["plain.jp2"])
    place = whole.index(b"colr") - 4
    whole[place : place + 4] = bytes(4)
    how, _ = await pool.run(jobs.outcome, bytes(whole), LIMITS)
    assert how == "accept"


def _as_proposed(how: str, proposed: str) -> bool:
    if how == "accept":
        return any(word in proposed for word in ("accept", "say_too_small", "resize"))
    return "reject" in proposed


def _grey_png(width: int, height: int, bits: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return chunked_png(header, bytes((1 + width * bits // 8) * 1000))


def _group4() -> bytes:
    """A TIFF of 160 million white pixels in a few kilobytes."""
    return saved(Image.new("1", (16_000, 10_000), 1), "TIFF", compression="group4")


def _gif() -> bytes:
    start = saved(Image.new("P", (1, 1)), "GIF")
    size = struct.pack("<HH", 65_535, 65_535)
    return start[:6] + size + start[10:]


def _webp() -> bytes:
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + b"\xfe\x3f\0" * 2
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _bmp() -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head


def _avif() -> bytes:
    data = bytearray(saved(Image.new("RGB", (64, 64)), "AVIF"))
    place = data.index(b"ispe") + 8
    data[place : place + 8] = struct.pack(">II", 12_000, 12_000)
    return bytes(data)


def _jpeg() -> bytes:
    data = bytearray(saved(Image.new("RGB", (64, 64)), "JPEG"))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(data)


def _with_chunk(name: bytes, body: bytes) -> bytes:
    data = png()
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data[:33] + chunk + data[33:]


def _inflating() -> bytes:
    """A small picture whose pixels inflate to 200 MB."""
    header = struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)
    return chunked_png(header, bytes(200_000_000))


def _frames() -> bytes:
    """An animation of 100,000 frames."""
    start = saved(Image.new("P", (64, 64)), "GIF")
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x08\x02\x04\x01\0"
    return start[:-1] + frame * 100_000 + b";"


BOMBS: dict[str, Callable[[], bytes]] = {
    "png": lambda: _grey_png(12_000, 12_000, 8),
    "bits": lambda: _grey_png(30_000, 30_000, 1),
    "gif": _gif,
    "group4": _group4,
    "webp": _webp,
    "bmp": _bmp,
    "avif": _avif,
    "jpeg": _jpeg,
}
SWELLING: dict[str, Callable[[], bytes]] = {
    "inflating": _inflating,
    "profile": lambda: _with_chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(200_000_000))),
    "text": lambda: _with_chunk(b"zTXt", b"t\0\0" + zlib.compress(bytes(200_000_000))),
    "frames": _frames,
    "gzip": lambda: gzip.compress(bytes(1_000_000)),
}
