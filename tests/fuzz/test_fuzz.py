from __future__ import annotations

from collections.abc import Iterator

import pytest

from imagery.pool import DecodePool
from tests.fuzz.damage import damaged
from tests.fuzz.files import whole_files
from tests.fuzz.reading import LIMITS, read_in

SEEDS = range(20)


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    with DecodePool(LIMITS, workers=1) as pool:
        yield pool


@pytest.mark.parametrize("name", whole_files())
def test_a_damaged_file_is_a_picture_or_one_of_our_errors(pool: DecodePool, name: str) -> None:
    whole = whole_files()[name]
    assert read_in(pool, whole).how == "picture"
    reads = {seed: read_in(pool, damaged(whole, seed)) for seed in SEEDS}
    assert {seed: read.how for seed, read in reads.items() if read.how.startswith("!")} == {}


def test_the_same_seed_does_the_same_damage() -> None:
    whole = bytes(range(256)) * 4
    assert damaged(whole, 3) == damaged(whole, 3) != damaged(whole, 4)
