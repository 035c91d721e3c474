"""Says what kind of place an overhead picture shows, and keeps silent where it is unsure.

Two gates come first: the picture must look like the overhead pictures that the model was trained
on, and its resolution must be one that it was measured at. Then each kind of claim has a
threshold of its own, and carries the precision that claims of its kind had on tiles of places
that were not trained on (`models/MODEL_CARD.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from modal_services.engines.measure.scene_model import Pixels, SceneModel, Values, load_scene_model
from modal_services.engines.measure.scene_words import GROUPS

TRAINED_M = 0.3
COARSEST_M = 2.4
LEAST_PX = 32
WINDOW_PX = 256
ONE_LOOK_PX = 384  # up to here a picture is looked at as a whole
MOST_ACROSS = 3
TURNS = (0, 3, 5, 6)
LEAST_SURE = 0.5  # of the likeliest class, for any claim where the resolution is not known

NOT_OVERHEAD = "it does not look like the overhead pictures that scene types were learned from"
TOO_FAR = "it looks coarser than 2.4 m a pixel, where scene types mean little"
TOO_COARSE = "its resolution, {:g} m a pixel, is coarser than 2.4 m, the coarsest that was measured"
TOO_SMALL = "it is too small: under 32 px on a side, or under 10 m on the ground"
NOT_A_PICTURE = "it is no 8-bit RGB picture"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something said of a picture.

    Attributes:
        probability: calibrated, of this picture.
        precision: the part of such claims that was right on held-out places.
        at_least: lower end of the 95 % interval of that (Wilson).
        answered_of: how many such claims that was measured on.
    """

    value: str
    probability: float
    precision: float
    answered_of: int
    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class SceneView:
    """What the model makes of a picture; every claim is None where it is unsure or gated.

    Attributes:
        overhead: whether both gates let the picture pass.
        why_not: which one did not, in words that follow "because"; else empty.
        ranked: classes with calibrated probabilities, best first; empty where gated.
    """

    overhead: bool
    why_not: str = ""
    ranked: tuple[tuple[str, float], ...] = ()
    scene: Claim | None = None
    group: Claim | None = None
    settlement: Claim | None = None
    water: Claim | None = None
    vegetation: Claim | None = None
    built_up: Claim | None = None
    dominant: Claim | None = None


@lru_cache(maxsize=1)
def shipped_model() -> SceneModel:
    """The model that comes with the package, read once a process."""
    return load_scene_model()


def scene_of(
    rgb: NDArray[np.uint8],
    *,
    ground_sample_distance_m: float | None = None,
    model: SceneModel | None = None,
) -> SceneView:
    """Looks at an 8-bit RGB picture (rows, columns, 3) of any size.

    Args:
        rgb: the picture.
        ground_sample_distance_m: metres a pixel, where known: too coarse a picture is turned
            away, a finer one is brought to 0.3 m.
        model: another than the shipped one.
    """
    why_not = _why_not(rgb, ground_sample_distance_m)
    if why_not:
        return SceneView(overhead=False, why_not=why_not)
    windows = list(_windows(_at_trained_resolution(rgb, ground_sample_distance_m)))
    model = model or shipped_model()
    features = [model.backbone.features(views) for views in windows]
    why_not = _gate(features, model)
    if why_not:
        return SceneView(overhead=False, why_not=why_not)
    temperature = model.facts["temperature"]
    scores = np.stack([model.scores(each).mean(axis=0) for each in features])
    chances = softmax(scores / temperature)
    return claims(chances, model.facts, knows_resolution=ground_sample_distance_m is not None)


def claims(
    windows: Values, facts: Mapping[str, Any], *, knows_resolution: bool = False
) -> SceneView:
    """What class probabilities allow to say.

    Args:
        windows: class probabilities, a row a window.
        facts: as in `scene_head.json`.
        knows_resolution: else nothing is said where no class stands out, since coarse pictures
            that pass the gates look like that.
    """
    chances = windows.mean(axis=0)
    classes: list[str] = facts["classes"]
    order = np.argsort(-chances)
    ranked = tuple((classes[index], float(chances[index])) for index in order)
    kinds = candidates(chances, facts) if knows_resolution or ranked[0][1] >= LEAST_SURE else {}
    return SceneView(True, "", ranked, **{name: _claim(name, kinds[name], facts) for name in kinds})


def candidates(chances: Values, facts: Mapping[str, Any]) -> dict[str, tuple[str, float]]:
    """The likeliest value of every kind of claim with its probability, sure or not."""
    by_class = dict(zip(facts["classes"], chances.tolist(), strict=True))
    found = {
        "scene": max(by_class.items(), key=lambda item: item[1]),
        "group": _best(
            {name: sum(by_class[scene] for scene in scenes) for name, scenes in GROUPS.items()}
        ),
    }
    for kind, values in facts["affinities"].items():
        sums = {value: float(np.dot(chances, weights)) for value, weights in values.items()}
        found[kind] = _best(sums)
    return found


def _best(chances: Mapping[str, float]) -> tuple[str, float]:
    return max(chances.items(), key=lambda item: item[1])


def _claim(kind: str, candidate: tuple[str, float], facts: Mapping[str, Any]) -> Claim | None:
    value, probability = candidate
    measured = facts["claims"][kind].get(value if kind not in {"scene", "group"} else "any")
    if measured is None or probability < measured["threshold"]:
        return None
    figures = measured["precision"], measured["answered"], measured["wilson_low"]
    return Claim(value, probability, *figures)


def _why_not(rgb: NDArray[np.uint8], metres: float | None) -> str:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:  # noqa: PLR2004 - rows, columns, RGB
        return NOT_A_PICTURE
    if metres is not None and metres > COARSEST_M:
        return TOO_COARSE.format(metres)
    least_px = max(LEAST_PX, 10 / metres if metres else 0)
    return TOO_SMALL if min(rgb.shape[:2]) < least_px else ""


def _at_trained_resolution(rgb: Pixels, metres: float | None) -> Pixels:
    if metres is None or metres >= TRAINED_M:
        return rgb
    scale = max(metres / TRAINED_M, 64 / min(rgb.shape[:2]))
    if scale >= 1:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(
        cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_AREA), np.uint8
    )


def _windows(rgb: Pixels) -> Iterator[list[Pixels]]:
    """Squares that cover the picture, each as the views that are to be averaged."""
    height, width = rgb.shape[:2]
    short = min(height, width)
    side = short if short <= ONE_LOOK_PX else max(WINDOW_PX, short // MOST_ACROSS)
    tops, lefts = _starts(height, side), _starts(width, side)
    turns = TURNS if len(tops) * len(lefts) == 1 else TURNS[:1]
    for top in tops:
        for left in lefts:
            square = rgb[top : top + side, left : left + side]
            yield [turned(square, turn) for turn in turns]


def _starts(length: int, side: int) -> list[int]:
    count = min(MOST_ACROSS, max(1, round(length / side)))
    if count == 1:
        return [(length - side) // 2]
    return [round(start) for start in np.linspace(0, length - side, count)]


def turned(view: Pixels, turn: int) -> Pixels:
    """One of the eight ways to lay a square: 0 to 3 quarter turns, 4 to 7 the same mirrored."""
    quarter = np.rot90(view, turn % 4)
    return quarter[:, ::-1] if turn >= 4 else quarter  # noqa: PLR2004


def _gate(features: list[Values], model: SceneModel) -> str:
    limits = model.facts["gates"]
    distance = float(np.median([model.distances(each).mean() for each in features]))
    if distance > limits["distance"]["threshold"]:
        return NOT_OVERHEAD
    farness = float(np.median([model.farness(each).mean() for each in features]))
    return TOO_FAR if farness > limits["farness"]["threshold"] else ""


def softmax(scores: Values) -> Values:
    """Rows of probabilities."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
