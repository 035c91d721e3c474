from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.crs import CRS
from rasterio.transform import Affine

from imagery.footprint import footprint
from imagery.georeference import Georeference

# CRS, and a place of it in its own coordinates: the last four are polar or on the antimeridian.
PLACES = (
    (32633, 5e5, 5e6, 10.0),
    (26914, 4.8e5, 5.2e6, 1.0),
    (3857, 1.2e6, 6.1e6, 0.6),
    (2263, 1e6, 2e5, 1.0),
    (4326, 12.5, 41.9, 1e-4),
    (6933, 1.2e6, 4.4e6, 250.0),
    (3413, -2e5, -1.5e5, 100.0),
    (3031, 3e5, -4e5, 100.0),
    (32660, 7.5e5, 5.7e6, 100.0),
    (4326, 179.9, -17.0, 1e-3),
)
MOON = CRS.from_wkt(
    'GEOGCS["Moon 2000",DATUM["D_Moon_2000",SPHEROID["Moon_2000_IAU_IAG",1737400,0]],'
    'PRIMEM["Reference_Meridian",0],UNIT["degree",0.0174532925199433]]'
)


def at(epsg: int, x: float, y: float, size: float, *, turn: float = 0) -> Georeference:
    c, s = size * np.cos(turn), size * np.sin(turn)
    transform = Affine(float(c), float(s), x, float(s), float(-c), y)
    return Georeference(CRS.from_epsg(epsg), transform, 1000, 800)


@given(
    st.sampled_from(PLACES),
    st.floats(0, 2 * np.pi),
    st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 800)), min_size=1, max_size=5),
)
def test_pixels_go_to_lonlat_and_back(
    place: tuple[int, float, float, float], turn: float, points: list[tuple[float, float]]
) -> None:
    scene = at(*place, turn=turn)
    x, y = np.array(points).T
    lon, lat = scene.to_lonlat(x, y)
    assert (np.abs(lon) <= 180).all()
    assert (np.abs(lat) <= 90).all()
    back = scene.from_lonlat(lon, lat)
    assert np.allclose(back, (x, y), atol=0.01)


def test_a_point_that_a_projection_lacks_is_nan_and_spoils_no_other() -> None:
    scene = at(32660, 7.5e5, 5.7e6, 1e5)
    lon, _ = scene.to_lonlat([0, 1e7], [0, 1e7])
    assert np.isfinite(lon[0])
    assert np.isnan(lon[1])


@pytest.mark.parametrize(
    ("place", "metres"),
    [
        ((32633, 5e5, 5e6, 10.0), 10.0),
        ((2263, 1e6, 2e5, 1.0), 0.3048),
        ((3857, 0, 8399737.9, 10.0), 5.0),  # 60 degrees north: half
        ((4326, 10, 0.04, 1e-4), 11.1),
        ((4326, 10, 60.04, 1e-4), 7.89),  # square root of 11.14 m x 5.58 m
    ],
)
def test_a_pixel_is_measured_on_the_ground(
    place: tuple[int, float, float, float], metres: float
) -> None:
    assert at(*place).ground_sample_distance_m == pytest.approx(metres, rel=0.005)


def test_other_planets_are_named_and_not_placed() -> None:
    moon = Georeference(MOON, Affine(1, 0, 0, 0, -1, 0), 10, 10)
    assert moon.name.startswith("Moon (")
    assert moon.ground_sample_distance_m is None
    with pytest.raises(ValueError, match="Moon"):
        moon.to_lonlat(0, 0)


def test_a_body_of_no_known_name_is_another_planet() -> None:
    odd = CRS.from_wkt(MOON.to_wkt().replace("Moon", "Xyz").replace("1737400", "1000"))
    assert Georeference(odd, Affine(1, 0, 0, 0, -1, 0), 10, 10).planet == "another planet"


@pytest.mark.parametrize("radius", ["7.13e-300", "1e+300", "0.5"])
def test_a_body_of_absurd_size_is_another_planet(radius: str) -> None:
    odd = CRS.from_wkt(MOON.to_wkt().replace("Moon", "Xyz").replace("1737400", radius))
    assert Georeference(odd, Affine(1, 0, 0, 0, -1, 0), 10, 10).planet == "another planet"


def test_a_crs_is_named_by_its_authority() -> None:
    assert at(32633, 5e5, 5e6, 10).name == "EPSG:32633"
    mollweide = Georeference(CRS.from_string("ESRI:54009"), Affine(1, 0, 0, 0, -1, 0), 9, 9)
    assert mollweide.name == "ESRI:54009"


def test_a_footprint_is_closed_and_runs_counter_clockwise() -> None:
    outline = footprint(at(32633, 5e5, 5e6, 10))
    assert outline is not None
    assert outline.type == "Polygon"
    (ring,) = outline.model_dump()["coordinates"]
    assert ring[0] == ring[-1]
    x, y = np.array(ring).T
    assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0


@pytest.mark.parametrize("place", [(4326, 179.9, -17.0, 1e-3), (32660, 6e5, 5.7e6, 300.0)])
def test_a_footprint_over_the_antimeridian_has_two_parts(
    place: tuple[int, float, float, float],
) -> None:
    outline = footprint(at(*place))
    assert outline is not None
    assert outline.type == "MultiPolygon"
    west, south, east, north = outline.bounds
    assert west > 170
    assert east < -170
    assert south < north


@pytest.mark.parametrize(("epsg", "pole"), [(3413, 90.0), (3031, -90.0)])
def test_a_footprint_round_a_pole_reaches_it(epsg: int, pole: float) -> None:
    outline = footprint(at(epsg, -5e5, 4e5, 1000.0))
    assert outline is not None
    (ring,) = outline.model_dump()["coordinates"]
    points = np.array(ring)
    assert pole in points[:, 1]
    assert (points[:, 0].min(), points[:, 0].max()) == (-180, 180)


def test_a_grid_of_0_to_360_degrees_covers_the_world() -> None:
    world = Georeference(CRS.from_epsg(4326), Affine(1, 0, 0, 0, -1, 90), 360, 180)
    outline = footprint(world)
    assert outline is not None
    assert outline.type == "MultiPolygon"
    lon = [point[0] for (ring,) in outline.model_dump()["coordinates"] for point in ring]
    assert (min(lon), max(lon)) == (-180, 180)


def test_a_footprint_outside_of_a_projection_is_none() -> None:
    assert footprint(at(32633, 5e5, 5e6, 1e6)) is None
