from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from imagery import Picture
from modal_services.engine import Prompt, Reply, Turn
from modal_services.engines.measure import MeasureEngine, measure

SIDE_PX = 256
BLUE, GREEN, CONCRETE = (25, 75, 85), (60, 115, 45), (150, 148, 140)

QUESTIONS = (
    "How big is the image?",
    "Is it colour or greyscale?",
    "What is the dominant colour?",
    "What is the main land cover?",
    "How much of the image is water?",
    "How much of the image is vegetation?",
    "Is there water?",
    "Is there vegetation?",
    "Describe the image.",
    "How many cranes are there?",
    "What is the capital of France?",
)


def picture(
    left: tuple[int, int, int], right: tuple[int, int, int], *, split: float = 0.5
) -> Picture:
    """Two covers side by side: the blue one smooth, every other one textured."""
    noise = np.random.default_rng(7)
    rgb = np.zeros((SIDE_PX, SIDE_PX, 3), dtype=np.float64)
    border = round(SIDE_PX * split)
    for columns, colour in ((slice(0, border), left), (slice(border, None), right)):
        rgb[:, columns] = colour
        roughness = 1.0 if colour == BLUE else 14.0
        rgb[:, columns] += noise.normal(0, roughness, rgb[:, columns].shape[:2])[..., None]
    return Picture(np.clip(rgb, 0, 255).astype(np.uint8), "image/png")


def grey_noise() -> Picture:
    plane = np.random.default_rng(7).integers(0, 255, (SIDE_PX, SIDE_PX), dtype=np.uint8)
    return Picture(np.repeat(plane[..., None], 3, axis=2), "image/png")


def uniform(colour: tuple[int, int, int], side_px: int = SIDE_PX) -> Picture:
    return Picture(np.full((side_px, side_px, 3), colour, dtype=np.uint8), "image/png")


def test_share_of_a_half_blue_picture_is_about_half_with_a_range() -> None:
    reply = measure("How much of the image is water?", (picture(BLUE, GREEN),))

    low, high = reply.detail["range"]  # type: ignore[misc]
    assert reply.detail["answered"] is True
    assert reply.detail["unit"] == "percent"
    assert 44 <= low <= reply.detail["value"] <= high <= 56  # type: ignore[has-type]
    assert "water-like" in reply.text


def test_vegetation_share_leaves_the_water_out() -> None:
    reply = measure("How much of the image is vegetation?", (picture(BLUE, GREEN),))

    assert 44 <= reply.detail["value"] <= 56  # type: ignore[operator]


def test_clear_water_is_a_yes_by_colour() -> None:
    reply = measure("Is there water?", (picture(BLUE, CONCRETE),))

    assert reply.text.startswith("Yes, by colour")
    assert "water-like pixels" in reply.text


def test_blue_all_over_is_no_evidence_of_water() -> None:
    shown = picture(BLUE, (40, 60, 80))

    assert measure("Is there water?", (shown,)).detail["answered"] is False
    assert measure("How much of the image is water?", (shown,)).detail["answered"] is False
    assert "water-like" not in measure("Describe the image.", (shown,)).text


def test_no_water_is_only_none_found() -> None:
    reply = measure("Is there water?", (picture(CONCRETE, GREEN),))

    assert reply.text.startswith("None found by colour")
    assert "may be missed" in reply.text


def test_absence_of_vegetation_is_never_claimed() -> None:
    reply = measure("Is there vegetation?", (picture(BLUE, CONCRETE),))

    assert reply.detail["answered"] is False
    assert reply.text.startswith("I cannot tell")


def test_a_little_blue_is_neither_yes_nor_none() -> None:
    reply = measure("Is there water?", (picture(BLUE, CONCRETE, split=0.08),))

    assert reply.detail["answered"] is False


def test_a_clear_leader_is_named_as_the_main_cover() -> None:
    reply = measure("What is the main land cover?", (picture(BLUE, GREEN, split=0.78),))

    assert reply.text.startswith("Mostly water-like")


def test_two_equal_covers_have_no_leader() -> None:
    reply = measure("What is the main land cover?", (picture(BLUE, GREEN),))

    assert reply.detail["answered"] is False


def test_bare_or_built_is_not_named() -> None:
    reply = measure("What is the main land cover?", (picture(CONCRETE, CONCRETE),))

    assert reply.detail["answered"] is False


def test_size_is_in_pixels() -> None:
    reply = measure(
        "How big is the image?", (Picture(np.zeros((30, 50, 3), dtype=np.uint8), "image/png"),)
    )

    assert reply.text == "The image is 50 pixels wide and 30 pixels high."
    assert reply.detail["unit"] == "px"


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        (uniform((200, 20, 20)), "red"),
        (uniform((20, 30, 190)), "blue"),
        (uniform((25, 100, 100)), "teal"),
        (uniform((40, 140, 40)), "green"),
        (uniform((120, 80, 40)), "brown"),
        (uniform((0, 0, 0)), "black"),
        (uniform((250, 250, 250)), "white"),
        (uniform((128, 128, 128)), "grey"),
    ],
)
def test_plain_colours_have_their_everyday_names(shown: Picture, name: str) -> None:
    reply = measure("What is the dominant colour?", (shown,))

    assert reply.detail["value"] == name


def test_a_tie_of_colours_is_told_as_one() -> None:
    reply = measure("What is the dominant colour?", (picture(BLUE, GREEN),))

    assert reply.detail["value"] is None
    assert reply.text.startswith("No single colour dominates")


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (grey_noise(), "greyscale"),
        (uniform((0, 0, 0)), "nothing is visible"),
        (uniform((20, 80, 90)), "nothing is visible"),
        (Picture(picture(BLUE, GREEN).rgb[:12, 120:132], "image/png"), "too small"),
    ],
)
@pytest.mark.parametrize("question", QUESTIONS[3:8])
def test_cover_is_refused_where_colour_rules_do_not_apply(
    shown: Picture, why: str, question: str
) -> None:
    reply = measure(question, (shown,))

    assert reply.detail["answered"] is False
    assert why in reply.text


@pytest.mark.parametrize(
    ("shown", "mode"), [(grey_noise(), "greyscale"), (picture(BLUE, GREEN), "colour")]
)
def test_colour_mode_is_measured(shown: Picture, mode: str) -> None:
    assert measure("Is the image greyscale?", (shown,)).detail["value"] == mode


def test_description_says_what_it_is() -> None:
    reply = measure("", (picture(BLUE, GREEN),))

    assert "256 × 256 px" in reply.text
    assert "water-like pixels" in reply.text
    assert "vegetation-like pixels" in reply.text
    assert "no vision-language model is connected" in reply.text


def test_description_says_what_colour_does_not_tell() -> None:
    reply = measure("describe", (picture(CONCRETE, CONCRETE),))

    assert "no water found" in reply.text
    assert "does not tell clearly how much vegetation" in reply.text


def test_description_of_a_grey_picture_keeps_to_its_looks() -> None:
    reply = measure("describe", (grey_noise(),))

    assert reply.detail["answered"] is True
    assert "I cannot say more" in reply.text


def test_refusal_names_the_thing_still_helps_and_tells_the_way_out() -> None:
    reply = measure("How many cranes are there?", (picture(BLUE, CONCRETE, split=0.6),))

    assert reply.text.startswith("I cannot count cranes without a vision-language model.")
    assert "256 × 256 px, mostly teal" in reply.text
    assert "water-like pixels by colour" in reply.text
    assert reply.text.endswith("Connect one with VQA_BASE_URL; see the README.")
    assert reply.detail["answered"] is False
    assert reply.detail["intent"] == "unknown"


def test_refusal_on_a_blank_picture_says_that_it_is_blank() -> None:
    assert "nearly uniform" in measure("How many cranes?", (uniform((0, 0, 0)),)).text


def test_off_topic_question_gets_no_measurement() -> None:
    reply = measure("What is the capital of France?", (picture(BLUE, GREEN),))

    assert reply.detail["answered"] is False
    assert "%" not in reply.text


def test_several_known_questions_are_asked_for_one_by_one() -> None:
    reply = measure("Describe the image and is there water?", (picture(BLUE, GREEN),))

    assert "one question at a time" in reply.text


@pytest.mark.parametrize(
    ("pictures", "says"),
    [((), "No picture came"), ((uniform((0, 0, 0)), uniform((0, 0, 0))), "one picture at a time")],
)
def test_exactly_one_picture_is_measured(pictures: tuple[Picture, ...], says: str) -> None:
    reply = measure("Is there water?", pictures)

    assert says in reply.text
    assert reply.detail["answered"] is False


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("shown", [picture(BLUE, GREEN), grey_noise(), uniform((0, 0, 0), 4)])
def test_detail_is_complete_json_and_no_tokens_are_invented(question: str, shown: Picture) -> None:
    reply = measure(question, (shown,))

    assert {"engine", "answered", "intent", "method", "caveats"} <= reply.detail.keys()
    assert json.loads(json.dumps(reply.detail)) == reply.detail
    assert reply.usage is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_picture_gives_the_same_answer(question: str) -> None:
    def ask() -> Reply:
        return measure(question, (picture(BLUE, GREEN),))

    assert ask() == ask()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (3000, 2), (1500, 2100)])
def test_odd_shapes_are_answered_or_refused_but_never_fail(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(3).integers(0, 255, (*shape, 3), dtype=np.uint8)

    for question in QUESTIONS:
        assert measure(question, (Picture(rgb, "image/png"),)).text


def test_nothing_heavy_is_imported_with_the_engine() -> None:
    code = (
        "import sys, modal_services.engines.measure;"
        "print([name for name in ('cv2', 'numpy', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.anyio
async def test_engine_answers_the_last_question_about_the_last_pictures() -> None:
    engine = MeasureEngine()
    turns = (
        Turn("user", ("Is there water?", picture(BLUE, GREEN))),
        Turn("assistant", ("Yes.",)),
        Turn("user", ("How big is the image?",)),
    )

    reply = await engine.chat(Prompt(turns))

    assert reply.text == "The image is 256 pixels wide and 256 pixels high."


@pytest.mark.anyio
async def test_engine_is_always_ready_and_closes_quietly() -> None:
    engine = MeasureEngine()

    assert (await engine.health()).state == "ready"
    await engine.aclose()
