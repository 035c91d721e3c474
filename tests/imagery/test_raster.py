from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from imagery import CorruptImage, EmptyImage, ImageryError, ImageTooLarge, Limits
from imagery.decode import decode
from imagery.raster import read_raster
from imagery.scene import blocks_in
from tests.fuzz.files import whole_files
from tests.imagery.pictures import one_line, ramp, rgb, saved, tiff

LIMITS = Limits()
GREY = np.array([128, 128, 128])


def test_every_geotiff_of_the_shared_set_is_a_picture_or_one_line(
    shared_data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = sorted((shared_data / "imagery/geotiff").iterdir())
    taken = 0
    for file in files:
        try:
            assert decode(file.read_bytes(), LIMITS).rgb.shape[2] == 3
            taken += 1
        except ImageryError as error:
            one_line(error)
    assert taken >= 16
    assert capfd.readouterr().err == ""


def test_one_band_is_shown_grey() -> None:
    picture = read_raster(tiff(ramp()[None]), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert (picture.mime, picture.notes) == ("image/tiff", ())


def test_a_place_on_earth_makes_no_difference() -> None:
    data = tiff(ramp()[None], crs="EPSG:32633", transform=Affine(10, 0, 5e5, 0, -10, 5e6))
    assert (read_raster(data, LIMITS).rgb == ramp()[..., None]).all()


def test_more_than_three_bands_show_the_first_three_and_say_so() -> None:
    bands = np.stack([ramp() // n for n in (1, 2, 3, 4, 5)])
    picture = read_raster(tiff(bands, photometric="MINISBLACK"), LIMITS)
    assert picture.facts is not None
    assert picture.facts.shown_bands == (1, 2, 3)
    assert picture.notes[0] == "shows bands 1, 2, 3 of 5 as red, green and blue, which is a guess"
    assert picture.colours_are_guessed


def test_a_near_infrared_band_is_not_taken_for_alpha() -> None:
    bands = np.stack([ramp(), ramp(), ramp(), np.zeros_like(ramp())])
    picture = read_raster(tiff(bands, photometric="RGB", alpha="UNSPECIFIED"), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert picture.notes == ("shows bands 1, 2, 3 of 4",)
    assert not picture.colours_are_guessed


def test_bands_named_in_another_order_are_shown_as_named() -> None:
    bands = np.stack([ramp() // n for n in (3, 2, 1)])
    colours = (ColorInterp.blue, ColorInterp.green, ColorInterp.red)
    picture = read_raster(tiff(bands, photometric="MINISBLACK", colours=colours), LIMITS)
    assert (picture.rgb[..., 0] == ramp()).all()
    assert picture.notes == ("shows bands 3, 2, 1 of 3",)


def test_two_bands_show_the_first() -> None:
    picture = read_raster(tiff(np.stack([ramp(), ramp() // 2])), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert picture.notes == ("shows band 1 of 2",)


def test_alpha_is_laid_over_grey() -> None:
    image = rgb().convert("RGBA")
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:12] = 0
    image.putalpha(Image.fromarray(alpha))
    picture = read_raster(saved(image, "TIFF"), LIMITS)
    assert (picture.rgb[:12] == GREY).all()
    assert (picture.rgb[12:] == np.asarray(rgb())[12:]).all()
    assert picture.notes == ("25 % holds no data or is transparent, shown grey",)


def test_nodata_is_grey() -> None:
    grey = ramp()
    grey[:, :16] = 0
    picture = read_raster(tiff(grey[None], nodata=0), LIMITS)
    assert (picture.rgb[:, :16] == GREY).all()
    assert picture.notes == ("25 % holds no data or is transparent, shown grey",)


def test_masked_pixels_are_grey() -> None:
    mask = np.full((48, 64), 255, np.uint8)
    mask[:, 32:] = 0
    picture = read_raster(tiff(ramp()[None], mask=mask), LIMITS)
    assert (picture.rgb[:, 32:] == GREY).all()
    assert (picture.rgb[:, :32] == ramp()[:, :32, None]).all()


def test_a_raster_without_any_data_is_empty() -> None:
    with pytest.raises(EmptyImage, match="no pixel"):
        read_raster(tiff(np.zeros((1, 40, 40), np.uint8), nodata=0), LIMITS)


def test_a_palette_without_colours_is_damage() -> None:
    data = bytearray(whole_files()["palette.tif"])
    place = data.rindex((320).to_bytes(2, "little") + (3).to_bytes(2, "little"))
    data[place + 8 : place + 12] = (2**30).to_bytes(4, "little")  # beyond the file
    with pytest.raises(CorruptImage, match="holds none"):
        read_raster(bytes(data), LIMITS)


def test_a_palette_of_signed_values_is_stretched() -> None:
    data = bytearray(whole_files()["palette.tif"])
    place = data.rindex((339).to_bytes(2, "little") + (3).to_bytes(2, "little"))
    data[place + 8] = 2  # the sample format of signed integers
    picture = read_raster(bytes(data), LIMITS)
    assert picture.facts
    assert picture.facts.dtype == "int8"
    assert any("stretched" in note for note in picture.notes)


def test_a_palette_is_shown_in_its_colours() -> None:
    classes = (ramp() > 100).astype(np.uint8)
    data = tiff(classes[None], colormap={0: (1, 2, 3), 1: (200, 100, 50)})
    picture = read_raster(data, LIMITS)
    assert tuple(picture.rgb[-1, 0]) == (1, 2, 3)
    assert tuple(picture.rgb[0, -1]) == (200, 100, 50)


@pytest.mark.parametrize("photometric", ["MINISBLACK", "MINISWHITE"])
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_black_and_white_are_where_the_file_says(photometric: str, bits: int) -> None:
    top = 2**bits - 1
    halves = np.repeat(np.array([[[0] * 32 + [top] * 32]], np.uint8), 40, axis=1)
    picture = read_raster(tiff(halves, photometric=photometric, nbits=bits), LIMITS)
    left, right = (0, 255) if photometric == "MINISBLACK" else (255, 0)
    assert (picture.rgb[0, 0, 0], picture.rgb[0, -1, 0]) == (left, right)


def test_jpeg_in_ycbcr_comes_out_in_rgb() -> None:
    bands = np.moveaxis(np.asarray(rgb(256, 256)), 2, 0)
    data = tiff(
        bands, photometric="YCBCR", compress="JPEG", tiled=True, blockxsize=128, blockysize=128
    )
    picture = read_raster(data, LIMITS)
    assert abs(picture.rgb.astype(int) - np.asarray(rgb(256, 256)).astype(int)).mean() < 4


def test_the_first_of_several_pages_is_shown() -> None:
    pages = [Image.new("RGB", (40, 40), colour) for colour in ("#102030", "#ffffff")]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    picture = read_raster(data, LIMITS)
    assert tuple(picture.rgb[0, 0]) == (0x10, 0x20, 0x30)
    assert picture.notes == ("first page of 2",)


@pytest.mark.parametrize("dtype", ["uint16", "int16", "int8", "float32", "float64", "complex64"])
def test_values_of_any_type_fill_the_range_of_8_bits(dtype: str) -> None:
    values = (ramp().astype(float) / 2.1 + 0.25).astype(dtype)
    picture = read_raster(tiff(values[None]), LIMITS)
    assert picture.rgb.max() == 255
    assert picture.rgb.min() <= 20
    assert (np.diff(picture.rgb[24, :, 0].astype(int)) >= 0).all()
    assert any("stretched to 8 bits" in note for note in picture.notes)


def test_nan_and_infinity_are_grey_and_leave_the_stretch_alone() -> None:
    values = ramp().astype(np.float32) / 255
    values[:, :16] = np.nan
    values[0, 20], values[0, 21] = np.inf, -np.inf
    picture = read_raster(tiff(values[None]), LIMITS)
    assert (picture.rgb[:, :16] == GREY).all()
    assert (picture.rgb[0, 20:22] == GREY).all()
    assert picture.rgb[:, 22:].max() == 255
    assert picture.facts is not None
    assert picture.facts.nodata_share == pytest.approx(0.25, abs=0.01)


def test_zero_at_the_edges_of_16_bit_values_is_taken_for_no_data_and_said() -> None:
    values = ramp().astype(np.uint16) * 50 + 9000
    values[:, :16] = 0
    picture = read_raster(tiff(values[None]), LIMITS)
    assert (picture.rgb[:, :16] == GREY).all()
    assert picture.rgb[:, 16:].min() < 20
    assert picture.facts is not None
    assert "25 % is one low value at the edges: taken for no data" in picture.facts.warnings


def test_zero_inside_a_16_bit_picture_is_a_value() -> None:
    values = ramp().astype(np.uint16) + 1
    values[20:24, 20:24] = 0
    picture = read_raster(tiff(values[None]), LIMITS)
    assert (picture.rgb[20:24, 20:24] == 0).all()


def test_a_constant_raster_is_mid_grey_with_a_note() -> None:
    picture = read_raster(tiff(np.full((1, 40, 40), 700, np.uint16)), LIMITS)
    assert (picture.rgb == GREY).all()
    assert picture.notes == ("every valid pixel has the same value, shown mid-grey",)


def test_a_very_dark_photograph_is_brightened() -> None:
    picture = read_raster(tiff(np.stack([ramp() // 8] * 3), photometric="RGB"), LIMITS)
    assert picture.rgb.max() == 255
    assert picture.notes == ("very dark, brightened",)


@pytest.mark.parametrize("values", [(0, 1), (3, 7), (0, 255)])
def test_a_mask_is_black_and_white(values: tuple[int, int]) -> None:
    halves = np.repeat(np.array([[[values[0]] * 32 + [values[1]] * 32]], np.uint8), 40, axis=1)
    picture = read_raster(tiff(halves), LIMITS)
    assert (picture.rgb[0, 0, 0], picture.rgb[0, -1, 0]) == (0, 255)
    assert picture.facts is not None
    assert picture.facts.kind == "mask"


def test_speckle_is_told_from_a_photograph() -> None:
    noise = np.random.default_rng(0).rayleigh(40, (128, 128)).astype(np.uint16)
    picture = read_raster(tiff(noise[None]), LIMITS)
    assert picture.facts is not None
    assert picture.facts.kind == "sar-like"
    assert any("radar or like it" in note for note in picture.notes)


def test_decibels_are_not_rooted() -> None:
    noise = 20 * np.log10(np.random.default_rng(0).rayleigh(0.1, (1, 64, 64))) - 10
    data = tiff(noise.astype(np.float32), names=("VV",))
    picture = read_raster(data, LIMITS)
    assert any("decibels" in note for note in picture.notes)


def test_the_orientation_tag_is_applied() -> None:
    data = saved(rgb(), "TIFF", tiffinfo={274: 6})
    picture = read_raster(data, LIMITS)
    assert (picture.rgb == np.rot90(np.asarray(rgb()), -1)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_agrees_with_pillow(orientation: int) -> None:
    data = saved(rgb(), "TIFF", tiffinfo={274: orientation})
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert (read_raster(data, LIMITS).rgb == np.asarray(wanted)).all()


def test_jpeg_2000_is_read() -> None:
    picture = read_raster(saved(rgb(), "JPEG2000"), LIMITS)
    assert picture.mime == "image/jp2"
    assert abs(picture.rgb.astype(int) - np.asarray(rgb()).astype(int)).max() <= 2


def test_a_fourth_band_with_a_pictures_values_is_no_alpha() -> None:
    bands = np.stack([ramp()] * 4)
    place = {"crs": "EPSG:26913", "transform": Affine(1, 0, 5e5, 0, -1, 4e6)}
    picture = read_raster(tiff(bands, photometric="RGB", alpha="YES", **place), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert picture.facts is not None
    assert picture.facts.band("nir") == 4
    assert picture.facts.band("nir", known=True) is None
    assert any("marked as alpha" in warning for warning in picture.facts.warnings)


def test_cmyk_comes_out_in_rgb() -> None:
    picture = read_raster(saved(rgb().convert("CMYK"), "TIFF"), LIMITS)
    assert abs(picture.rgb.astype(int) - np.asarray(rgb()).astype(int)).max() <= 1


def test_a_raster_over_the_limit_is_read_smaller() -> None:
    data = tiff(np.repeat(np.repeat(ramp(), 4, 0), 4, 1)[None])
    picture = read_raster(data, Limits(max_pixels=3000), preview_pixels=64 * 48)
    assert picture.rgb.shape == (48, 64, 3)
    assert picture.scene_px == (256, 192)
    assert abs(picture.rgb[..., 0].astype(int) - ramp()).max() <= 1


def test_a_raster_far_over_the_limit_without_overviews_is_refused_with_a_way_out() -> None:
    data = tiff(np.zeros((1, 40, 40), np.uint8))
    with pytest.raises(ImageTooLarge, match="40 × 40 pixels and no smaller copy") as caught:
        read_raster(data, Limits(max_pixels=79))
    assert "gdaladdo" in caught.value.hint


def test_a_scene_larger_than_the_cache_is_read_block_by_block_without_seams() -> None:
    side = 3400
    bands = np.random.default_rng(0).integers(0, 255, (3, side, side), np.uint8)
    data = tiff(bands, photometric="RGB", tiled=True, interleave="pixel")
    picture = read_raster(data, LIMITS, preview_pixels=500 * 500)
    centres = ((np.arange(500) + 0.5) * side / 500).astype(int)
    assert (picture.rgb == np.moveaxis(bands[:, centres][:, :, centres], 0, 2)).all()


def test_slices_are_cut_where_a_block_begins() -> None:
    assert blocks_in(0, 10, 10, 4) == [slice(0, 4), slice(4, 8), slice(8, 10)]
    assert blocks_in(3, 10, 5, 4) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert blocks_in(0, 1000, 3, 10) == [slice(0, 1), slice(1, 2), slice(2, 3)]


def test_overviews_make_a_raster_far_over_the_limit_readable() -> None:
    big = np.repeat(np.repeat(ramp(256, 256), 4, 0), 4, 1)
    data = tiff(big[None], overviews=(2, 4), tiled=True, blockxsize=128, blockysize=128)
    limits = Limits(max_pixels=20_000)
    assert read_raster(data, limits, preview_pixels=16_384).rgb.shape == (128, 128, 3)


def test_a_block_larger_than_the_picture_is_measured_too() -> None:
    data = tiff(np.ones((1, 16, 16), np.uint8), tiled=True, blockxsize=1024, blockysize=1024)
    with pytest.raises(ImageTooLarge, match="blocks"):
        read_raster(data, Limits(max_pixels=10_000))


@pytest.mark.parametrize(
    "data",
    [
        b"II*\0",
        b"MM\0*\0\0\0\x08",
        b"II*\0<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>",
    ],
)
def test_a_file_that_only_begins_like_a_tiff_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage, match="damaged"):
        read_raster(data, LIMITS)


def test_half_transparent_pixels_of_three_colours_are_shown_over_grey() -> None:
    alpha = np.full_like(ramp(), 128)
    data = tiff(np.stack([ramp(), ramp(), ramp(), alpha]), photometric="RGB", alpha="YES")
    picture = read_raster(data, LIMITS)
    assert abs(int(picture.rgb[0, 0, 0]) - (int(ramp()[0, 0]) + 128) // 2) <= 2
