from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from imagery import CorruptImage, EmptyImage, ImageryError, ImageTooLarge, Limits, UnsupportedImage
from imagery.decode import decode
from imagery.raster import picture_of_tiff
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
    assert taken >= 9
    assert capfd.readouterr().err == ""


def test_one_band_is_shown_grey() -> None:
    picture = picture_of_tiff(tiff(ramp()[None]), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert (picture.mime, picture.notes) == ("image/tiff", ())


def test_a_place_on_earth_makes_no_difference() -> None:
    data = tiff(ramp()[None], crs="EPSG:32633", transform=Affine(10, 0, 5e5, 0, -10, 5e6))
    assert (picture_of_tiff(data, LIMITS).rgb == ramp()[..., None]).all()


def test_more_than_three_bands_show_the_first_three_and_say_so() -> None:
    bands = np.stack([ramp() // n for n in (1, 2, 3, 4, 5)])
    picture = picture_of_tiff(tiff(bands, photometric="MINISBLACK"), LIMITS)
    assert (picture.rgb == np.moveaxis(bands[:3], 0, 2)).all()
    assert picture.notes == ("shows bands 1, 2, 3 of 5 as red, green and blue, which is a guess",)
    assert picture.colours_are_guessed


def test_a_near_infrared_band_is_not_taken_for_alpha() -> None:
    bands = np.stack([ramp(), ramp(), ramp(), np.zeros_like(ramp())])
    picture = picture_of_tiff(tiff(bands, photometric="RGB", alpha="UNSPECIFIED"), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert picture.notes == ("shows bands 1, 2, 3 of 4",)
    assert not picture.colours_are_guessed


def test_bands_named_in_another_order_are_shown_as_named() -> None:
    bands = np.stack([ramp() // n for n in (3, 2, 1)])
    colours = (ColorInterp.blue, ColorInterp.green, ColorInterp.red)
    picture = picture_of_tiff(tiff(bands, photometric="MINISBLACK", colours=colours), LIMITS)
    assert (picture.rgb[..., 0] == ramp()).all()
    assert picture.notes == ("shows bands 3, 2, 1 of 3",)


def test_two_bands_show_the_first() -> None:
    picture = picture_of_tiff(tiff(np.stack([ramp(), ramp() // 2])), LIMITS)
    assert (picture.rgb == ramp()[..., None]).all()
    assert picture.notes == ("shows band 1 of 2",)


def test_alpha_is_laid_over_grey() -> None:
    image = rgb().convert("RGBA")
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:12] = 0
    image.putalpha(Image.fromarray(alpha))
    picture = picture_of_tiff(saved(image, "TIFF"), LIMITS)
    assert (picture.rgb[:12] == GREY).all()
    assert (picture.rgb[12:] == np.asarray(rgb())[12:]).all()
    assert picture.notes == ("25 % holds no data or is transparent, shown grey",)


def test_nodata_is_grey() -> None:
    grey = ramp()
    grey[:, :16] = 0
    picture = picture_of_tiff(tiff(grey[None], nodata=0), LIMITS)
    assert (picture.rgb[:, :16] == GREY).all()
    assert picture.notes == ("25 % holds no data or is transparent, shown grey",)


def test_masked_pixels_are_grey() -> None:
    mask = np.full((48, 64), 255, np.uint8)
    mask[:, 32:] = 0
    picture = picture_of_tiff(tiff(ramp()[None], mask=mask), LIMITS)
    assert (picture.rgb[:, 32:] == GREY).all()
    assert (picture.rgb[:, :32] == ramp()[:, :32, None]).all()


def test_a_raster_without_any_data_is_empty() -> None:
    with pytest.raises(EmptyImage, match="no pixel"):
        picture_of_tiff(tiff(np.zeros((1, 40, 40), np.uint8), nodata=0), LIMITS)


def test_a_palette_is_shown_in_its_colours() -> None:
    classes = (ramp() > 100).astype(np.uint8)
    data = tiff(classes[None], colormap={0: (1, 2, 3), 1: (200, 100, 50)})
    picture = picture_of_tiff(data, LIMITS)
    assert tuple(picture.rgb[-1, 0]) == (1, 2, 3)
    assert tuple(picture.rgb[0, -1]) == (200, 100, 50)


@pytest.mark.parametrize("photometric", ["MINISBLACK", "MINISWHITE"])
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_black_and_white_are_where_the_file_says(photometric: str, bits: int) -> None:
    top = 2**bits - 1
    halves = np.repeat(np.array([[[0] * 32 + [top] * 32]], np.uint8), 40, axis=1)
    picture = picture_of_tiff(tiff(halves, photometric=photometric, nbits=bits), LIMITS)
    left, right = (0, 255) if photometric == "MINISBLACK" else (255, 0)
    assert (picture.rgb[0, 0, 0], picture.rgb[0, -1, 0]) == (left, right)


def test_jpeg_in_ycbcr_comes_out_in_rgb() -> None:
    bands = np.moveaxis(np.asarray(rgb(256, 256)), 2, 0)
    data = tiff(
        bands, photometric="YCBCR", compress="JPEG", tiled=True, blockxsize=128, blockysize=128
    )
    picture = picture_of_tiff(data, LIMITS)
    assert abs(picture.rgb.astype(int) - np.asarray(rgb(256, 256)).astype(int)).mean() < 4


def test_the_first_of_several_pages_is_shown() -> None:
    pages = [Image.new("RGB", (40, 40), colour) for colour in ("#102030", "#ffffff")]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    picture = picture_of_tiff(data, LIMITS)
    assert tuple(picture.rgb[0, 0]) == (0x10, 0x20, 0x30)
    assert picture.notes == ("first page of 2",)


@pytest.mark.parametrize("dtype", ["uint16", "int16", "int8", "float32", "float64", "complex64"])
def test_other_types_than_8_bit_are_named_with_a_way_out(dtype: str) -> None:
    with pytest.raises(UnsupportedImage, match=rf"a TIFF of 2 bands of {dtype}: only") as caught:
        picture_of_tiff(tiff(np.ones((2, 40, 40), dtype)), LIMITS)
    assert "gdal_translate -ot Byte -scale" in caught.value.hint


def test_cmyk_comes_out_in_rgb() -> None:
    picture = picture_of_tiff(saved(rgb().convert("CMYK"), "TIFF"), LIMITS)
    assert abs(picture.rgb.astype(int) - np.asarray(rgb()).astype(int)).max() <= 1


def test_a_large_raster_is_refused_by_its_header() -> None:
    data = tiff(np.zeros((1, 40, 40), np.uint8))
    with pytest.raises(ImageTooLarge, match="40 × 40 pixels"):
        picture_of_tiff(data, Limits(max_pixels=1599))


def test_a_block_larger_than_the_picture_is_measured_too() -> None:
    data = tiff(np.ones((1, 16, 16), np.uint8), tiled=True, blockxsize=1024, blockysize=1024)
    with pytest.raises(ImageTooLarge, match="blocks"):
        picture_of_tiff(data, Limits(max_pixels=10_000))


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
        picture_of_tiff(data, LIMITS)
