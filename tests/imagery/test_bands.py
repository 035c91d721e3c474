from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagery import BadReference, EmptyImage
from imagery.bandnames import role_of, role_of_common_name, roles_by_number
from imagery.bands import BandPlan, Evidence, kind_of, plan_bands
from imagery.layouts import LAYOUTS, PRESETS, parse_band_roles, preset


def evidence(
    count: int,
    dtype: str = "uint8",
    *,
    names: tuple[str | None, ...] | None = None,
    colours: tuple[str, ...] | None = None,
    tags: dict[str, str] | None = None,
    ground_m: float | None = None,
) -> Evidence:
    plain = ("gray", *("undefined",) * (count - 1))
    return Evidence(
        names or (None,) * count, colours or plain, (dtype,) * count, tags or {}, ground_m
    )


def roles(plan: BandPlan) -> list[str | None]:
    return [band.role for band in plan.bands]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("red", "red"),
        ("B5 nir", "nir"),
        ("Near Infrared", "nir"),
        ("NearInfrared", "nir"),
        ("near-infrared (band 5)", "nir"),
        ("Vegetation Red Edge 1", "rededge"),
        ("RedEdge", "rededge"),
        ("B8A narrow NIR", "nir08"),
        ("coastal_blue", "coastal"),
        ("SWIR 1", "swir1"),
        ("Shortwave Infrared 2", "swir2"),
        ("band 6 temperature", "thermal"),
        ("pixel_qa", "mask"),
        ("fmask", "mask"),
        ("sigma0_VV", "sar"),
        ("NDVI", "index"),
        ("infrared", None),
        ("predicted", None),
        ("band 4", None),
        ("", None),
    ],
)
def test_a_bands_name_says_its_role(name: str, role: str | None) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("name", "role"),
    [("nir", "nir"), ("nir08", "nir08"), ("swir16", "swir1"), ("swir22", "swir2"),
     ("rededge071", "rededge"), ("lwir11", "thermal"), ("coastal", "coastal"), ("odd", None)],
)  # fmt: skip
def test_common_names_of_stac_are_understood(name: str, role: str | None) -> None:
    assert role_of_common_name(name) == role


@given(st.text(max_size=300))
def test_any_text_is_a_role_or_none(name: str) -> None:
    assert role_of(name) is None or str(role_of(name)).isidentifier()
    assert len(roles_by_number([name])) == 1


def test_sentinel_2_is_told_by_its_band_8a() -> None:
    names = ("B2", "B3", "B4", "B8", "B8A")
    assert roles_by_number(names) == ["blue", "green", "red", "nir", "nir08"]


def test_sentinel_2_is_told_by_numbers_of_two_digits() -> None:
    assert roles_by_number(("B02", "B03", "B04", "B08")) == ["blue", "green", "red", "nir"]


def test_surface_reflectance_6_is_landsat_8s() -> None:
    names = tuple(f"SR_B{i}" for i in range(1, 8))
    assert roles_by_number(names)[3:5] == ["red", "nir"]


def test_surface_reflectance_without_6_is_landsat_7s() -> None:
    names = tuple(f"SR_B{i}" for i in (1, 2, 3, 4, 5, 7))
    assert roles_by_number(names)[2:4] == ["red", "nir"]


def test_band_6_of_temperature_is_landsat_7s() -> None:
    names = (*(f"band {i} reflectance" for i in (1, 2, 3, 4, 5, 7)), "band 6 temperature", None)
    plan = plan_bands(evidence(8, "int16", names=names))
    assert plan.known("nir") == 4
    assert plan.shown == (3, 2, 1)


def test_numbers_that_only_count_say_nothing() -> None:
    assert roles_by_number(tuple(f"Band {i}" for i in range(1, 8))) == [None] * 7
    plan = plan_bands(evidence(4, names=("Band 1", "Band 2", "Band 3", "Band 4")))
    assert plan.note is not None
    assert "a guess" in plan.note


def test_names_of_bands_are_known_roles() -> None:
    plan = plan_bands(evidence(4, "uint16", names=("blue", "green", "red", "nir")))
    assert plan.shown == (3, 2, 1)
    assert plan.note == "shows bands 3, 2, 1 of 4"
    assert plan.known("nir") == 4
    assert kind_of(plan) == "multispectral"


def test_names_are_believed_before_colour_interpretation() -> None:
    colours = ("red", "green", "blue", "alpha")
    plan = plan_bands(evidence(4, names=("nir", "red", "green", "blue"), colours=colours))
    assert plan.shown == (2, 3, 4)
    assert roles(plan) == ["nir", "red", "green", "blue"]


def test_stac_bands_are_known_roles() -> None:
    bands = [{"name": n, "common_name": c} for n, c in
             (("1", "red"), ("2", "green"), ("3", "blue"), ("4", "nir"))]  # fmt: skip
    plan = plan_bands(evidence(4), eo_bands=bands)
    assert plan.known("nir") == 4
    assert plan.shown == (1, 2, 3)


def test_stac_bands_of_another_number_are_not_used() -> None:
    assert plan_bands(evidence(4), eo_bands=[{"name": "red"}]).known("red") is None


def test_six_bands_of_28_metres_are_taken_for_landsat_and_called_a_guess() -> None:
    plan = plan_bands(evidence(6, ground_m=28.5))
    assert plan.note == (
        "shows bands 3, 2, 1 of 6, taken for a Landsat 4-7 stack (6 bands, 28.5 m), "
        "which is a guess"
    )
    assert roles(plan)[3] == "nir"
    assert plan.known("nir") is None


def test_tags_of_a_mission_make_its_layout_known() -> None:
    plan = plan_bands(evidence(6, tags={"SPACECRAFT_ID": "LANDSAT_7"}, ground_m=30))
    assert plan.known("nir") == 4


def test_a_mission_does_not_tell_the_order_of_four_bands() -> None:
    tags = {"SATELLITE": "Sentinel-2A"}
    assert plan_bands(evidence(4, "uint16", tags=tags, ground_m=10)).known("nir") is None


@pytest.mark.parametrize(("count", "nir"), [(13, 8), (12, 8), (10, 7), (4, 4)])
def test_sentinel_2_stacks_are_recognised_by_their_number_of_bands(count: int, nir: int) -> None:
    plan = plan_bands(evidence(count, "uint16", ground_m=10))
    assert roles(plan).index("nir") + 1 == nir
    assert plan.known("nir") is None


def test_naip_is_recognised_and_its_fourth_band_is_a_guess() -> None:
    colours = ("red", "green", "blue", "undefined")
    plan = plan_bands(evidence(4, colours=colours, ground_m=0.6))
    assert plan.note == "shows bands 1, 2, 3 of 4"
    assert plan.taken_for == "NAIP picture"
    assert (plan.bands[3].role, plan.bands[3].role_known) == ("nir", False)


def test_a_layout_that_contradicts_the_names_is_not_used() -> None:
    plan = plan_bands(evidence(4, names=("nir", None, None, None), ground_m=0.6))
    assert plan.taken_for is None
    assert roles(plan) == ["nir", None, None, None]


def test_what_a_person_states_is_known() -> None:
    plan = plan_bands(evidence(4), stated={"red": 1, "nir": 4})
    assert (plan.known("red"), plan.known("nir")) == (1, 4)


def test_near_infrared_red_and_green_are_shown_in_false_colour() -> None:
    plan = plan_bands(evidence(3, names=("nir", "red", "green")))
    assert plan.shown == (1, 2, 3)
    assert plan.note is not None
    assert "false colour" in plan.note


@pytest.mark.parametrize("stated", [{"nir": 5}, {"nir": 0}, "sentinel2"])
def test_a_statement_that_does_not_fit_the_file_is_refused(stated: str | dict[str, int]) -> None:
    with pytest.raises(BadReference):
        plan_bands(evidence(3), stated=stated)


def test_a_file_of_masks_alone_has_no_picture() -> None:
    with pytest.raises(EmptyImage):
        plan_bands(evidence(1, names=("cloud mask",)))


@pytest.mark.parametrize(
    ("name", "kind"), [("NDVI", "index"), ("VV", "sar-like"), ("x", "greyscale")]
)
def test_one_band_is_what_its_name_says(name: str, kind: str) -> None:
    assert kind_of(plan_bands(evidence(1, names=(name,)))) == kind


def test_band_roles_are_read_from_text() -> None:
    assert parse_band_roles("red=3, NIR=4") == {"red": 3, "nir": 4}
    assert parse_band_roles("landsat7") == "landsat7"


@pytest.mark.parametrize(
    "text", ["", "red", "red=", "=3", "red=x", "red=3,,", "red=123456", "a b=1"]
)
def test_other_text_is_refused_with_the_presets_named(text: str) -> None:
    with pytest.raises(BadReference) as caught:
        parse_band_roles(text)
    assert "landsat7" in caught.value.hint


@given(st.text(max_size=30))
def test_any_text_is_band_roles_or_refused(text: str) -> None:
    with suppress(BadReference):
        assert parse_band_roles(text)


def test_every_preset_has_a_layout_with_red_and_near_infrared() -> None:
    for name in PRESETS:
        counts = [len(layout.roles) for layout in LAYOUTS if name in layout.presets]
        for count in counts:
            found = preset(name, count, "uint16")
            assert found is not None
            assert {"red", "nir"} <= set(found)
