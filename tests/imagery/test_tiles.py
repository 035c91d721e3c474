from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine

from imagery import EmptyImage, Limits
from imagery.raster import read_raster, read_tile
from imagery.tiles import Tile, tiles
from imagery.windows import PixelWindow, Window
from tests.imagery.pictures import ramp, tiff

LIMITS = Limits()
sides = st.integers(1, 5000)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, int, int, int, int | None]:
    tile = draw(st.integers(16, 1024))
    overlap = draw(st.integers(0, tile // 2))
    most = draw(st.none() | st.integers(1, 50))
    return draw(sides), draw(sides), tile, overlap, most


@given(cuts())
def test_tiles_cover_every_pixel_within_their_budget(
    cut: tuple[int, int, int, int, int | None],
) -> None:
    width, height, tile_px, overlap, most = cut
    found = tiles(width, height, tile_px=tile_px, overlap_px=overlap, max_tiles=most)
    assert len(found) <= (most or len(found))
    for length, span in ((width, (0, 2)), (height, (1, 3))):
        spans = sorted({(t.window[span[0]], t.window[span[0]] + t.window[span[1]]) for t in found})
        assert (spans[0][0], spans[-1][1]) == (0, length)
        for (_, end), (start, _) in pairwise(spans):
            assert end - start >= overlap
    for tile in found:
        assert max(tile.width_px, tile.height_px) <= tile_px
        assert 0 < tile.scale <= 1


@given(cuts(), st.floats(-100, 6000), st.floats(-100, 6000))
def test_points_go_to_the_scene_and_back(
    cut: tuple[int, int, int, int, int | None], x: float, y: float
) -> None:
    width, height, tile_px, overlap, most = cut
    tile = tiles(width, height, tile_px=tile_px, overlap_px=overlap, max_tiles=most)[-1]
    back = tile.to_scene(*tile.from_scene(x, y))
    assert np.allclose(back, (x, y), atol=1e-6)


def test_boxes_go_to_the_scene_and_back() -> None:
    tile = Tile(PixelWindow(100, 200, 400, 400), 200, 200)
    boxes = np.array([[0, 0, 200, 200], [10, 20, 30, 40]], float)
    scene = tile.boxes_to_scene(boxes)
    assert scene.tolist() == [[100, 200, 500, 600], [120, 240, 160, 280]]
    assert (tile.boxes_from_scene(scene) == boxes).all()
    assert tile.boxes_to_scene([]).shape == (0, 4)


def test_a_small_scene_is_one_tile() -> None:
    assert tiles(50, 40, tile_px=64, overlap_px=8) == (Tile(PixelWindow(0, 0, 50, 40), 50, 40),)


@pytest.mark.parametrize(
    ("width", "tile_px", "overlap", "most"),
    [(0, 8, 0, 1), (8, 0, 0, 1), (8, 8, 8, 1), (8, 8, -1, 1), (8, 8, 0, 0)],
)
def test_numbers_that_describe_no_tiles_are_refused(
    width: int, tile_px: int, overlap: int, most: int
) -> None:
    with pytest.raises(ValueError, match="tile"):
        tiles(width, 10, tile_px=tile_px, overlap_px=overlap, max_tiles=most)


def test_tiles_put_together_are_the_scene() -> None:
    values = ramp(300, 200)
    data = tiff(values[None])
    out = np.zeros((200, 300), np.uint8)
    for tile in tiles(300, 200, tile_px=128, overlap_px=16):
        x, y, width, height = tile.window
        out[y : y + height, x : x + width] = read_tile(data, tile, LIMITS).rgb[..., 0]
    assert (out == values).all()


def test_all_tiles_of_a_scene_are_stretched_alike() -> None:
    data = tiff(ramp(300, 200)[None].astype(np.uint16) * 100 + 50)
    pictures = [
        (t, read_tile(data, t, LIMITS)) for t in tiles(300, 200, tile_px=128, overlap_px=40)
    ]
    (first, a), (second, b) = pictures[:2]
    shared = first.window.col_off + first.window.width - second.window.col_off
    assert (a.rgb[:, -shared:] == b.rgb[:, :shared]).all()


def test_a_tile_knows_where_it_lies() -> None:
    place = Affine(10, 0, 5e5, 0, -10, 5e6)
    data = tiff(ramp(300, 200)[None], crs="EPSG:32633", transform=place)
    tile = tiles(300, 200, tile_px=128, overlap_px=16)[-1]
    x, y, width, height = tile.window
    of_tile = read_tile(data, tile, LIMITS).facts
    of_window = read_raster(
        data, LIMITS, window=Window("pixels", x, y, x + width, y + height)
    ).facts
    assert of_tile is not None
    assert of_window is not None
    assert of_tile.footprint == of_window.footprint


def test_a_tile_without_data_is_empty() -> None:
    values = ramp(128, 64)
    values[:, :64] = 0
    data = tiff(values[None], nodata=0)
    left, right = tiles(128, 64, tile_px=64)
    assert read_tile(data, right, LIMITS).rgb.shape == (64, 64, 3)
    with pytest.raises(EmptyImage):
        read_tile(data, left, LIMITS)
    with pytest.raises(EmptyImage, match="scene"):
        read_tile(tiff(np.zeros((1, 64, 128), np.uint8), nodata=0), left, LIMITS)
