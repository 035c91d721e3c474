"""Pictures that were just decoded: many questions on one picture decode and encode it once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from imagery import Limits, Picture
from modal_services.prompting import Decode

DEFAULT_BYTES = 64 * 1024 * 1024


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

    async def __call__(self, data: bytes, limits: Limits) -> Picture:
        """The picture in a file.

        Raises:
            imagery.ImageryError: as the decoder; failures are not remembered.
        """
        key = (hashlib.sha256(data).digest(), limits)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        picture = await self._decode(data, limits)
        self._keep(key, picture)
        return self._pictures.get(key, picture)

    def _keep(self, key: tuple[bytes, Limits], picture: Picture) -> None:
        if key in self._pictures or picture.rgb.nbytes > self._max_bytes:
            return
        self._pictures[key] = picture
        self._bytes += picture.rgb.nbytes
        while self._bytes > self._max_bytes:
            _, dropped = self._pictures.popitem(last=False)
            self._bytes -= dropped.rgb.nbytes
