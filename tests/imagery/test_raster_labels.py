"""The facts of the shared GeoTIFFs against their labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagery import EmptyImage, Limits
from imagery.raster import read_facts, read_raster

LIMITS = Limits()
# What a person who knows the file would state, where the file itself does not say it.
STATED: dict[str, str | dict[str, int]] = {
    "naip_nd_2009_4band.tif": "naip",
    "naip_pivots_4band.tif": {"nir": 4},
    "landsat7_olinda_6band.tif": "landsat7",
}


def _rows(shared_data: Path, task: str) -> list[dict[str, Any]]:
    lines = (shared_data / "imagery/labels.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return [r for r in rows if r["task"] == task and r["file"].startswith("geotiff/")]


def test_every_label_of_crs_bands_and_size_is_matched(shared_data: Path) -> None:
    rows = _rows(shared_data, "geo_meta")
    assert len(rows) >= 50
    for row in rows:
        facts = read_facts(shared_data / "imagery" / row["file"], LIMITS)
        if "coordinate" in row["question"]:
            named = facts.crs is not None and not facts.crs.startswith("EPSG")
            said = "none (GCPs only)" if facts.crs is None else "custom WKT" if named else facts.crs
            assert said == row["answer"], row["file"]
            assert facts.dtype == row["meta"]["dtype"]
        elif "bands" in row["question"]:
            assert str(len(facts.bands)) == row["answer"], row["file"]
        else:
            assert f"{facts.width_px}x{facts.height_px}" == row["answer"], row["file"]


def test_every_label_of_ndvi_is_matched_once_the_bands_are_known(shared_data: Path) -> None:
    rows = _rows(shared_data, "raster_stat")
    assert len(rows) == 5
    for row in rows:
        file = shared_data / "imagery" / row["file"]
        facts = read_facts(file, LIMITS, band_roles=STATED.get(file.name))
        wanted = pytest.approx(float(row["answer"]), abs=row["tolerance_abs"])
        assert facts.ndvi_mean == wanted, file.name


@pytest.mark.parametrize("name", sorted(STATED))
def test_there_is_no_ndvi_from_a_guess(shared_data: Path, name: str) -> None:
    facts = read_facts(shared_data / "imagery/geotiff" / name, LIMITS)
    assert facts.ndvi_mean is None
    assert facts.ndwi_mean is None


def test_a_world_of_648_megapixels_is_a_picture(shared_data: Path) -> None:
    picture = read_raster(shared_data / "imagery/geotiff/cog_world_36000x18000.tif", LIMITS)
    assert picture.scene_px == (36000, 18000)
    assert picture.width_px * picture.height_px <= 2 * LIMITS.model_pixels
    facts = picture.facts
    assert facts is not None
    assert facts.footprint is not None
    assert list(facts.footprint.bounds) == [-180, -90, 180, 90]
    assert facts.nodata_share == pytest.approx(0.668, abs=0.005)


def test_a_scene_over_the_antimeridian_has_a_footprint_in_two_parts(shared_data: Path) -> None:
    facts = read_facts(shared_data / "imagery/geotiff/dateline_utm60.tif", LIMITS)
    assert facts.footprint is not None
    assert facts.footprint.type == "MultiPolygon"
    bounds = facts.footprint.bounds
    assert 177 < bounds[0] < 180
    assert -180 < bounds[2] < -178


def test_mars_is_not_placed_on_earth(shared_data: Path) -> None:
    facts = read_facts(shared_data / "imagery/geotiff/mars_hirise.tif", LIMITS)
    assert facts.crs == "Mars (Equirectangular MARS)"
    assert facts.footprint is None
    assert facts.ground_sample_distance_m == pytest.approx(5.0, abs=0.01)
    assert any("not on Earth" in warning for warning in facts.warnings)


def test_a_rotated_radar_picture_keeps_its_pixel_size(shared_data: Path) -> None:
    facts = read_facts(shared_data / "imagery/geotiff/umbra_sar_yasur_2000.tiff", LIMITS)
    assert facts.kind == "sar-like"
    assert facts.ground_sample_distance_m == pytest.approx(0.594, abs=0.001)


def test_ground_control_points_give_an_estimate_that_says_so(shared_data: Path) -> None:
    facts = read_facts(shared_data / "imagery/geotiff/gcps_only.tif", LIMITS)
    assert facts.kind == "sar-like"
    assert facts.crs is None
    assert facts.footprint is not None
    assert facts.acquired == "2018-07-16"
    assert any("210 ground control points" in warning for warning in facts.warnings)


def test_a_scene_without_data_has_facts_but_no_picture(shared_data: Path) -> None:
    file = shared_data / "imagery/geotiff/all_nodata.tif"
    facts = read_facts(file, LIMITS)
    assert facts.nodata_share == 1
    assert "no pixel holds data" in facts.warnings
    with pytest.raises(EmptyImage, match="no pixel"):
        read_raster(file, LIMITS)
