from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.crs import CRS
from rasterio.transform import Affine

from imagery import BadReference, Limits
from imagery.georeference import Georeference
from imagery.raster import read_raster
from imagery.windows import PixelWindow, Window, WindowKind, parse_window, pixels_of
from tests.imagery.pictures import ramp, tiff

LIMITS = Limits()
UTM = Georeference(CRS.from_epsg(32633), Affine(10, 0, 5e5, 0, -10, 5e6), 300, 200)
DEGREES = Georeference(CRS.from_epsg(4326), Affine(0.01, 0, 179, 0, -0.01, 10), 200, 100)


def test_a_window_is_four_numbers() -> None:
    assert parse_window("1, 2,3.5,4e0") == Window("lonlat", 1, 2, 3.5, 4)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "lonlat"),
        ("1,2,3", "lonlat"),
        ("1,2,3,4,5", "pixels"),
        ("a,b,c,d", "crs"),
        ("1,2,nan,4", "crs"),
        ("1,2,inf,4", "crs"),
        ("5,2,3,4", "pixels"),
        ("1,4,3,2", "lonlat"),
        ("1,2,1,4", "lonlat"),
        ("1,2,3,91", "lonlat"),
        ("500000,5000000,500100,5000100", "lonlat"),
    ],
)
def test_other_text_is_no_window(text: str, kind: WindowKind) -> None:
    with pytest.raises(BadReference) as caught:
        parse_window(text, kind=kind)
    assert str(caught.value).isprintable()
    assert caught.value.hint


@given(st.text(max_size=80), st.sampled_from(["lonlat", "crs", "pixels"]))
def test_any_text_is_a_window_or_refused(text: str, kind: WindowKind) -> None:
    with suppress(BadReference):
        assert parse_window(text, kind=kind).kind == kind


def test_pixels_are_clipped_to_the_scene() -> None:
    assert pixels_of(Window("pixels", -5, 10, 20, 999), 300, 200, None) == (0, 10, 20, 190)


def test_coordinates_of_the_scene_are_found() -> None:
    window = Window("crs", 5e5 + 100, 5e6 - 500, 5e5 + 300, 5e6 - 200)
    assert pixels_of(window, 300, 200, UTM) == (10, 20, 20, 30)


@given(st.integers(0, 250), st.integers(0, 150), st.integers(5, 40))
def test_a_window_in_lonlat_covers_the_pixels_that_it_names(x: int, y: int, side: int) -> None:
    lon, lat = UTM.to_lonlat([x, x + side, x, x + side], [y, y, y + side, y + side])
    window = Window("lonlat", lon.min(), lat.min(), lon.max(), lat.max())
    found = pixels_of(window, 300, 200, UTM)
    assert found.col_off <= x
    assert found.row_off <= y
    assert found.col_off + found.width >= min(300, x + side)
    assert found.row_off + found.height >= min(200, y + side)


@pytest.mark.parametrize("bounds", [(179.5, 9.5, -179.5, 9.8), (179.5, 9.5, 180.5, 9.8)])
def test_a_window_may_cross_the_antimeridian(bounds: tuple[float, ...]) -> None:
    window = Window("lonlat", *bounds)
    assert pixels_of(window, 200, 100, DEGREES) == PixelWindow(50, 20, 100, 30)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window("pixels", 400, 0, 500, 10), "columns 0 to 300, rows 0 to 200"),
        (Window("crs", 0, 0, 10, 10), "x 500000 to 503000, y 4998000 to 5000000 in EPSG:32633"),
        (Window("lonlat", -100, 40, -99, 41), "longitude 15 to 15.03"),
        (Window("lonlat", -165, -46, -164, -44), "longitude 15 to 15.03"),
    ],
)
def test_a_window_outside_is_refused_with_the_extent(window: Window, words: str) -> None:
    with pytest.raises(BadReference) as caught:
        pixels_of(window, 300, 200, UTM)
    assert words in str(caught.value)


@pytest.mark.parametrize("kind", ["crs", "lonlat"])
def test_a_scene_without_a_place_has_windows_in_pixels_alone(kind: WindowKind) -> None:
    with pytest.raises(BadReference, match="does not say where it lies") as caught:
        pixels_of(Window(kind, 0, 0, 1, 1), 300, 200, None)
    assert "pixels" in caught.value.hint


def test_only_the_window_is_read() -> None:
    values = ramp(300, 200)
    data = tiff(values[None], crs="EPSG:32633", transform=UTM.transform)
    picture = read_raster(data, LIMITS, window=Window("pixels", 210, 20, 260, 50))
    assert (picture.rgb[..., 0] == values[20:50, 210:260]).all()
    facts = picture.facts
    assert facts is not None
    assert (facts.width_px, facts.height_px) == (50, 30)
    assert facts.footprint is not None
    west = facts.footprint.bounds[0]
    assert west == pytest.approx(float(np.min(UTM.to_lonlat([210, 210], [20, 50])[0])), abs=1e-6)
