"""Damage to a file, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable

ODD_VALUES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
HEAD = 600  # bytes in which most formats keep what they say of themselves
MAX_EDITS = 12


def damaged(whole: bytes, seed: int) -> bytes:
    """The file with a few of its bytes changed, the same ones for the same seed."""
    chance = random.Random(seed)
    data = bytearray(whole)
    for _ in range(chance.randint(1, MAX_EDITS)):
        chance.choices(_EDITS, weights=_WEIGHTS)[0](data, chance)
        if not data:
            return b"\0"
    return bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    size = len(data)
    near_an_end = chance.randrange(min(HEAD, size))
    return chance.choice((near_an_end, size - 1 - near_an_end, chance.randrange(size)))


def _flip(data: bytearray, chance: random.Random) -> None:
    data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _replace(data: bytearray, chance: random.Random) -> None:
    data[_place(data, chance)] = chance.randrange(256)


def _write_number(data: bytearray, chance: random.Random) -> None:
    size = chance.choice((1, 2, 4))
    value = chance.choice(ODD_VALUES) & (256**size - 1)
    at = _place(data, chance) // size * size
    order = chance.choice(("little", "big"))
    data[at : at + size] = value.to_bytes(size, order)[: len(data) - at]


def _cut(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.randint(1, 64)]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    data[at:at] = data[at : at + chance.randint(1, 64)]


def _end(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


_EDITS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _replace, _write_number, _cut, _repeat, _end,
)  # fmt: skip
_WEIGHTS = (6, 3, 6, 1, 1, 0.3)
