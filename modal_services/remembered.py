"""Pictures that were just sent: many questions on one picture decode and encode it once."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

from imagery import Limits, Picture
from imagery.reference import Loaded
from modal_services.prompting import Decode, Load

DEFAULT_BYTES = 64 * 1024 * 1024
DEFAULT_FILE_BYTES = 16 * 1024 * 1024


class RememberedFiles:
    """A `Load` that remembers the last data: URIs by the SHA-256 of their text.

    To hash 250 kB takes 0.1 ms, to decode their base64 0.5 to 1 ms. What an address leads to may
    change, and is never remembered.

    Args:
        load: for those that are not remembered.
        max_bytes: of the files; what was asked for longest ago goes first.
    """

    def __init__(self, load: Load, max_bytes: int = DEFAULT_FILE_BYTES) -> None:
        self._load = load
        self._max_bytes = max_bytes
        self._files: OrderedDict[tuple[bytes, Limits], Loaded] = OrderedDict()
        self._bytes = 0

    async def __call__(self, reference: str, limits: Limits) -> Loaded:
        """The bytes that a reference names.

        Raises:
            imagery.ImageryError: as the loader; failures are not remembered.
        """
        if not reference.startswith("data:"):
            return await self._load(reference, limits)
        key = (hashlib.sha256(reference.encode("utf-8", "surrogatepass")).digest(), limits)
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        loaded = await self._load(reference, limits)
        self._keep(key, loaded)
        return loaded

    def _keep(self, key: tuple[bytes, Limits], loaded: Loaded) -> None:
        if key in self._files or len(loaded.data) > self._max_bytes:
            return
        self._files[key] = loaded
        self._bytes += len(loaded.data)
        while self._bytes > self._max_bytes:
            _, dropped = self._files.popitem(last=False)
            self._bytes -= len(dropped.data)


class RememberedPictures:
    """A `Decode` that remembers the last pictures by the SHA-256 of their bytes.

    Args:
        decode: for those that are not remembered.
        max_bytes: of their pixels; what was asked for longest ago goes first.
    """

    def __init__(self, decode: Decode, max_bytes: int = DEFAULT_BYTES) -> None:
        self._decode = decode
        self._max_bytes = max_bytes
        self._pictures: OrderedDict[tuple[bytes, Limits], Picture] = OrderedDict()
        self._bytes = 0
        self._on_the_way: dict[tuple[bytes, Limits], asyncio.Future[Picture]] = {}

    async def __call__(self, data: bytes, limits: Limits) -> Picture:
        """The picture in a file; asked for by many at once, it is decoded once.

        Raises:
            imagery.ImageryError: as the decoder; failures are not remembered.
        """
        key = (hashlib.sha256(data).digest(), limits)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        picture = await asyncio.shield(self._decoding(key, data, limits))
        self._keep(key, picture)
        return self._pictures.get(key, picture)

    def _decoding(
        self, key: tuple[bytes, Limits], data: bytes, limits: Limits
    ) -> asyncio.Future[Picture]:
        if key not in self._on_the_way:
            task = asyncio.ensure_future(self._decode(data, limits))
            self._on_the_way[key] = task
            task.add_done_callback(lambda done: self._decoded(key, done))
        return self._on_the_way[key]

    def _decoded(self, key: tuple[bytes, Limits], done: asyncio.Future[Picture]) -> None:
        del self._on_the_way[key]
        if not done.cancelled():
            done.exception()  # heard here too, since all who wait may have left

    def _keep(self, key: tuple[bytes, Limits], picture: Picture) -> None:
        if key in self._pictures or picture.rgb.nbytes > self._max_bytes:
            return
        self._pictures[key] = picture
        self._bytes += picture.rgb.nbytes
        while self._bytes > self._max_bytes:
            _, dropped = self._pictures.popitem(last=False)
            self._bytes -= dropped.rgb.nbytes
