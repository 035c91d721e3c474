"""Reads the tensors of a legacy torch file without torch, and nothing else from it.

The format (torch before 1.6) is a row of pickles: a magic number, a protocol number, facts of the
machine, the object with a persistent id for every storage, the list of storage keys; then every
storage as an int64 count and its raw values. Only the names in `ALLOWED` may be rebuilt, so that
a crafted file runs no code.
"""

from __future__ import annotations

import collections
import pickle
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class NotATorchFile(ValueError):
    """The file is no legacy torch file, or holds something else than tensors."""


class _Tensor:
    """A view into a storage that is read later."""

    def __init__(self, storage: Any, offset: int, size: Any, stride: Any, *_: object) -> None:
        self.key, self.dtype = storage
        self.offset, self.size, self.stride = offset, tuple(size), tuple(stride)

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        stride = tuple(step * values.itemsize for step in self.stride)
        view = np.lib.stride_tricks.as_strided(values[self.offset :], self.size, stride)
        return np.array(view)


ALLOWED = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        if (module, name) not in ALLOWED:
            raise NotATorchFile(f"refused to load {module}.{name}")
        return ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        kind, dtype, key, *_ = pid
        if kind != "storage":
            raise NotATorchFile(f"unknown persistent id {kind!r}")
        return key, dtype


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a state dict by name.

    Raises:
        NotATorchFile: it is something else.
    """
    with path.open("rb") as file:
        if _Unpickler(file).load() != MAGIC:
            raise NotATorchFile(f"{path.name}: wrong magic number")
        for _ in ("protocol", "machine"):
            _Unpickler(file).load()
        tensors = _Unpickler(file).load()
        keys = _Unpickler(file).load()
        dtypes = {tensor.key: tensor.dtype for tensor in tensors.values()}
        storages = {key: _storage(file, dtypes[key]) for key in keys}
    return {name: tensor.of(storages[tensor.key]) for name, tensor in tensors.items()}


def _storage(file: BinaryIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    count = int(np.frombuffer(file.read(8), "<i8")[0])
    return np.frombuffer(file.read(count * dtype.itemsize), dtype)
