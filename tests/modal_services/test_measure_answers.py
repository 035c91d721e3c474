from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from imagery import Picture
from modal_services.engine import Prompt, Reply, Turn
from modal_services.engines.measure import MeasureEngine, measure
from modal_services.facts import PictureFacts, told
from tests.modal_services.measuring import (
    BLUE,
    CONCRETE,
    GREEN,
    ask,
    grey_noise,
    measured,
    picture,
    scene,
    uniform,
)

QUESTIONS = (
    "How big is the image?",
    "Is it colour or greyscale?",
    "What is the dominant colour?",
    "What is the main land cover?",
    "How much of the image is water?",
    "How much of the image is vegetation?",
    "Is there water?",
    "Is there vegetation?",
    "Is there built-up land?",
    "What kind of scene is this?",
    "Is it rural or urban?",
    "How many ships are there?",
    "Is there more water than vegetation?",
    "How many hectares of water are there at 1 m per pixel?",
    "What CRS is it in?",
    "Describe the image.",
    "Describe the image in detail.",
    "How many cranes are there?",
    "What is the capital of France?",
)
OF_COVER = QUESTIONS[3:14]


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
        (uniform((128, 142, 130)), "greenish grey"),
        (uniform((128, 132, 128)), "grey"),
    ],
)
def test_plain_colours_have_their_everyday_names(shown: Picture, name: str) -> None:
    assert measured(ask("What is the dominant colour?", shown))["value"] == name


def test_a_tie_of_colours_is_told_as_one() -> None:
    reply = ask("What is the dominant colour?", picture(BLUE, GREEN))

    assert set(measured(reply)["value"]) == {"teal", "green"}
    assert reply.text.startswith("No single colour dominates")


def test_the_colour_of_a_part_is_of_that_part_alone() -> None:
    shown = picture(BLUE, GREEN)

    assert measured(ask("What colour is the left half?", shown))["value"] == "teal"
    assert measured(ask("What colour is the top right corner?", shown))["value"] == "green"


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (grey_noise(), "greyscale"),
        (uniform((0, 0, 0)), "nothing is visible"),
        (uniform((20, 80, 90)), "nothing is visible"),
        (Picture(picture(BLUE, GREEN).rgb[:12, 120:132], "image/png"), "too small"),
    ],
)
@pytest.mark.parametrize("question", OF_COVER)
def test_cover_and_scene_are_refused_where_nothing_can_be_seen(
    shown: Picture, why: str, question: str
) -> None:
    reply = ask(question, shown)

    assert reply.detail["answered"] is False
    assert why in reply.text


@pytest.mark.parametrize("question", OF_COVER)
def test_what_is_no_overhead_picture_has_no_cover_and_no_scene(question: str) -> None:
    gate = scene("it does not look like an overhead picture", scene="harbor", water="present")
    reply = ask(question, picture(BLUE, GREEN), head=gate)

    assert reply.detail["answered"] is False
    assert "does not look like an overhead picture" in reply.text


def test_colours_that_are_a_guess_say_nothing_of_cover() -> None:
    facts = PictureFacts(256, 256, ("bands 1, 2, 3 as red, green and blue, a guess",))
    reply = ask("How much water is there?", picture(BLUE, GREEN), facts)

    assert reply.detail["answered"] is False
    assert "a guess" in reply.text


@pytest.mark.parametrize(
    ("shown", "mode"), [(grey_noise(), "greyscale"), (picture(BLUE, GREEN), "colour")]
)
def test_colour_mode_is_measured(shown: Picture, mode: str) -> None:
    assert measured(ask("Is the image greyscale?", shown))["value"] == mode


def test_a_description_tells_the_scene_the_size_and_the_clear_covers() -> None:
    reply = ask(
        "", picture(BLUE, GREEN), head=scene(scene="river", water="present", vegetation="present")
    )

    assert "most like a river: 256 × 256 px" in reply.text
    assert "of it is water (by colour)" in reply.text
    assert "of it is vegetation (by colour)" in reply.text
    assert "no vision-language model is connected" in reply.text


def test_a_long_description_has_the_facts_of_the_file() -> None:
    facts = PictureFacts(
        1000, 1000, metres_per_px=2, band_count=4, bounds=(1, 2, 3, 4), taken="2020-01-02"
    )
    short = ask("describe", picture(BLUE, GREEN), facts).text
    long = ask("describe the image in detail", picture(BLUE, GREEN), facts).text

    for fact in ("4 km²", "longitude 1 to 3", "2020-01-02", "4 bands"):
        assert fact in long
        assert fact not in short


def test_description_of_a_grey_picture_keeps_to_its_looks() -> None:
    reply = ask("describe", grey_noise())

    assert reply.detail["answered"] is True
    assert "I cannot say what covers it: the picture is greyscale" in reply.text


def test_refusal_names_the_thing_still_helps_and_tells_the_way_out() -> None:
    reply = ask("How many cranes are there?", picture(BLUE, CONCRETE, split=0.6))

    assert reply.text.startswith("I cannot count cranes without a vision-language model.")
    assert "256 × 256 px, mostly teal" in reply.text
    assert "of it is water (by colour)" in reply.text
    assert reply.text.endswith("Connect one with VQA_BASE_URL; see the README.")
    assert reply.detail["answered"] is False
    assert reply.detail["intent"] == "unknown"


def test_refusal_on_a_blank_picture_says_that_it_is_blank() -> None:
    assert "nearly uniform" in ask("How many cranes?", uniform((0, 0, 0))).text


def test_off_topic_question_gets_no_measurement() -> None:
    reply = ask("What is the capital of France?", picture(BLUE, GREEN))

    assert reply.detail["answered"] is False
    assert "%" not in reply.text


def test_a_question_in_another_language_is_refused_in_it() -> None:
    assert ask("¿Hay agua en la imagen?", picture(BLUE, GREEN)).text.startswith("Solo entiendo")


def test_parts_are_answered_one_by_one_and_one_refusal_leaves_the_others() -> None:
    reply = ask("Is there water? What CRS is it in?", picture(BLUE, GREEN))

    assert [each["answered"] for each in reply.measurements] == [True, False]
    assert reply.detail["answered"] is True
    assert reply.text.startswith("Yes: at least")
    assert "does not state a coordinate reference system" in reply.text


@pytest.mark.parametrize(("count", "says"), [(0, "No picture came"), (2, "one picture at a time")])
def test_exactly_one_picture_is_measured(count: int, says: str) -> None:
    reply = measure("Is there water?", None, count)

    assert says in reply.text
    assert reply.detail["answered"] is False


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("shown", [picture(BLUE, GREEN), grey_noise(), uniform((0, 0, 0), 4)])
def test_measurements_are_complete_json(question: str, shown: Picture) -> None:
    reply = ask(question, shown)

    assert {"engine", "answered", "intent", "method", "caveats"} <= reply.detail.keys()
    assert json.loads(json.dumps(reply.detail)) == reply.detail
    assert json.loads(json.dumps(reply.measurements)) == [*reply.measurements]
    for each in reply.measurements:
        assert {"intent", "answered", "value", "unit", "range", "method", "confidence", "mask",
                "caveats"} <= each.keys()  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_picture_gives_the_same_answer(question: str) -> None:
    def again() -> Reply:
        return ask(question, picture(BLUE, GREEN))

    assert again() == again()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (3000, 2), (1500, 2100)])
def test_odd_shapes_are_answered_or_refused_but_never_fail(shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(3).integers(0, 255, (*shape, 3), dtype=np.uint8)

    for question in QUESTIONS:
        assert ask(question, Picture(rgb, "image/png"), head=None).text


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
    assert reply.usage
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (0, 0)


@pytest.mark.anyio
async def test_the_same_picture_with_other_facts_is_another_view() -> None:
    engine, shown = MeasureEngine(), picture(BLUE, GREEN)

    async def crs(facts: PictureFacts) -> str:
        turn = Turn("user", (shown, told(facts, "What CRS is it in?")))
        return (await engine.chat(Prompt((turn,)))).text

    assert "EPSG:1" in await crs(PictureFacts(9, 9, crs="EPSG:1"))
    assert "EPSG:2" in await crs(PictureFacts(9, 9, crs="EPSG:2"))
    assert "does not state" in await crs(PictureFacts(9, 9, metres_per_px=1))


@pytest.mark.anyio
async def test_engine_is_always_ready_and_closes_quietly() -> None:
    engine = MeasureEngine()

    assert (await engine.health()).state == "ready"
    await engine.aclose()


FOUR_BANDS = PictureFacts(
    256,
    256,
    bounds=(14.1, 49.9, 14.2, 50.1),
    band_count=4,
    bands=("1 red", "2 green", "3 blue", "4 nir"),
)


@pytest.mark.parametrize(
    ("facts", "question", "answer"),
    [
        (FOUR_BANDS, "Is there a near-infrared band?", "Yes: the image has 4 bands"),
        (FOUR_BANDS, "Does the file have an infrared channel?", "Yes: the image has 4 bands"),
        (FOUR_BANDS, "Is there a thermal band?", "No: the image has 4 bands"),
        (
            replace(FOUR_BANDS, bands=()),
            "Is there a red band?",
            "I cannot tell whether there is a red",
        ),
        (None, "Is there a NIR band?", "No: as a picture it has 3 bands (red, green, blue)."),
        (FOUR_BANDS, "Where is the centre?", "I cannot tell where"),
        (
            FOUR_BANDS,
            "What are the coordinates of its centre?",
            "Its centre lies near longitude 14.15, latitude 50 degrees.",
        ),
        (
            replace(FOUR_BANDS, bounds=(-51.59471, -15.63161, -51.5925, -15.6298)),
            "What are the bounds?",
            "It lies between longitude -51.59471 and -51.5925, latitude -15.63161 and -15.6298",
        ),
    ],
)
def test_what_a_file_states_is_told_to_the_point(
    facts: PictureFacts | None, question: str, answer: str
) -> None:
    assert ask(question, picture(BLUE, GREEN), facts).text.startswith(answer)
