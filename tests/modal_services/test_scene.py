"""The scene model: its gates, its silence, and what it may claim of real tiles."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from modal_services.engines.measure.scene import scene_of, shipped_model
from modal_services.engines.measure.scene_model import (
    BACKBONE,
    FACTS,
    HEAD,
    MODELS,
    DamagedModel,
    load_scene_model,
)
from modal_services.engines.measure.scene_words import CLASS_WORDS, GROUPS

Pixels = NDArray[np.uint8]


def page() -> Pixels:
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    for row in range(20, 280, 14):
        draw.text((20, row), "the total of each row is given below", fill="black")
    return np.asarray(image)


def noise(rows: int = 256, columns: int = 256) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (rows, columns, 3), dtype=np.uint8)


def ramp() -> Pixels:
    row = np.linspace(0, 255, 256, dtype=np.uint8)
    return np.repeat(np.repeat(row[None, :, None], 256, axis=0), 3, axis=2)


def tiles(folder: Path, *classes: str) -> list[Pixels]:
    files = [file for name in classes for file in sorted((folder / name).glob("*.jpg"))]
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


@pytest.mark.parametrize("picture", [page(), noise(), ramp(), np.zeros((256, 256, 3), np.uint8)])
def test_what_is_no_overhead_picture_is_turned_away(picture: Pixels) -> None:
    view = scene_of(picture)

    assert not view.overhead
    assert view.why_not
    assert view.scene is None
    assert view.ranked == ()


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 900), (31, 31), (33, 40), (40, 3000), (300, 200), (1031, 777)]
)
def test_any_size_is_looked_at_or_turned_away(shape: tuple[int, int]) -> None:
    view = scene_of(noise(*shape))

    assert not view.overhead


def test_a_picture_of_one_channel_is_turned_away() -> None:
    assert "RGB" in scene_of(np.zeros((256, 256), np.uint8)).why_not


def test_a_coarse_ground_sample_distance_closes_the_gate() -> None:
    view = scene_of(noise(), ground_sample_distance_m=10)

    assert not view.overhead
    assert "10 m a pixel" in view.why_not


def test_a_picture_of_a_few_metres_is_turned_away() -> None:
    assert "small" in scene_of(noise(100, 100), ground_sample_distance_m=0.01).why_not


def test_every_class_has_a_name_and_one_group() -> None:
    grouped = [scene for scenes in GROUPS.values() for scene in scenes]

    assert sorted(grouped) == sorted(CLASS_WORDS) == sorted(shipped_model().facts["classes"])


def test_a_damaged_model_file_is_refused(tmp_path: Path) -> None:
    for name in (BACKBONE, HEAD, FACTS):
        shutil.copy(MODELS / name, tmp_path / name)
    (tmp_path / HEAD).write_bytes((MODELS / HEAD).read_bytes() + b" ")

    with pytest.raises(DamagedModel, match=HEAD):
        load_scene_model(tmp_path)


def test_claims_are_only_of_kinds_that_were_right_often_enough() -> None:
    for kind, values in shipped_model().facts["claims"].items():
        for value, measured in values.items():
            assert measured["precision"] >= 0.95, (kind, value)
            assert measured["answered"] >= 20, (kind, value)


def test_the_model_says_the_scene_of_most_tiles() -> None:
    scene = shipped_model().facts["claims"]["scene"]["any"]

    assert scene["answered"] >= 0.75 * scene["asked"]
    assert scene["precision"] >= 0.96


def test_tiles_pass_the_gates_and_say_the_same_twice(shared_data: Path) -> None:
    pictures = tiles(shared_data / "imagery/scenes/ucm", "harbor", "forest")

    views = [scene_of(picture) for picture in pictures]

    assert sum(view.overhead for view in views) >= 0.95 * len(views)
    assert views[0] == scene_of(pictures[0])


def test_threads_get_what_one_thread_gets(shared_data: Path) -> None:
    pictures = tiles(shared_data / "imagery/scenes/ucm", "harbor")[:12]

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(scene_of, pictures))

    assert together == [scene_of(picture) for picture in pictures]


def test_a_finer_ground_sample_distance_is_brought_to_that_of_training(shared_data: Path) -> None:
    tile = tiles(shared_data / "imagery/scenes/ucm", "harbor")[0]
    fine = np.repeat(np.repeat(tile, 2, axis=0), 2, axis=1)

    assert scene_of(fine, ground_sample_distance_m=0.15) == scene_of(tile)


def test_sentinel_scenes_get_no_scene(shared_data: Path) -> None:
    files = sorted((shared_data / "imagery/scenes/rsvqa_lr").glob("*.png"))
    views = [scene_of(np.asarray(Image.open(file).convert("RGB"))) for file in files]

    assert not [view.scene for view in views if view.scene]
