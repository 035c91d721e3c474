"""The pictures of a batch: each read, checked and encoded once, and kept only while it is asked of.

Nothing goes to the image store on disk: a batch over a million scenes leaves no copies of them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from app.keeping import keep_reference
from app.listening import Nobody
from imagery import ImageRef, ImageryError, Limits
from imagery.facts import facts_of_photo
from imagery.places import COMMIT, Held
from imagery.reading import PLAIN, Reading
from imagery.store import ImageStore, Prepare

DEFAULT_BYTES = 192 * 1024 * 1024
ALWAYS_KEPT = 64  # pictures: those in flight are among the last that were used
KNOWN = 4096  # references whose picture need not be looked for
URI = "uri"
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
Key = tuple[bytes, int, int, float | None]


class Memory:
    """A place of `imagery.store` in memory; what was not used for longest goes first.

    The original files are not kept: nobody asks a batch for them.
    """

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._held: OrderedDict[str, dict[str, bytes]] = OrderedDict()
        self._bytes = 0
        self._max_bytes = max_bytes
        self._lock = threading.Lock()

    def read(self, sha256: str, name: str) -> bytes:
        """A file's bytes, or FileNotFoundError."""
        with self._lock:
            files = self._held.get(sha256, {})
            if name not in files:
                raise FileNotFoundError(name)
            self._held.move_to_end(sha256)
            return files[name]

    def write(self, sha256: str, files: dict[str, bytes]) -> None:
        """Keeps the files beside those that are there."""
        with self._lock:
            held = self._held.setdefault(sha256, {})
            for name, data in files.items():
                if name != "original" and name not in held:
                    held[name] = data
                    self._bytes += len(data)
            self._held.move_to_end(sha256)
            while self._bytes > self._max_bytes and len(self._held) > ALWAYS_KEPT:
                _, gone = self._held.popitem(last=False)
                self._bytes -= sum(map(len, gone.values()))

    def touch(self, sha256: str) -> None:
        """Makes a picture the last used one."""
        self.read(sha256, COMMIT)

    def held(self) -> Iterator[Held]:
        """What is there."""
        for sha256, files in list(self._held.items()):
            yield Held(sha256, time.time(), sum(map(len, files.values())))

    def remove(self, sha256: str) -> bool:
        """Removes a picture; whether it was there."""
        with self._lock:
            gone = self._held.pop(sha256, None)
            self._bytes -= sum(map(len, (gone or {}).values()))
            return gone is not None

    def sweep(self) -> None:
        """Nothing is ever left behind."""

    def within(self, owner: str) -> Memory:  # noqa: ARG002 - a batch is one person's
        """The same: a batch is one person's."""
        return self

    def owners(self) -> list[str]:
        """Nobody's pictures are kept apart."""
        return []


class Shelf(ImageStore):
    """What the nodes see of a batch's pictures: they read, and keep none of their own."""

    def __init__(self, memory: Memory, limits: Limits) -> None:
        super().__init__(memory, limits)
        self._memory = memory

    def put(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:  # noqa: ARG002
        """Masks of answers are not kept.

        Raises:
            ImageryError: always.
        """
        raise ImageryError("a batch keeps no pictures")

    def data_uri(self, image_id: str) -> str:
        """The picture a model sees as a data: URI, made once."""
        sha256 = image_id.removeprefix("sha256:")
        try:
            return self._memory.read(sha256, URI).decode()
        except FileNotFoundError:
            data, mime = self.picture(sha256)
            uri = b"data:%s;base64,%s" % (mime.encode(), base64.b64encode(data))
            self._memory.write(sha256, {URI: uri})
            return uri.decode()


class Pictures:
    """References of a batch as pictures that the nodes can read.

    Args:
        limits: on each.
        prepare: how bytes become a picture, as for `ImageStore`.
        folder: what relative paths start from.
        stored: where image ids lead.

    Attributes:
        shelf: what the nodes read from.
        read: how many pictures were read so far.
    """

    def __init__(
        self, limits: Limits, prepare: Prepare | None, folder: Path, stored: ImageStore
    ) -> None:
        self._memory = Memory()
        self._stored = stored
        self._store = ImageStore(self._memory, limits, prepare)
        self._folder = folder
        self._known: OrderedDict[Key, asyncio.Task[ImageRef]] = OrderedDict()
        self.shelf = Shelf(self._memory, limits)
        self.read = 0

    async def keep(self, reference: str, metres_per_px: float | None = None) -> ImageRef:
        """The picture behind a reference; asked for by many at once, it is read once.

        Raises:
            imagery.ImageryError: it cannot be taken.
        """
        named = self._named(reference)
        key = (*_content(named), metres_per_px)
        task = self._known.get(key)
        if task is None or not self._is_there(task):
            task = asyncio.create_task(self._read(named, metres_per_px))
            self._known[key] = task
        self._known.move_to_end(key)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return await asyncio.shield(task)

    def _named(self, reference: str) -> str:
        plain = reference.removeprefix("file://")
        if ":" in plain[:10] or plain.startswith("/") or _ID.fullmatch(plain):
            return plain
        return str(self._folder / plain)

    def _is_there(self, task: asyncio.Task[ImageRef]) -> bool:
        """Whether it is still being read, or was and has not been dropped since."""
        if not task.done():
            return True
        if task.cancelled() or task.exception():
            return False
        try:
            self._memory.touch(task.result().sha256)
        except FileNotFoundError:
            return False
        return True

    async def _read(self, named: str, metres_per_px: float | None) -> ImageRef:
        self.read += 1
        if _ID.fullmatch(named):
            ref = await asyncio.to_thread(self._copied, named)
        else:
            ref = await keep_reference((self._store, Nobody(), None), named, PLAIN, files=True)
        return ref if metres_per_px is None else self._stated(ref, metres_per_px)

    def _stated(self, ref: ImageRef, metres_per_px: float) -> ImageRef:
        """The same picture, with the ground sample distance that the input states."""
        sha256 = hashlib.sha256(f"{ref.sha256} {metres_per_px!r}".encode()).hexdigest()
        facts = ref.facts or facts_of_photo(ref.width_px, ref.height_px, "RGB")
        kind = "rgb" if facts.kind == "photo" else facts.kind
        known = {"kind": kind, "ground_sample_distance_m": metres_per_px}
        stated = ref.model_copy(update={"sha256": sha256, "facts": facts.model_copy(update=known)})
        return self._written(stated, *self._store.picture(ref.sha256))

    def _copied(self, image_id: str) -> ImageRef:
        return self._written(self._stored.ref(image_id), *self._stored.picture(image_id))

    def _written(self, ref: ImageRef, picture: bytes, mime: str) -> ImageRef:
        name = "picture.jpg" if mime == "image/jpeg" else "picture.png"
        self._memory.write(ref.sha256, {name: picture, COMMIT: ref.model_dump_json().encode()})
        return ref


def _content(named: str) -> tuple[bytes, int, int]:
    """What tells a reference's content apart: of a file also its size and when it was changed."""
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).digest()
    if ":" in named[:10] or _ID.fullmatch(named):
        return digest, 0, 0
    try:
        status = Path(named).stat()
    except (OSError, ValueError):
        return digest, 0, 0  # reading it will say what is wrong
    return digest, status.st_size, status.st_mtime_ns
