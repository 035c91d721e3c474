from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine

from imagery import BadReference, CorruptImage, ImageRef, Limits, NotAnImage, UnsupportedImage
from imagery.facts import RasterFacts, facts_of_photo
from imagery.measures import acquired, mean_difference
from imagery.orientation import orientation_of
from imagery.raster import read_facts, read_raster
from imagery.speckle import has_speckle
from imagery.stretch import choose_stretch
from tests.imagery.pictures import ramp, rgb, saved, tiff

LIMITS = Limits()
UTM = Affine(10, 0, 5e5, 0, -10, 5e6)


def scene(dtype: str = "uint16", names: tuple[str, ...] = ("red", "nir")) -> bytes:
    bands = np.stack([np.full((40, 40), i * 100) for i in range(1, len(names) + 1)])
    bands[:, 0, 0] += 1
    return tiff(bands.astype(dtype), names=names, crs="EPSG:32633", transform=UTM)


def test_ndvi_is_of_raw_numbers_where_both_bands_are_known() -> None:
    facts = read_facts(scene(), LIMITS)
    assert facts.ndvi_mean == pytest.approx(1 / 3, abs=1e-3)
    assert facts.ndwi_mean is None


def test_unsigned_numbers_do_not_wrap_in_an_index() -> None:
    red, nir = np.array([[200]], np.uint8), np.array([[100]], np.uint8)
    assert mean_difference(nir, red, (None, None)) == pytest.approx(-1 / 3)


def test_an_index_leaves_out_pixels_without_data_and_of_no_light() -> None:
    nir = np.array([[-9999, 300, 0, 5]], np.int16)
    red = np.array([[50, 100, 0, -9999]], np.int16)
    assert mean_difference(nir, red, (-9999, -9999)) == 0.5
    assert mean_difference(nir[:, :1], red[:, :1], (-9999, None)) is None


def test_facts_survive_json_and_travel_with_a_reference() -> None:
    facts = read_facts(scene(), LIMITS)
    ref = ImageRef(
        sha256="0" * 64,
        mime="image/tiff",
        width_px=9,
        height_px=9,
        bytes=9,
        source="x",
        facts=facts,
    )
    assert ImageRef.model_validate_json(ref.model_dump_json()).facts == facts
    geometry = json.loads(facts.model_dump_json())["footprint"]
    assert geometry["type"] == "Polygon"
    assert len(geometry["coordinates"][0][0]) == 2


@pytest.mark.parametrize(("mode", "names"), [("RGB", 3), ("L", 1), ("RGBA", 3), ("I;16", 1)])
def test_a_photograph_has_facts_of_the_same_shape(mode: str, names: int) -> None:
    facts = facts_of_photo(640, 480, mode)
    assert facts.kind == "photo"
    assert len(facts.bands) == len(facts.shown_bands) == names
    assert facts.footprint is None


@pytest.mark.parametrize(
    ("tags", "date"),
    [
        ({"TIFFTAG_DATETIME": "2018:07:16 06:06:23"}, "2018-07-16"),
        ({"ACQUISITION_DATE": "2020-02-03", "TIFFTAG_DATETIME": "2022:01:01"}, "2020-02-03"),
        ({"acquisitionDateTime": "2021-05-06T07:08:09Z"}, "2021-05-06"),
        ({"DATE_ACQUIRED": "20190203"}, "2019-02-03"),
        ({"TIFFTAG_DATETIME": "0000:00:00 00:00:00"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_date_is_read_from_tags(tags: dict[str, str], date: str | None) -> None:
    assert acquired(tags) == date


def test_stated_bands_make_ndvi_known() -> None:
    data = scene(names=("", ""))
    assert read_facts(data, LIMITS).ndvi_mean is None
    assert read_facts(data, LIMITS, band_roles={"red": 1, "nir": 2}).ndvi_mean is not None
    with pytest.raises(BadReference):
        read_facts(data, LIMITS, band_roles={"nir": 3})


def test_stac_bands_make_ndvi_known() -> None:
    bands = [{"name": "B1", "common_name": "red"}, {"name": "B2", "common_name": "nir"}]
    assert read_facts(scene(names=("", "")), LIMITS, eo_bands=bands).ndvi_mean is not None


def test_a_file_without_a_place_says_so() -> None:
    facts = read_facts(tiff(ramp()[None]), LIMITS)
    assert (facts.crs, facts.footprint, facts.ground_sample_distance_m) == (None, None, None)
    assert any("where it lies" in warning for warning in facts.warnings)


def test_a_local_file_is_opened_in_place(tmp_path: Path) -> None:
    file = tmp_path / "zip:odd!name&.tif"
    file.write_bytes(scene())
    assert read_facts(file, LIMITS) == read_facts(scene(), LIMITS)


@pytest.mark.parametrize("start", [b"<VRTDataset/>", b"\x89PNG\r\n\x1a\n", b""])
def test_other_files_are_refused_by_their_first_bytes(start: bytes, tmp_path: Path) -> None:
    file = tmp_path / "scene.tif"
    file.write_bytes(start)
    for source in (start, file):
        with pytest.raises(UnsupportedImage, match="neither"):
            read_raster(source, LIMITS)


@pytest.mark.parametrize("name", ["/vsicurl/https://example.com/a.tif", "missing.tif", "."])
def test_what_is_not_a_file_is_not_opened(name: str) -> None:
    with pytest.raises(NotAnImage):
        read_raster(Path(name), LIMITS)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(NotAnImage, match="not a file"):
        read_raster(tmp_path / "pipe.tif", LIMITS)


@pytest.mark.parametrize("kind", ["TIFF", "JPEG2000"])
def test_half_a_file_is_corrupt_or_a_picture(kind: str) -> None:
    data = saved(rgb(512, 512), kind)
    try:
        assert read_raster(data[: len(data) // 2], LIMITS).rgb.shape == (512, 512, 3)
    except CorruptImage as error:
        assert error.hint  # noqa: PT017 - either is right, and both are looked at


def test_the_same_speckle_is_not_seen_in_a_smooth_picture() -> None:
    noise = np.random.default_rng(1).rayleigh(50, (256, 256))
    assert has_speckle(noise)
    assert not has_speckle(ramp(256, 256))
    assert not has_speckle(np.full((256, 256), np.nan))
    assert not has_speckle(noise[:8, :8])


@given(
    st.sampled_from(["uint16", "int16", "int32", "float32", "float64"]),
    st.integers(1, 3),
    st.integers(0, 2**32 - 1),
    st.floats(1e-3, 1e4),
)
def test_a_stretch_keeps_the_order_of_values(
    dtype: str, count: int, seed: int, size: float
) -> None:
    values = np.random.default_rng(seed).normal(size, size / 3, (count, 16, 16)).astype(dtype)
    valid = np.ones((16, 16), bool)
    shown = choose_stretch(values, valid).apply(values, valid)
    assert shown.shape == (16, 16, count)
    for i in range(count):
        order = np.argsort(values[i].ravel(), kind="stable")
        assert (np.diff(shown[..., i].ravel()[order].astype(int)) >= 0).all()


@pytest.mark.parametrize("big", [False, True])
def test_the_orientation_is_found_in_either_kind_of_tiff(big: bool) -> None:
    if big:
        head = b"MM\0+\0\x08\0\0" + struct.pack(">QQ", 16, 1)
        data = head + struct.pack(">HHQHxxxxxx", 274, 3, 1, 8)
    else:
        data = b"II*\0" + struct.pack("<IHHHIHxx", 8, 1, 274, 3, 1, 8)
    assert orientation_of(data) == 8


@given(st.binary(max_size=64))
def test_any_bytes_have_an_orientation(data: bytes) -> None:
    assert 1 <= orientation_of(b"II*\0" + data) <= 8


def test_facts_are_found_by_role() -> None:
    facts = read_facts(scene(), LIMITS)
    assert isinstance(facts, RasterFacts)
    assert facts.band("nir", known=True) == 2
    assert facts.band("blue") is None


def test_a_palette_is_a_palette() -> None:
    data = tiff((ramp() > 100).astype(np.uint8)[None], colormap={0: (1, 2, 3), 1: (9, 8, 7)})
    assert read_facts(data, LIMITS).kind == "palette"
