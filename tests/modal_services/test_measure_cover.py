"""What is said of water, vegetation and built-up land, by two methods or by an index."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imagery import Picture
from modal_services.engine import Reply
from modal_services.engines.measure.scene import SceneView
from modal_services.facts import PictureFacts
from tests.modal_services.measuring import (
    BLUE,
    CONCRETE,
    GREEN,
    SILENT,
    Colour,
    ask,
    measured,
    picture,
    scene,
)

WET, DRY = scene(water="present"), scene(water="absent")
LUSH = scene(water="present", vegetation="present")
DIFFER = "I cannot tell whether there is water: two methods disagree"
UNCLEAR = "I cannot tell whether there is water: colour and scene"


def test_share_of_a_half_blue_picture_is_at_least_about_half() -> None:
    found = measured(reply := ask("How much of the image is water?", picture(BLUE, GREEN)))

    low, high = found["range"]
    assert found["answered"] is True
    assert found["unit"] == "percent"
    assert 44 <= low == found["value"] <= 50
    assert high == 100
    assert reply.text.startswith("At least 49 % of the image is water (by colour")


def test_vegetation_share_leaves_the_water_out() -> None:
    assert (
        44
        <= measured(ask("How much is vegetation?", picture(BLUE, GREEN), head=LUSH))["value"]
        <= 56
    )


def test_the_mask_is_where_it_was_found() -> None:
    found = measured(ask("How much of the image is water?", picture(BLUE, GREEN)))

    head, _, data = found["mask"].partition(",")
    assert head == "data:image/png;base64"
    with Image.open(BytesIO(base64.b64decode(data))) as mask:
        values = np.asarray(mask)
    assert values.shape == (256, 256)
    assert values[:, :100].mean() > 250
    assert values[:, 160:].max() == 0


@pytest.mark.parametrize(
    ("shown", "head", "starts"),
    [
        (picture(BLUE, CONCRETE), WET, "Yes: at least"),
        (picture(BLUE, CONCRETE), SILENT, "Yes: at least"),
        (picture(BLUE, CONCRETE), DRY, DIFFER),
        (picture(CONCRETE, GREEN), DRY, "No water found by colour or scene in the 100 % searched."),
        (picture(CONCRETE, GREEN), SILENT, UNCLEAR),
        (picture(CONCRETE, GREEN), WET, DIFFER),
        (picture(BLUE, CONCRETE, split=0.08), SILENT, UNCLEAR),
        (picture(BLUE, CONCRETE, split=0.08), DRY, "No water found by scene in the 100 %"),
        (picture(BLUE, CONCRETE, split=0.08), WET, "Yes: the scene looks like one with water."),
        (picture(BLUE, (40, 60, 80)), SILENT, UNCLEAR),
    ],
)  # fmt: skip
def test_water_is_told_where_no_method_speaks_against_it(
    shown: Picture, head: SceneView, starts: str
) -> None:
    assert ask("Is there water?", shown, head=head).text.startswith(starts)


def test_green_alone_is_no_vegetation() -> None:
    reply = ask("Is there vegetation?", picture(BLUE, GREEN))

    assert reply.detail["answered"] is False
    assert "What I can tell: 256 × 256 px" in reply.text


def test_nothing_found_is_nought_with_what_the_lenient_rule_would_take() -> None:
    found = measured(ask("How much of it is water?", picture(BLUE, GREEN, split=0.08), head=DRY))

    assert found["value"] == 0
    assert 0 < found["range"][1] < 10


def test_absence_of_vegetation_is_never_claimed_by_colour() -> None:
    reply = ask("Is there vegetation?", picture(BLUE, CONCRETE))

    assert reply.detail["answered"] is False
    assert reply.text.startswith("I cannot tell")


@pytest.mark.parametrize("claim", ["present", "absent"])
def test_built_up_land_is_the_scene_heads_word_with_its_measured_precision(claim: str) -> None:
    reply = ask("Is there built-up land?", picture(BLUE, CONCRETE), head=scene(built_up=claim))

    found = measured(reply)
    assert found["value"] == ("yes" if claim == "present" else "none found")
    assert (found["confidence"], found["confidence_from"]) == (0.97, "194 of 200 were right")


@pytest.mark.parametrize("cover", ["built-up land", "bare soil"])
def test_shares_that_colour_cannot_tell_are_refused(cover: str) -> None:
    assert (
        ask(f"How much of the image is {cover}?", picture(BLUE, GREEN)).detail["lacks"] == "cover"
    )


def test_an_index_of_known_bands_speaks_alone() -> None:
    facts = PictureFacts(256, 256, ("a guess",), ndwi_percent=(11, 13), ndvi_percent=(0, 0))
    shown = picture(GREEN, CONCRETE)

    found = measured(reply := ask("How much water is there?", shown, facts))
    assert (found["value"], found["range"], found["mask"]) == (12.0, [11.0, 13.0], "ndwi")
    assert "about 12 % of the image is water (range 11–13 %)" in reply.text.lower()
    none = ask("Is there vegetation?", shown, facts)
    assert none.text.startswith("No vegetation found by NDVI in the 100 % searched.")


def test_a_guessed_band_is_never_an_index() -> None:
    facts = PictureFacts(256, 256, ("shows bands 1, 2, 3 of 4, a guess",), band_count=4)

    assert ask("How much water is there?", picture(BLUE, GREEN), facts).detail["answered"] is False


def test_cloud_is_what_the_metadata_tell_or_nothing() -> None:
    shown = picture(BLUE, GREEN)
    told = PictureFacts(256, 256, cloud_percent=30)

    assert ask("Is it cloudy?", shown, told).text.startswith("Yes: 30 % of the scene is cloud")
    assert ask("Is it mostly cloudy?", shown, told).text.startswith("No: 30 %")
    assert ask("Are there clouds?", shown).text.startswith("I cannot see cloud")


def test_an_area_takes_a_ground_sample_distance() -> None:
    shown = picture(BLUE, GREEN)
    asked = "What is the area covered by water in hectares"

    without = ask(f"{asked}?", shown)
    assert without.detail["lacks"] == "area"
    assert "at 0.3 m per pixel" in without.text
    stated = ask(f"{asked} at 10 m per pixel?", shown)
    facts = PictureFacts(2560, 2560, metres_per_px=1)
    from_file = ask(f"{asked}?", shown, facts)
    half = 2560 * 2560 / 2
    for reply in (stated, from_file):
        assert measured(reply)["value"] == pytest.approx(half, rel=0.1)
        assert " ha is water" in reply.text


def test_data_is_what_an_area_is_of() -> None:
    facts = PictureFacts(1000, 1000, metres_per_px=10, ndwi_percent=(50, 50), nodata_percent=40)

    found = measured(ask("How many km2 of water are there?", picture(BLUE, GREEN), facts))
    assert found["value"] == pytest.approx(0.5 * 0.6 * 1e8)


@pytest.mark.parametrize(
    ("question", "answer", "value"),
    [
        ("Which is larger, water or vegetation?", "There is more water", "water"),
        ("Is there more vegetation than water?", "No: there is more water", "no"),
        ("Is there less vegetation than water?", "Yes: there is more water", "yes"),
        ("Is there more water than bare soil?", "I cannot measure how much bare ground", None),
    ],
)
def test_two_covers_are_weighed(question: str, answer: str, value: str | None) -> None:
    reply = ask(question, picture(BLUE, GREEN, split=0.65), head=LUSH)

    assert reply.text.startswith(answer)
    assert measured(reply)["value"] == value


def test_ranges_that_touch_are_no_comparison() -> None:
    facts = PictureFacts(9, 9, ndwi_percent=(20, 40), ndvi_percent=(35, 60))
    reply = ask("Is there more water than vegetation?", picture(BLUE, GREEN), facts)

    assert reply.text.startswith("I cannot tell which of water and vegetation is more here")


@pytest.mark.parametrize(
    ("split", "head", "starts"),
    [
        (0.78, SILENT, "Mostly water, by colour: at least"),
        (0.1, SILENT, "I cannot name a main land cover"),
        (0.78, scene(dominant="water"), "Mostly water, two methods agree: at least"),
        (0.78, scene(dominant="vegetated"), "Two methods disagree: the scene says mostly"),
        (0.5, SILENT, "I cannot name a main land cover"),
        (0.1, scene(dominant="built"), "I cannot name a main land cover"),
    ],
)
def test_the_main_cover_is_what_the_methods_agree_on(
    split: float, head: SceneView, starts: str
) -> None:
    shown = picture(BLUE, GREEN, split=split)
    assert ask("What is the main land cover?", shown, head=head).text.startswith(starts)


LEADS = scene(dominant="built", group="business or industrial area", built_up="present")


@pytest.mark.parametrize(
    ("question", "answer", "value"),
    [
        ("Is it mostly built-up?", "Yes: mostly built-up land, by the look of the scene.", "yes"),
        ("Is it mostly water?", "No: mostly built-up land, by the look of the scene.", "no"),
        (
            "Is there more vegetation than built-up land?",
            "No: there is more built-up land than vegetation; it is mostly built-up land",
            "no",
        ),
        ("Which is larger, bare ground or built-up land?", "There is more built-up", "built-up"),
        ("Is there more water than vegetation?", "I cannot tell which of water and", None),
    ],
)
def test_a_cover_that_leads_is_more_than_any_other(
    question: str, answer: str, value: str | None
) -> None:
    reply = ask(question, picture(CONCRETE, (120, 110, 100)), head=LEADS)

    assert reply.text.startswith(answer)
    assert measured(reply)["value"] == value


def test_nothing_is_weighed_where_colour_and_scene_disagree_on_what_leads() -> None:
    shown = picture(BLUE, CONCRETE, split=0.8)
    reply = ask("Is there more water than vegetation?", shown, head=scene(dominant="vegetated"))

    assert reply.detail["answered"] is False


def test_the_colour_of_water_is_that_of_its_own_pixels() -> None:
    reply = ask("What colour is the water?", picture(BLUE, GREEN), head=WET)

    assert reply.text.startswith("The dominant colour of what looks like water is teal")
    assert measured(reply)["mask"].startswith("data:image/png")


def test_water_that_is_not_clear_has_no_colour() -> None:
    reply = ask("What colour is the water?", picture(CONCRETE, GREEN))

    assert reply.text.startswith("I cannot tell what colour the water is")


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (scene(scene="denseresidential"), "Yes: the scene looks most like a dense residential"),
        (scene(group="residential area"), "Yes: the scene looks most like some kind of"),
        (scene(scene="harbor"), "No: the scene looks most like a harbour."),
        (scene(group="airfield"), "No: the scene looks most like some kind of airfield."),
        (SILENT, "I cannot tell which scene it is"),
    ],
)
def test_a_group_of_scenes_is_asked_for_by_its_name(head: SceneView, answer: str) -> None:
    reply = ask("Is this a residential area?", picture(CONCRETE, GREEN), head=head)

    assert reply.text.startswith(answer)


def farmland(green: Colour) -> Reply:
    head = replace(
        scene(scene="agricultural", dominant="vegetated"), ranked=(("agricultural", 1.0),)
    )
    return ask("What is the main land cover?", picture(CONCRETE, green, split=0.7), head=head)


def test_farmland_that_may_be_ploughed_is_no_vegetation_without_any_green() -> None:
    assert farmland(CONCRETE).text.startswith("I cannot name a main land cover")
    assert farmland(GREEN).text.startswith("Mostly vegetation, by the look of the scene.")


def test_what_looks_half_built_up_needs_bare_ground_without_green_by_colour_too() -> None:
    unsure = scene(dominant="built", p=0.75)
    question, answer = (
        "How much of the image is built up?",
        "More than half of the image is built-up",
    )

    assert ask(question, picture(CONCRETE, CONCRETE), head=unsure).text.startswith(answer)
    assert not ask(question, picture(CONCRETE, GREEN), head=unsure).detail["answered"]


def test_the_scene_may_tell_that_more_than_half_is_a_cover() -> None:
    head = scene(dominant="vegetated", vegetation="present")
    reply = ask("How much is vegetation?", picture(CONCRETE, GREEN, split=0.7), head=head)

    found = measured(reply)
    assert reply.text.startswith("More than half of the image is vegetation, by the look")
    assert (found["value"], found["range"]) == (50, [50, 100])


def test_a_lower_bound_under_half_is_no_no_to_whether_it_is_mostly_that() -> None:
    shown = picture(BLUE, CONCRETE, split=0.3)
    assert not ask("Is it mostly water?", shown, head=WET).detail["answered"]
    assert ask("Is it mostly water?", picture(BLUE, GREEN, split=0.7), head=WET).text.startswith(
        "Yes: at least"
    )


def test_no_water_is_not_said_where_the_scene_may_be_a_river() -> None:
    head = replace(DRY, ranked=(("sparseresidential", 0.96), ("river", 0.03)))
    reply = ask("Is there water?", picture(CONCRETE, GREEN), head=head)

    assert reply.text.startswith(UNCLEAR)


def test_how_much_after_whether_says_it_once() -> None:
    reply = ask("Is there water, and how much of the image does it cover?", picture(BLUE, GREEN))

    assert reply.text == "Yes. At least 49 % of the image is water (by colour)."
    assert len(reply.measurements) == 2
