from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from imagery import BadReference, EmptyImage, ImageryError, ImageTooLarge, Limits
from imagery.opening import Opened, open_facts, open_picture, open_reference
from imagery.pool import DecodePool
from imagery.reading import PLAIN, Reading
from imagery.windows import parse_window
from tests.fakes import png
from tests.imagery.pictures import ramp, tiff

pytestmark = pytest.mark.anyio

LIMITS = Limits()
SMALL = Limits(max_bytes=1000)


def raster(path: Path, bands: int = 4) -> Path:
    path.write_bytes(
        tiff(np.stack([ramp() // n for n in range(1, bands + 1)]), photometric="MINISBLACK")
    )
    return path


async def test_a_photo_is_opened_whole(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png(64, 48))
    picture = await open_picture(str(path), LIMITS)
    assert (picture.width_px, picture.height_px, picture.facts) == (64, 48, None)


async def test_what_takes_too_long_is_ended_where_a_pool_reads_it(tmp_path: Path) -> None:
    path = raster(tmp_path / "scene.tif")
    async with DecodePool(Limits(decode_s=1e-6), workers=1) as pool:
        for read in (open_picture, open_facts):
            with pytest.raises(ImageTooLarge, match="to decode"):
                await read(str(path), LIMITS, run=pool.run)


async def test_a_pool_reads_the_same_as_a_thread(tmp_path: Path) -> None:
    path = raster(tmp_path / "scene.tif")
    async with DecodePool(LIMITS, workers=1) as pool:
        picture = await open_picture(str(path), LIMITS, run=pool.run)
    assert picture.facts == await open_facts(str(path), LIMITS)


async def test_a_local_raster_over_the_byte_limit_is_opened_in_place(tmp_path: Path) -> None:
    path = raster(tmp_path / "scene.tif")
    assert path.stat().st_size > SMALL.max_bytes
    opened = await open_reference(str(path), SMALL, files=True)
    assert opened == Opened(path, "file:scene.tif", Reading(name="scene.tif"))
    picture = await open_picture(str(path), SMALL)
    assert picture.facts is not None


async def test_a_large_photo_is_not(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(png(640, 480))
    with pytest.raises(ImageTooLarge):
        await open_picture(str(path), Limits(max_bytes=100))


async def test_a_window_is_read_of_a_raster_only(tmp_path: Path) -> None:
    reading = Reading(window=parse_window("2,3,12,8", kind="pixels"))
    picture = await open_picture(str(raster(tmp_path / "a.tif")), LIMITS, reading)
    assert (picture.width_px, picture.height_px) == (10, 5)
    (tmp_path / "a.png").write_bytes(png())
    with pytest.raises(BadReference, match="rasters only"):
        await open_picture(str(tmp_path / "a.png"), LIMITS, reading)


async def test_a_products_name_tells_its_bands(tmp_path: Path) -> None:
    named = await open_picture(str(raster(tmp_path / "m_naip_2020.tif")), LIMITS)
    unnamed = await open_picture(str(raster(tmp_path / "scene.tif")), LIMITS)
    assert named.facts is not None
    assert unnamed.facts is not None
    assert named.facts.band("nir", known=True) == 4
    assert named.facts.ndvi_mean is not None
    assert "the file's name says what its bands are: naip" in named.facts.warnings
    assert unnamed.facts.band("nir", known=True) is None
    assert unnamed.facts.ndvi_mean is None


async def test_a_person_may_say_what_the_bands_are(tmp_path: Path) -> None:
    reading = Reading(band_roles={"red": 1, "nir": 4})
    facts = await open_facts(str(raster(tmp_path / "scene.tif")), LIMITS, reading)
    assert facts.ndvi_mean is not None


async def test_a_raster_without_data_has_facts_but_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "empty.tif"
    path.write_bytes(tiff(np.zeros((4, 20, 30), np.uint16), nodata=0))
    with pytest.raises(EmptyImage):
        await open_picture(str(path), LIMITS)
    facts = await open_facts(str(path), LIMITS)
    assert (facts.width_px, facts.nodata_share) == (30, 1)


async def test_a_stac_items_bands_and_notes_come_along(tmp_path: Path) -> None:
    raster(tmp_path / "B.tif")
    bands = [{"name": n, "common_name": n} for n in ("red", "green", "blue", "nir")]
    asset = {"href": "./B.tif", "type": "image/tiff", "roles": ["data"], "eo:bands": bands}
    item = {"type": "Feature", "stac_version": "1.0.0", "id": "x", "assets": {"analytic": asset}}
    path = tmp_path / "item.json"
    path.write_text(json.dumps(item))
    picture = await open_picture(str(path), LIMITS)
    assert picture.facts is not None
    assert picture.facts.band("nir", known=True) == 4


@pytest.mark.parametrize("name", ["none.tif", "text.tif"])
async def test_what_is_no_raster_has_no_facts(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.tif").write_text("text")
    with pytest.raises(ImageryError):
        await open_facts(str(tmp_path / name), LIMITS)


def test_readings_that_make_other_pictures_have_other_keys() -> None:
    window = parse_window("0,0,5,5", kind="pixels")
    keys = {
        Reading(window=window).key,
        Reading(band_roles="naip").key,
        Reading(band_roles={"nir": 4}).key,
        Reading(eo_bands=({"name": "B4"},)).key,
    }
    assert len(keys) == 4
    assert Reading(name="a.tif", notes=("n",)).key == PLAIN.key == b""
