"""What is said of the scene, of ships, and of what the file states."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from imagery import Picture
from modal_services.facts import PictureFacts
from tests.modal_services.measuring import BLUE, GREEN, ask, grey_noise, measured, picture, scene

SHOWN = picture(BLUE, GREEN)
HARBOUR = scene(scene="harbor", settlement="urban")


@pytest.mark.parametrize(
    ("question", "value", "starts"),
    [
        ("What kind of scene is this?", "harbor", "The scene looks most like a harbour."),
        ("Is this a beach or a harbor?", "harbor", "The scene looks most like a harbour (class"),
        ("Is this a beach or a river?", None, "None of these: the scene looks most like a harbour"),
        ("Is this a marina?", "yes", "Yes: the scene looks most like a harbour."),
        ("Is this a forest?", "no", "No: the scene looks most like a harbour."),
        ("Is it rural or urban?", "urban", "Urban, by the look of the scene."),
        ("Is it a rural area?", "no", "No: the scene looks urban."),
    ],
)
def test_the_scene_is_the_heads_word(question: str, value: str | None, starts: str) -> None:
    reply = ask(question, SHOWN, head=HARBOUR)

    assert reply.text.startswith(starts)
    assert measured(reply)["value"] == value
    assert measured(reply)["confidence"] == (0.97 if value else None)


@pytest.mark.parametrize("question", ["What kind of scene is this?", "Is this a beach?",
                                      "Is it rural or urban?"])  # fmt: skip
def test_a_scene_that_is_not_sure_is_not_told(question: str) -> None:
    reply = ask(question, SHOWN)

    assert reply.detail["answered"] is False
    assert "not sure enough" in reply.text


FACTS = PictureFacts(
    3000,
    2000,
    metres_per_px=0.5,
    crs="EPSG:32633",
    band_count=4,
    bands=("1 red", "4 nir"),
    bounds=(14.1, 49.9, 14.2, 50.1),
    taken="2019-06-02",
    nodata_percent=3,
    ndvi_mean=0.117,
    sensor="optical",
)


@pytest.mark.parametrize(
    ("question", "value", "says"),
    [
        ("What is the size of the image?", [3000, 2000], "3000 pixels wide and 2000 pixels high"),
        ("How many bands does the image have?", 4, "4 bands; known are 1 red, 4 nir"),
        ("What CRS is the image in?", "EPSG:32633", "EPSG:32633"),
        ("What is the ground sample distance?", 0.5, "0.5 m on the ground"),
        ("What are the bounds of the image?", [14.1, 49.9, 14.2, 50.1], "longitude 14.1 and 14.2"),
        ("What area does the image cover?", 1.5e6, "covers 1.5 km²"),
        ("When was the image taken?", "2019-06-02", "2019-06-02"),
        ("How much of the image is no data?", 3, "3 %"),
        ("What is the mean NDVI (red band 1, near-infrared band 4, raw digital numbers)?", 0.117,
         "0.117"),
        ("Is it an optical image?", "optical", "Yes: it is an optical image."),
        ("Is it a radar image?", "optical", "No: it is an optical image."),
    ],
)  # fmt: skip
def test_what_the_file_states_is_told(question: str, value: object, says: str) -> None:
    reply = ask(question, SHOWN, FACTS)

    assert measured(reply)["value"] == value
    assert says in reply.text


@pytest.mark.parametrize(
    "question",
    ["What CRS is the image in?", "What is the GSD?", "What are the bounds of the image?",
     "When was the image taken?", "How much of the image is no data?", "What is the mean NDVI?",
     "What area does the image cover?", "Is it a radar image?"],
)  # fmt: skip
def test_what_the_file_does_not_state_is_refused(question: str) -> None:
    reply = ask(question, SHOWN)

    assert reply.detail["answered"] is False
    assert "not s" in reply.text


def test_an_index_of_other_bands_than_were_named_is_refused() -> None:
    asked = "What is the mean NDVI (red band 2, near-infrared band 4, raw digital numbers)?"
    assert "of other bands" in ask(asked, SHOWN, FACTS).text


def sea(*ships: tuple[int, int], quay: bool = False) -> Picture:
    """Smooth water with bright hulls of 18 by 6 px at places of column and row."""
    noise = np.random.default_rng(3).normal(0, 1.0, (300, 300, 1))
    rgb = np.clip(np.array(BLUE) + noise, 0, 255).astype(np.uint8)
    for x, y in ships:
        cv2.ellipse(rgb, (x, y), (9, 3), 30, 0, 360, (230, 230, 225), cv2.FILLED)
    rgb[:, :60] = (120, 110, 90)
    if quay:
        for y in range(30, 270, 12):
            rgb[y : y + 3, 60:240] = (200, 198, 190)
    return Picture(rgb, "image/png")


@pytest.mark.parametrize("places", [((150, 80), (220, 200), (120, 250)), ((150, 80),), ()])
def test_ships_alone_on_open_water_are_counted(places: tuple[tuple[int, int], ...]) -> None:
    reply = ask("How many ships are there?", sea(*places))

    assert measured(reply)["value"] == len(places)
    assert "% of the image that is open water" in reply.text
    assert reply.text.startswith("About" if places else "No ship found")


@pytest.mark.parametrize("shown", [sea((150, 80), quay=True), picture(GREEN, GREEN), grey_noise()])
def test_where_boats_cannot_be_told_apart_none_is_counted(shown: Picture) -> None:
    assert ask("How many ships are there?", shown).detail["answered"] is False


def test_whether_there_are_ships_is_a_yes_or_nothing_found() -> None:
    assert measured(ask("Are there ships?", sea((150, 80))))["value"] == "yes"
    assert ask("Are there ships?", sea()).text.startswith("No ship found in the ")
