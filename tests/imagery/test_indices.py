from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from imagery import ImageNotFound, Limits
from imagery.indices import covers_by_index, normalised_difference, otsu
from imagery.raster import read_facts, read_raster
from imagery.store import ImageStore
from tests.imagery.pictures import tiff

LIMITS = Limits()
ALL = np.ones((60, 80), np.bool_)


def bands(kind: NDArray[np.int_], noise: int = 5) -> dict[str, NDArray[np.uint16]]:
    """Digital numbers of 0 water, 1 bare ground, 2 green plants, 3 cloud."""
    values = {
        "red": np.array([200, 900, 300, 3000]),
        "green": np.array([600, 800, 500, 3000]),
        "nir": np.array([100, 1100, 2400, 3100]),
    }
    spread = np.random.default_rng(0).normal(0, noise, kind.shape)
    return {
        name: np.clip(levels[kind] + spread, 1, None).astype(np.uint16)
        for name, levels in values.items()
    }


def halves(left: int, right: int) -> NDArray[np.int_]:
    kind = np.full(ALL.shape, left)
    kind[:, 40:] = right
    return kind


def test_a_lake_and_a_field_are_told_apart() -> None:
    kind = halves(1, 2)
    kind[:, :8] = 0
    found = covers_by_index(bands(kind), ALL)
    assert found["water"].share == pytest.approx((0.1, 0.1))
    assert found["vegetation"].share == pytest.approx((0.5, 0.5))
    assert np.array_equal(found["water"].mask, kind == 0)
    assert np.array_equal(found["vegetation"].mask, kind == 2)


@pytest.mark.parametrize("kind", [halves(3, 1), halves(3, 3), halves(3, 2)])
def test_cloud_is_no_water(kind: NDArray[np.int_]) -> None:
    assert "water" not in covers_by_index(bands(kind), ALL)


def test_dry_land_has_no_water_and_bare_ground_alone_says_nothing_of_plants() -> None:
    found = covers_by_index(bands(halves(1, 1), noise=60), ALL)
    assert found["water"].share == (0.0, 0.0)
    assert "vegetation" not in found


def test_a_closed_forest_is_all_vegetation() -> None:
    assert covers_by_index(bands(halves(2, 2)), ALL)["vegetation"].share == (1.0, 1.0)


def test_pixels_without_data_count_for_nothing() -> None:
    kind = halves(0, 1)
    held = ALL.copy()
    held[:, 20:40] = False
    assert covers_by_index(bands(kind), held)["water"].share[0] == pytest.approx(1 / 3)
    assert covers_by_index(bands(kind), np.zeros_like(ALL)) == {}


@given(st.lists(st.floats(-1, 1, width=32), max_size=50))
def test_a_threshold_lies_among_the_values(values: list[float]) -> None:
    cut, explained = otsu(np.array(values, np.float32))
    assert -1 <= cut <= 1.01
    assert -1e-6 <= explained <= 1.01


def test_an_index_of_dark_pixels_is_nought_and_unsigned_numbers_do_not_wrap() -> None:
    a, b = np.array([0, 1], np.uint8), np.array([0, 3], np.uint8)
    assert normalised_difference(a, b).tolist() == [0, -0.5]


def scene(names: tuple[str, ...] = ("red", "green", "nir")) -> bytes:
    found = bands(halves(0, 2))
    stack = np.stack([found["red"], found["green"], found["nir"]])
    return tiff(stack, names=names)


def test_a_raster_with_known_bands_has_shares_and_masks(tmp_path: Path) -> None:
    picture = read_raster(scene(), LIMITS)
    assert picture.facts
    assert picture.facts.water_by_ndwi == picture.facts.vegetation_by_ndvi == (0.5, 0.5)
    assert picture.masks["water"].shape == picture.rgb.shape[:2]
    store = ImageStore(tmp_path, LIMITS)
    ref = store.put(scene(), "upload")
    (tmp_path / "mask.png").write_bytes(store.mask(ref.url, "water"))
    with Image.open(tmp_path / "mask.png") as mask:
        assert (mask.mode, mask.size) == ("1", (80, 60))


def test_a_guessed_band_makes_no_index(tmp_path: Path) -> None:
    facts = read_facts(scene(names=("", "", "")), LIMITS)
    assert facts.water_by_ndwi is None
    store = ImageStore(tmp_path, LIMITS)
    with pytest.raises(ImageNotFound):
        store.mask(store.put(scene(names=("", "", "")), "upload").url, "water")


def test_real_scenes_are_told_or_left(shared_data: Path) -> None:
    def water(name: str) -> tuple[float, float] | None:
        return read_facts(shared_data / "imagery/geotiff" / name, LIMITS, name=name).water_by_ndwi

    lakes, sea = water("naip_nd_2009_4band.tif"), water("landsat7_olinda_6band.tif")
    assert lakes
    assert sea
    assert 0.08 < lakes[0] < lakes[1] < 0.16
    assert 0.14 < sea[0] < sea[1] < 0.19
    assert water("landsat8_L2SP_017036_7band_uint16.tif") is None  # cloud
    assert water("landsat7_yucatan_8band_int16.gtif") == (0.0, 0.0)
