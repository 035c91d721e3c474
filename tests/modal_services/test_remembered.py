from __future__ import annotations

import pytest

from imagery import CorruptImage, Limits, Picture
from imagery.reference import Loaded
from modal_services.remembered import RememberedFiles, RememberedPictures
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


class Loader:
    """Gives the text after the comma as a file, and counts."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    async def __call__(self, reference: str, limits: Limits) -> Loaded:
        self.loaded.append(reference)
        if reference.endswith("bad"):
            raise CorruptImage("no")
        return Loaded(reference.partition(",")[2].encode(), "data:")


async def test_a_data_uri_sent_again_is_read_once() -> None:
    loader = Loader()
    remembered = RememberedFiles(loader)
    first, again = await remembered("data:,a", LIMITS), await remembered("data:,a", LIMITS)
    assert loader.loaded == ["data:,a"]
    assert first is again


async def test_what_an_address_leads_to_is_not_remembered() -> None:
    loader = Loader()
    remembered = RememberedFiles(loader)
    await remembered("https://example.com/a.png", LIMITS)
    await remembered("https://example.com/a.png", LIMITS)
    assert len(loader.loaded) == 2


async def test_files_are_forgotten_beyond_their_bytes() -> None:
    loader = Loader()
    remembered = RememberedFiles(loader, max_bytes=4)
    for text in ("aa", "bb", "aa", "cc", "aa", "bb", "large", "large"):
        await remembered(f"data:,{text}", LIMITS)
    assert [uri[6:] for uri in loader.loaded] == ["aa", "bb", "cc", "bb", "large", "large"]


async def test_a_uri_that_fails_and_one_of_half_characters_are_asked_for_again() -> None:
    loader = Loader()
    remembered = RememberedFiles(loader)
    for _ in range(2):
        with pytest.raises(CorruptImage):
            await remembered("data:,\ud800bad", LIMITS)
    assert len(loader.loaded) == 2


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
