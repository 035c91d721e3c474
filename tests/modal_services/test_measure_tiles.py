"""Real tiles (UC Merced, 0.3 m a pixel), pictures of other kinds, and the figures that are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.prompts import facts_of
from imagery import Limits, Picture
from imagery.decode import decode
from imagery.prepare import prepared
from imagery.reading import Reading
from imagery.store import ImageStore
from modal_services.engines.measure.cover import covers
from modal_services.engines.measure.figures import FIGURES
from modal_services.engines.measure.scene_model import MODELS
from modal_services.facts import PictureFacts
from tests.modal_services.measuring import ask, measured
from tests.modal_services.test_measure_questions import ANSWERABLE

PROMISED, FEW = 0.95, 20
OF_THE_GROUND = (
    "What kind of scene is this?",
    "Is it rural or urban?",
    "Is there water?",
    "How much of the image is vegetation?",
    "Is there built-up land?",
    "What is the main land cover?",
    "How many ships are there?",
)
DRY = ("parkinglot", "runway", "buildings", "denseresidential", "freeway")


def tiles(folder: Path, *classes: str) -> Iterator[Picture]:
    for name in classes:
        for file in sorted((folder / name).glob("*.jpg")):
            yield Picture(np.asarray(Image.open(file).convert("RGB")), "image/jpeg")


def test_every_kind_of_claim_is_as_right_as_promised() -> None:
    claims = json.loads((MODELS.parent / FIGURES).read_text("utf-8"))["claims"]

    told = {name: right / of for name, (right, of) in claims.items() if of >= FEW}
    assert told
    assert min(told.values()) >= PROMISED


def test_colour_tells_harbours_and_lawns_from_concrete(shared_data: Path) -> None:
    ucm = shared_data / "imagery/scenes/ucm"
    harbours = np.mean([covers(tile).water.value for tile in tiles(ucm, "harbor")])
    dry = np.mean([covers(tile).water.value for tile in tiles(ucm, *DRY)])
    lawns = np.mean([covers(tile).vegetation.value for tile in tiles(ucm, "golfcourse")])
    concrete = np.mean([covers(tile).vegetation.value for tile in tiles(ucm, "parkinglot")])

    assert harbours > 5 * dry
    assert lawns > 3 * concrete


def test_boats_in_a_marina_are_never_counted(shared_data: Path) -> None:
    for tile in tiles(shared_data / "imagery/scenes/ucm", "harbor"):
        assert ask("How many ships are there?", tile, head=None).detail["answered"] is False


def photos() -> Iterator[tuple[str, Picture]]:
    """Photographs, drawings and screens: scikit-image's, where it is installed."""
    skimage = pytest.importorskip("skimage")
    for file in sorted((Path(skimage.__file__).parent / "data").glob("*")):
        if file.suffix in {".png", ".jpg", ".jpeg", ".gif"}:
            with Image.open(file) as image:
                yield file.name, Picture(np.asarray(image.convert("RGB")), "image/png")


def refuses_all(shown: Picture, facts: PictureFacts | None = None) -> bool:
    return not any(ask(q, shown, facts, head=None).detail["answered"] for q in OF_THE_GROUND)


def test_nothing_of_the_ground_is_told_of_photographs() -> None:
    assert [name for name, shown in photos() if not refuses_all(shown)] == []


def chart() -> Picture:
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    for index, height in enumerate((40, 120, 90, 200)):
        draw.rectangle((40 + 80 * index, 260 - height, 90 + 80 * index, 260), fill=(30, 90, 200))
    draw.text((30, 10), "Sales of a company by quarter", fill="black")
    return Picture(np.asarray(image), "image/png")


def gradient() -> Picture:
    rows = np.linspace(0, 255, 256)
    rgb = np.stack(np.broadcast_arrays(rows[:, None], rows[None, :], 128.0), axis=2)
    return Picture(rgb.astype(np.uint8), "image/png")


@pytest.mark.parametrize("shown", [chart(), gradient()], ids=["chart", "gradient"])
def test_nothing_of_the_ground_is_told_of_drawings(shown: Picture) -> None:
    assert refuses_all(shown)


def test_nothing_of_the_ground_is_told_of_ten_metre_pictures(shared_data: Path) -> None:
    for file in sorted((shared_data / "imagery/scenes/rsvqa_lr").glob("*.png")):
        shown = Picture(np.asarray(Image.open(file).convert("RGB")), "image/png")
        assert refuses_all(shown), file.name


@pytest.mark.parametrize(
    "name",
    ["umbra_sar_yasur_2000.tiff", "gcps_only.tif", "dateline_utm60.tif", "mars_hirise.tif",
     "cog_world_36000x18000.tif", "landsat_amazon_1985_4band.tif", "wildfires_gadas.tiff"],
)  # fmt: skip
def test_radar_grey_and_far_rasters_are_refused(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    shown, facts = raster(name, shared_data, tmp_path)
    assert refuses_all(shown, facts)


def test_water_of_a_raster_with_known_bands_is_told_by_its_index(
    shared_data: Path, tmp_path: Path
) -> None:
    shown, facts = raster("landsat7_olinda_6band.tif", shared_data, tmp_path)
    found = measured(ask("How much of the image is water?", shown, facts))

    assert found["value"] == pytest.approx(16, abs=1)
    assert found["method"].startswith("NDWI")


def raster(name: str, shared_data: Path, tmp_path: Path) -> tuple[Picture, PictureFacts]:
    """A raster as the agent sends it."""
    path = shared_data / "imagery/geotiff" / name
    store = ImageStore(tmp_path, Limits(), lambda data, limits, _: prepared(data, limits, named))
    named = Reading(name=name)
    ref = store.put_raster(path, name, named)
    return decode(store.picture(ref.url)[0], Limits()), facts_of(ref)


def test_every_development_query_asked_of_a_tile_gets_its_own_kind_of_answer_or_none(
    shared_data: Path,
) -> None:
    tile = next(tiles(shared_data / "imagery/scenes/ucm", "harbor"))
    lines = (shared_data / "queries.dev.jsonl").read_text("utf-8").splitlines()

    for query in (json.loads(line)["query"] for line in lines):
        reply = ask(query, tile, head=None)
        expected = ANSWERABLE.get(query.strip())
        if expected is None:
            assert not reply.detail["answered"], query
        else:
            assert [each["intent"] for each in reply.measurements] == expected
