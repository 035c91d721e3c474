from __future__ import annotations

import pytest

from imagery import CorruptImage, Limits, Picture
from modal_services.remembered import RememberedPictures
from tests.fakes import picture

pytestmark = pytest.mark.anyio

LIMITS = Limits()


class Decoder:
    """Decodes anything to a picture of 64 x 48, and counts."""

    def __init__(self) -> None:
        self.decoded: list[bytes] = []

    async def __call__(self, data: bytes, limits: Limits) -> Picture:
        self.decoded.append(data)
        if data == b"bad":
            raise CorruptImage("no")
        return picture(64, 48)


async def test_a_picture_asked_for_again_is_decoded_and_encoded_once() -> None:
    decoder = Decoder()
    remembered = RememberedPictures(decoder)
    first, again = await remembered(b"a", LIMITS), await remembered(b"a", LIMITS)
    assert decoder.decoded == [b"a"]
    assert first is again
    assert first.data_uri(1000) is again.data_uri(1000)
    assert first.data_uri(1000) != first.data_uri(100)


async def test_other_limits_are_another_picture() -> None:
    decoder = Decoder()
    remembered = RememberedPictures(decoder)
    await remembered(b"a", LIMITS)
    await remembered(b"a", Limits(max_pixels=10))
    assert decoder.decoded == [b"a", b"a"]


async def test_the_one_asked_for_longest_ago_is_forgotten_first() -> None:
    decoder = Decoder()
    remembered = RememberedPictures(decoder, max_bytes=2 * 64 * 48 * 3)
    for data in (b"a", b"b", b"a", b"c", b"a", b"b"):
        await remembered(data, LIMITS)
    assert decoder.decoded == [b"a", b"b", b"c", b"b"]


async def test_a_picture_larger_than_the_memory_is_not_kept() -> None:
    decoder = Decoder()
    remembered = RememberedPictures(decoder, max_bytes=10)
    await remembered(b"a", LIMITS)
    await remembered(b"a", LIMITS)
    assert decoder.decoded == [b"a", b"a"]


async def test_a_failure_is_not_remembered() -> None:
    decoder = Decoder()
    remembered = RememberedPictures(decoder)
    for _ in range(2):
        with pytest.raises(CorruptImage):
            await remembered(b"bad", LIMITS)
    assert decoder.decoded == [b"bad", b"bad"]
