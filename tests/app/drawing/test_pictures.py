from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFont

from app.drawing import Run, Step, drawn, drawn_png
from app.drawing.picture import scene_of
from app.drawing.scene import Box, Scene, Words, text_width
from app.drawing.shape import Shape, shape_of
from app.drawing.svg import svg_of
from app.orchestrator import build_graph
from tests.app.drawing.turns import ANSWERED, ONE_FAILED, RUNS

SHAPE = shape_of(build_graph())
NAMES = [node for node in SHAPE.nodes if not node.startswith("__")]
TEXTS = st.text(max_size=80)
STEPS = st.builds(
    Step,
    key=st.uuids().map(str),
    node=st.sampled_from(NAMES),
    status=st.sampled_from(["ok", "failed", "unfinished"]),
    ms=st.none() | st.floats(0, 1e7),
    attempts=st.integers(0, 9),
    task=TEXTS,
    said=TEXTS,
)
RUN = st.builds(
    Run, message=TEXTS, status=TEXTS, steps=st.lists(STEPS, max_size=8).map(tuple), decided=TEXTS
)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def room_of(words: Words) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    width = text_width(words.text, words.size, bold=words.bold)
    left = words.x - width / 2 if words.middle else words.x
    return left, words.y - 0.75 * words.size, left + width, words.y + 0.25 * words.size


def all_apart(scene: Scene) -> bool:
    rooms = [room_of(part) for part in scene.parts if isinstance(part, Words) and part.text]
    inside = all(r[0] >= 0 and r[2] <= scene.width and r[3] <= scene.height for r in rooms)
    return inside and not any(
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        for one, other in combinations(rooms, 2)
    )


def boxes(scene: Scene) -> list[Box]:
    return [part for part in scene.parts if isinstance(part, Box)]


@given(RUN)
def test_whatever_ran_no_two_words_and_no_two_boxes_meet(run: Run) -> None:
    scene = scene_of(SHAPE, run)
    assert all_apart(scene)
    for one, other in combinations(boxes(scene), 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(RUN)
def test_whatever_was_said_the_svg_is_xml_without_scripts_or_addresses(run: Run) -> None:
    text = svg_of(scene_of(SHAPE, run))
    root = parsed(text)
    allowed = {"svg", "title", "desc", "style", "rect", "path", "polygon", "line", "text"}
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in allowed
        assert not any(name.startswith("on") or "href" in name for name in element.attrib)
    assert "url(" not in text.partition("<style>")[2].partition("</style>")[0]


def test_a_script_in_a_message_is_shown_as_its_letters() -> None:
    text = drawn(build_graph(), "svg", ONE_FAILED)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;later&lt;/b&gt; &amp;" in text


def test_a_picture_names_and_describes_itself_for_screen_readers() -> None:
    root = parsed(drawn(build_graph(), "svg", ONE_FAILED))
    title, told = root[0], root[1]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {told.attrib['id']}"
    assert str(title.text).startswith("Turn 2: Describe the scene")
    assert "call_vqa (vqa/counting, 7.99 s, 4 attempts, failed)" in str(told.text)


def test_a_failure_is_marked_by_words_and_a_cross_not_by_colour_alone() -> None:
    text = drawn(build_graph(), "svg", ONE_FAILED)
    assert "failed: The vqa service" in text
    without = replace(
        ONE_FAILED, steps=tuple(replace(step, status="ok") for step in ONE_FAILED.steps)
    )
    assert text.count("<line") == drawn(build_graph(), "svg", without).count("<line") + 2


def test_parts_of_the_same_kind_are_nodes_of_their_own() -> None:
    steps = [Step(f"k{number}", "call_vqa", ms=number) for number in range(3)]
    scene = scene_of(SHAPE, replace(ANSWERED, steps=tuple(steps)))
    names = [part.text for part in scene.parts if isinstance(part, Words)]
    assert names.count("call_vqa") == 3
    assert {"0 ms", "1 ms", "2 ms"} <= set(names)


def test_several_pictures_on_one_page_keep_their_names_apart() -> None:
    graph = build_graph()
    names = {parsed(drawn(graph, "svg", run))[0].attrib["id"] for run in RUNS.values()}
    assert len(names) == len(RUNS)


@pytest.mark.parametrize("name", RUNS)
def test_the_png_has_the_svgs_size_twice(name: str) -> None:
    image = Image.open(io.BytesIO(drawn_png(build_graph(), RUNS[name])))
    root = parsed(drawn(build_graph(), "svg", RUNS[name]))
    assert image.format == "PNG"
    assert abs(image.width - 2 * float(root.attrib["width"])) <= 2
    assert abs(image.height - 2 * float(root.attrib["height"])) <= 2


def test_the_png_shows_words_of_other_scripts() -> None:
    run = replace(ANSWERED, message="Сколько кораблей? 船は何隻ですか?")
    assert drawn_png(build_graph(), run) != drawn_png(build_graph(), ANSWERED)


def test_words_are_measured_no_narrower_than_they_are_drawn() -> None:
    for text in (*NAMES, "vqa/counting", "1.79 s · 4 attempts", "general knowledge: WWW", "failed"):
        assert ImageFont.load_default(100).getlength(text) <= text_width(text, 100)


@given(st.integers(2, 9), st.data())
def test_any_graph_is_laid_out_without_boxes_that_meet(size: int, data: st.DataObject) -> None:
    nodes = [f"node {number}" for number in range(size)]
    pairs = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
    edges = data.draw(st.lists(pairs, unique=True, max_size=20))
    scene = scene_of(Shape(tuple(nodes), tuple(edges)))
    assert all_apart(scene)
    assert len(boxes(scene)) == size
