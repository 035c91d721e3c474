"""Claims about real tiles, by the class of their folder (UC Merced, 0.3 m a pixel)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagery import Picture
from modal_services.engines.measure import measure
from modal_services.engines.measure.cover import covers

SCENES = Path(__file__).resolve().parents[3] / "shared" / "data" / "imagery" / "scenes" / "ucm"
WET = ("harbor", "river", "beach")
DRY = ("parkinglot", "runway", "buildings", "denseresidential", "freeway", "forest", "chaparral")

pytestmark = pytest.mark.skipif(
    not SCENES.is_dir(), reason="shared/data is not beside this checkout"
)


def tiles(*classes: str) -> list[Picture]:
    files = [file for name in classes for file in sorted((SCENES / name).glob("*.jpg"))]
    return [Picture(np.asarray(Image.open(file).convert("RGB")), "image/jpeg") for file in files]


def replies(question: str, pictures: list[Picture]) -> list[str]:
    asked = [measure(question, (picture,)) for picture in pictures]
    return [reply.text for reply in asked if reply.detail["answered"]]


def test_water_is_never_claimed_on_dry_tiles() -> None:
    assert not [text for text in replies("Is there water?", tiles(*DRY)) if text[:3] == "Yes"]


def test_water_is_claimed_on_some_harbours_and_beaches() -> None:
    claims = [text for text in replies("Is there water?", tiles(*WET)) if text[:3] == "Yes"]

    assert len(claims) >= 10


def test_none_found_is_rare_where_there_is_water() -> None:
    pictures = tiles(*WET)

    none = [text for text in replies("Is there water?", pictures) if text.startswith("None")]

    assert len(none) <= 0.1 * len(pictures)


def test_harbours_have_more_water_like_pixels_than_dry_tiles() -> None:
    harbours = np.mean([covers(tile).water.value for tile in tiles("harbor")])
    dry = np.mean([covers(tile).water.value for tile in tiles(*DRY)])

    assert harbours > 5 * dry


def test_grass_is_greener_than_concrete() -> None:
    lawns = np.mean([covers(tile).vegetation.value for tile in tiles("baseballdiamond")])
    concrete = np.mean([covers(tile).vegetation.value for tile in tiles("mobilehomepark")])

    assert lawns > 0.4
    assert concrete < 0.1


def test_the_main_cover_is_named_only_where_it_is_green() -> None:
    built = ("parkinglot", "runway", "buildings", "freeway", "airplane", "storagetanks")

    assert not replies("What is the main land cover?", tiles(*WET, *built))
    assert replies("What is the main land cover?", tiles("golfcourse", "baseballdiamond"))


def test_chaparral_is_not_said_to_have_no_vegetation() -> None:
    assert not replies("Is there vegetation?", tiles("chaparral"))
    assert not replies("How much of the image is vegetation?", tiles("chaparral"))


def test_hazy_farmland_from_orbit_is_not_taken_for_water() -> None:
    files = sorted((SCENES.parent / "rsvqa_lr").glob("*.png"))
    scenes = [Picture(np.asarray(Image.open(file).convert("RGB")), "image/png") for file in files]

    assert not [text for text in replies("Is there water?", scenes) if text[:3] == "Yes"]
    assert not replies("What is the main land cover?", scenes)
