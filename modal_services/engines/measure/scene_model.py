"""Loads the scene model and runs it: pictures in, features, class scores and distances out.

The model is a frozen EfficientNet-Lite0 (ImageNet) and a linear head on its features, see
`models/MODEL_CARD.md`. It is made by `python -m training.scene`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
Values: TypeAlias = NDArray[np.float32]

MODELS = Path(__file__).parent / "models"
BACKBONE, HEAD, FACTS = "backbone.onnx", "scene_head.npz", "scene_head.json"
SIDE_PX = 224
MEAN, SCALE = 127.0, 1 / 128  # what the backbone was trained with
POOLED = 1280  # of the features, those of the last layer: distances are taken over these
NEIGHBOURS = 10


class DamagedModel(RuntimeError):
    """A model file is not the one that its checksum was taken of."""


class Backbone:
    """The frozen network; threads take turns, since OpenCV's nets are not re-entrant."""

    def __init__(self, onnx: bytes) -> None:
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(onnx, np.uint8))
        self._outputs = self._net.getUnconnectedOutLayersNames()
        self._turn = threading.Lock()

    def features(self, views: Sequence[Pixels]) -> Values:
        """Square-rooted pooled channels, one row a view.

        The last layer comes first, then two stages before it. The root evens out the few channels
        that dominate otherwise.
        """
        rows = [
            self._pooled(cv2.dnn.blobFromImage(_fitted(view), SCALE, mean=(MEAN,) * 3))
            for view in views
        ]
        pooled = np.stack(rows)
        return np.asarray(np.sign(pooled) * np.sqrt(np.abs(pooled)), dtype=np.float32)

    def _pooled(self, blob: NDArray[Any]) -> Values:
        with self._turn:
            self._net.setInput(blob)
            outputs = [np.array(output).ravel() for output in self._net.forward(self._outputs)]
        return np.concatenate(sorted(outputs, key=len, reverse=True))


def _fitted(view: Pixels) -> Pixels:
    shrinks = min(view.shape[:2]) >= SIDE_PX
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(
        cv2.resize(np.ascontiguousarray(view), (SIDE_PX, SIDE_PX), interpolation=how), np.uint8
    )


@dataclass(frozen=True, slots=True)
class SceneModel:
    """Backbone, head and what was measured of them.

    Attributes:
        facts: classes, thresholds and measured figures, as in `scene_head.json`.
        arrays: `mean`, `scale`, `weights`, `bias` of the head; `far_weights`, `far_bias` of the
            resolution gate; `axes` and `bank` of the distance to the training pictures.
    """

    backbone: Backbone
    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)

    def scores(self, features: Values) -> Values:
        """Log-odds of the classes up to a constant, one row a view; not yet calibrated."""
        return _linear(self._standard(features), self.arrays["weights"], self.arrays["bias"])

    def farness(self, features: Values) -> Values:
        """How much a view looks taken from far away (10 m a pixel and more); above 0 more so."""
        weights, bias = self.arrays["far_weights"], self.arrays["far_bias"]
        return _linear(self._standard(features), weights, bias)

    def distances(self, features: Values) -> Values:
        """Mean cosine distance to the nearest training pictures, 0 (like them) to 1."""
        pooled = features[:, :POOLED]
        lengths = np.linalg.norm(pooled, axis=1, keepdims=True) + 1e-9
        cosines = (pooled / lengths) @ self.arrays["axes"] @ self.arrays["bank"].T
        return np.asarray(1 - np.sort(cosines, axis=1)[:, -NEIGHBOURS:].mean(axis=1), np.float32)

    def _standard(self, features: Values) -> Values:
        return np.asarray((features - self.arrays["mean"]) / self.arrays["scale"], np.float32)


def _linear(rows: Values, weights: NDArray[Any], bias: NDArray[Any]) -> Values:
    return np.asarray(rows @ weights + bias, np.float32)


def load_scene_model(folder: Path = MODELS) -> SceneModel:
    """Reads the three files of a model, tens of milliseconds.

    Raises:
        DamagedModel: a checksum is not the one in `scene_head.json`.
        OSError: a file is missing.
    """
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    contents = {name: (folder / name).read_bytes() for name in (BACKBONE, HEAD)}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != facts["sha256"][name]:
            raise DamagedModel(f"{name} is not the file that {FACTS} was written for")
    with np.load(folder / HEAD, allow_pickle=False) as file:
        arrays = {name: file[name].astype(np.float32) for name in file.files}
    return SceneModel(Backbone(contents[BACKBONE]), facts, arrays)
