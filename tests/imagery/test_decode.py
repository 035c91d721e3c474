from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from imagery import (
    CorruptImage,
    EmptyImage,
    ImageryError,
    ImageTooLarge,
    Limits,
    NotAnImage,
    UnsupportedImage,
)
from imagery.decode import decode, mime_of
from tests.imagery.pictures import chunked_png, one_line, png, png16, ramp, rgb, saved, tiff

LIMITS = Limits()


def test_every_hostile_file_comes_out_as_proposed(shared_data: Path) -> None:
    text = (shared_data / "imagery/labels.jsonl").read_text("utf-8")
    rows = [row for row in map(json.loads, text.splitlines()) if row["task"] == "hostile"]
    wrong = []
    for row in rows:
        data = (shared_data / "imagery" / row["file"]).read_bytes()
        try:
            decode(data, LIMITS)
            outcome = "accept"
        except ImageryError as error:
            one_line(error)
            outcome = "reject"
        proposed = row["answer"]
        small = "say_too_small" in proposed or "resize" in proposed
        if outcome not in proposed and not (outcome == "accept" and small):
            wrong.append((row["file"], proposed, outcome))
    assert len(rows) > 40
    assert wrong == []


@pytest.mark.parametrize("turn", [3, 6, 8])
def test_a_turned_photo_is_shown_upright(shared_data: Path, turn: int) -> None:
    data = (shared_data / f"imagery/hostile/exif_orient{turn}.jpg").read_bytes()
    picture = decode(data, LIMITS)
    assert (picture.width_px, picture.height_px) == (256, 170)


def test_a_bomb_is_refused_before_memory_is_taken_for_it(shared_data: Path) -> None:
    for name in ("bomb_1bit.png", "bomb_rgb.png", "lying_header.jpg"):
        with pytest.raises(ImageTooLarge, match="over the limit of 50,000,000"):
            decode((shared_data / "imagery/hostile" / name).read_bytes(), LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_each_kind_that_is_read_keeps_its_pixels(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    picture = decode(saved(rgb(), kind, **options), LIMITS)
    assert picture.mime == f"image/{kind.lower()}"
    assert picture.rgb.dtype == np.uint8
    difference = picture.rgb.astype(int) - np.asarray(rgb()).astype(int)
    assert abs(difference).max() <= (20 if kind == "JPEG" else 0)
    assert picture.notes == ()


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "RGBA"])
def test_each_mode_becomes_rgb(mode: str) -> None:
    image = rgb().convert(mode)
    picture = decode(saved(image, "JPEG" if mode == "CMYK" else "PNG"), LIMITS)
    assert picture.rgb.shape == (48, 64, 3)
    expected = np.asarray(image.convert("RGB")).astype(int)
    assert abs(picture.rgb.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_undone(orientation: int) -> None:
    undo = [
        lambda a: a, np.fliplr, lambda a: np.rot90(a, 2), np.flipud,
        lambda a: np.transpose(a, (1, 0, 2)), lambda a: np.rot90(a, -1),
        lambda a: np.rot90(np.transpose(a, (1, 0, 2)), 2), lambda a: np.rot90(a, 1),
    ]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(saved(rgb(), exif=exif), LIMITS)
    assert (picture.rgb == undo[orientation - 1](np.asarray(rgb()))).all()


def test_damaged_exif_leaves_the_picture_readable() -> None:
    damaged = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x07\0\xff\xff\xff\xff" * 3
    picture = decode(saved(rgb(), "JPEG", exif=damaged), LIMITS)
    assert picture.width_px == 64


def test_sixteen_bit_grey_is_stretched_and_not_clipped_to_white() -> None:
    values = (ramp().astype(np.uint16) * 9)[..., None][..., 0]
    picture = decode(saved(Image.fromarray(values)), LIMITS)
    assert picture.rgb.min() == 0
    assert picture.rgb.max() == 255
    assert 60 < picture.rgb.mean() < 190
    assert any("stretched" in note for note in picture.notes)


def test_sixteen_bit_grey_of_one_value_is_not_divided_by_zero() -> None:
    picture = decode(saved(Image.fromarray(np.full((40, 40), 700, np.uint16))), LIMITS)
    assert (picture.rgb == 0).all()


def test_sixteen_bit_colour_is_stretched_and_keeps_its_hue() -> None:
    values = np.asarray(rgb()).astype(np.uint16) * 9
    picture = decode(png16(values), LIMITS)
    assert picture.notes == ("16-bit values stretched to 8 bits (percentiles 2 to 98)",)
    assert picture.rgb.min() == 0
    assert picture.rgb.max() == 255
    inner = (picture.rgb > 0).all(axis=2) & (picture.rgb < 255).all(axis=2)
    hue = np.argsort(np.asarray(rgb())[inner], axis=1)
    assert (np.argsort(picture.rgb[inner], axis=1) == hue).mean() > 0.95


def test_what_is_transparent_has_no_part_in_the_stretch_of_16_bits() -> None:
    values = np.full((40, 40, 4), 65_535, np.uint16)
    values[:20, :, :3] = np.arange(1000, 1040)[None, :, None]
    values[20:, :, 3] = 0
    picture = decode(png16(values), LIMITS)
    assert picture.rgb[:20].max() == 255
    assert 90 < picture.rgb[:20].mean() < 160
    assert (picture.rgb[20:] == 128).all()
    assert picture.notes[-1] == "50 % is transparent, shown over grey"


def test_sixteen_bits_all_transparent_are_empty() -> None:
    with pytest.raises(EmptyImage, match="transparent"):
        decode(png16(np.zeros((40, 40, 4), np.uint16)), LIMITS)


def test_sixteen_bits_of_grey_with_alpha_are_stretched() -> None:
    values = np.stack([ramp().astype(np.uint16) * 9, np.full((48, 64), 65_535, np.uint16)], axis=2)
    picture = decode(png16(values), LIMITS)
    assert picture.rgb.max() == 255
    assert (picture.rgb[..., 0] == picture.rgb[..., 2]).all()


def test_sixteen_bit_colour_cut_short_is_corrupt() -> None:
    data = png16(np.asarray(rgb()).astype(np.uint16) * 9)
    for end in range(40, len(data) - 20, 211):
        with pytest.raises(CorruptImage):
            decode(data[:end], LIMITS)


def test_sixteen_bit_pixels_that_are_missing_are_not_made_up() -> None:
    header = struct.pack(">IIBBBBB", 64, 64, 16, 2, 0, 0, 0)
    for length in (0, 100, 12_000):
        with pytest.raises(CorruptImage):
            decode(chunked_png(header, bytes(length)), LIMITS)


def test_a_long_text_beside_the_picture_does_not_make_it_damaged(shared_data: Path) -> None:
    picture = decode((shared_data / "imagery/hostile/big_ztxt.png").read_bytes(), LIMITS)
    assert (picture.width_px, picture.notes) == (256, ())


@pytest.mark.parametrize("kind", ["GIF", "BMP", "AVIF"])
def test_other_kinds_that_pillow_reads_are_taken(kind: str) -> None:
    picture = decode(saved(rgb(), kind), LIMITS)
    assert picture.mime == f"image/{kind.lower()}"
    assert abs(picture.rgb.astype(int) - np.asarray(rgb()).astype(int)).mean() < 4
    assert picture.notes == ()


def test_an_avif_that_names_its_container_first_is_an_avif() -> None:
    data = bytearray(saved(rgb(), "AVIF"))
    size = int.from_bytes(data[:4], "big")
    data[8:12] = b"mif1"
    assert b"avif" in data[16:size]
    assert decode(bytes(data), LIMITS).mime == "image/avif"


def test_jpeg_2000_is_told_by_its_first_bytes() -> None:
    assert mime_of(b"\0\0\0\x0cjP  \r\n\x87\n") == "image/jp2"
    assert mime_of(b"\xff\x4f\xff\x51\0") == "image/jp2"


def test_a_cmyk_jpeg_without_adobes_mark_is_not_inverted() -> None:
    data = saved(rgb().convert("CMYK"), "JPEG")
    at = data.index(b"\xff\xee")
    size = int.from_bytes(data[at + 2 : at + 4], "big")
    plain = decode(data[:at] + data[at + 2 + size :], LIMITS).rgb
    # The same samples, now read as ink and not as its absence.
    assert abs(plain.mean() - decode(data, LIMITS).rgb.mean()) > 20


def test_an_embedded_profile_is_applied() -> None:
    picture = decode(saved(rgb(), icc_profile=_profile_with_red_and_blue_swapped()), LIMITS)
    red, _, blue = (picture.rgb[..., i].astype(int).mean() for i in range(3))
    plain_red, _, plain_blue = (np.asarray(rgb())[..., i].mean() for i in range(3))
    assert (red > blue) != (plain_red > plain_blue)


def test_a_damaged_profile_leaves_the_picture_as_it_is() -> None:
    picture = decode(saved(rgb(), icc_profile=b"\0" * 200), LIMITS)
    assert (picture.rgb == np.asarray(rgb())).all()


def test_a_large_jpeg_is_read_smaller_where_fewer_pixels_will_do() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(rgb(1600, 800), "JPEG", exif=exif)
    picture = decode(data, LIMITS, enough_px=20_000)
    assert (picture.width_px, picture.height_px) == (200, 400)
    assert picture.scene_px == (800, 1600)
    assert decode(data, LIMITS).scene_px is None


def test_a_gif_whose_frame_is_larger_than_its_screen_is_refused() -> None:
    data = bytearray(saved(rgb(), "GIF"))
    place = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 64, 48)) + 5
    data[place : place + 4] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(ImageTooLarge):
        decode(bytes(data), LIMITS)


def test_transparent_parts_are_grey_and_counted() -> None:
    image = rgb().convert("RGBA")
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:, :32] = 0
    image.putalpha(Image.fromarray(alpha))
    picture = decode(saved(image), LIMITS)
    assert (picture.rgb[:, :32] == 128).all()
    assert (picture.rgb[:, 32:] == np.asarray(rgb())[:, 32:]).all()
    assert picture.notes == ("50 % is transparent, shown over grey",)


def test_a_transparent_palette_colour_is_grey() -> None:
    data = saved(Image.fromarray(ramp()).convert("P"), transparency=int(ramp()[0, 0]))
    assert (decode(data, LIMITS).rgb[0, 0] == 128).all()


def test_a_picture_that_is_all_transparent_is_empty() -> None:
    with pytest.raises(EmptyImage, match="transparent"):
        decode(saved(Image.new("RGBA", (64, 64))), LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_shows_its_first_frame_and_says_so(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("#204060", "#a0a0a0", "#ffffff")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
    picture = decode(data, LIMITS)
    assert tuple(picture.rgb[0, 0]) == (0x20, 0x40, 0x60)
    assert picture.notes[0] == "first frame of 3"


def test_a_small_picture_and_an_even_one_say_so() -> None:
    assert decode(png(7, 90), LIMITS).notes == ("very small: 7 × 90 pixels",)
    assert "nothing to see" in decode(saved(Image.new("RGB", (64, 64))), LIMITS).notes[0]


def test_a_strip_no_model_takes_is_refused() -> None:
    with pytest.raises(UnsupportedImage, match="more than 200 times"):
        decode(png(1608, 8), LIMITS)


def test_more_bytes_than_the_limit_are_not_looked_at() -> None:
    with pytest.raises(ImageTooLarge, match="the file has"):
        decode(png(), Limits(max_bytes=20))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("lossless", [True, False])
def test_more_pixels_than_the_limit_are_not_decoded(kind: str, lossless: bool) -> None:
    options = {"lossless": lossless} if kind == "WEBP" else {}
    with pytest.raises(ImageTooLarge, match="64 × 48 pixels"):
        decode(saved(rgb(), kind, **options), Limits(max_pixels=3071))


def test_an_extended_webp_header_is_measured_before_it_is_opened() -> None:
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + b"\xfe\x3f\0" * 2
    with pytest.raises(ImageTooLarge):
        decode(b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk, LIMITS)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"<!DOCTYPE html><title>404</title>", "web page"),
        (b"  <html>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b"hello", "not a picture of any known kind"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, words: str) -> None:
    with pytest.raises(NotAnImage, match=words):
        mime_of(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"<svg xmlns='x'/>", "SVG"),
        (b"<?xml version='1.0'?><!DOCTYPE svg><svg/>", "SVG"),
        (b"<VRTDataset rasterXSize='1'>", "VRT files can point at other files"),
    ],
)
def test_a_picture_of_another_kind_is_named_with_a_way_out(data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedImage, match=words) as caught:
        mime_of(data)
    assert caught.value.hint.startswith("convert it")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF", "GIF"])
def test_a_file_cut_anywhere_is_corrupt(kind: str) -> None:
    data = saved(rgb(), kind)
    for end in range(16, len(data) * 9 // 10, 97):
        with pytest.raises(CorruptImage) as caught:
            decode(data[:end], LIMITS)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF", "GIF"])
@given(changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=8))
def test_a_file_with_changed_bytes_is_a_picture_or_one_of_our_errors(
    kind: str, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(saved(rgb(), kind))
    for place, value in changes:
        data[place % len(data)] = value
    try:
        assert decode(bytes(data), Limits(max_pixels=1_000_000)).rgb.shape[2] == 3
    except ImageryError as error:
        one_line(error)


def test_importing_the_package_loads_no_heavy_library() -> None:
    heavy = "{'numpy', 'PIL', 'rasterio', 'cv2', 'httpcore'}"
    code = f"import sys, imagery, imagery.store; sys.exit(len({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_tiff_takes_the_same_remarks() -> None:
    assert decode(tiff(ramp(8, 40)[None]), LIMITS).notes == ("very small: 8 × 40 pixels",)


def _profile_with_red_and_blue_swapped() -> bytes:
    """SRGB whose directory of tags has the primaries of red and blue under each other's name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    return swapped.replace(b"s\0R\0G\0B", b"o\0t\0h\0e").replace(b"sRGB", b"othe")
