"""Pictures kept by the SHA-256 of their bytes.

    root/ab/abcdef…/original      the bytes as they were given
    root/ab/abcdef…/ref.json      an ImageRef
    root/ab/abcdef…/picture.png   or picture.jpg: what a model sees
    root/ab/abcdef…/water.png     where a spectral index finds it, and vegetation.png

Nothing changes these files once they are there, so readers need no lock.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from imagery.errors import ImageNotFound
from imagery.limits import Limits
from imagery.places import COMMIT, Folder, Place, Remote
from imagery.reading import PLAIN, Reading
from imagery.ref import ImageRef

if TYPE_CHECKING:
    from imagery.prepare import Prepared

Prepare = Callable[[bytes | Path, Limits, Reading], "Prepared"]
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture in a store.

    Attributes:
        ref: what is known of it.
        stored_at: when it was last put, in seconds since 1970.
        bytes_on_disk: of all its files.
    """

    ref: ImageRef
    stored_at: float
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class Freed:
    """What was collected: how many pictures, and the bytes of all their files."""

    pictures: int = 0
    bytes: int = 0


def open_store(
    place: str | Path,
    limits: Limits,
    prepare: Prepare | None = None,
) -> ImageStore:
    """The store in a local folder, or at any URL that fsspec reaches, such as s3://bucket/images.

    Raises:
        ValueError: no such kind of URL.
        ImportError: the package that it needs is not installed.
    """
    text = str(place).removeprefix("file://")
    if isinstance(place, Path) or "://" not in text:
        return ImageStore(Path(text), limits, prepare)
    return ImageStore(Remote(text), limits, prepare)


class ImageStore:
    """Pictures in one place. Synchronous: callers on an event loop use a thread.

    An image id is `sha256:<hex>` or the hex alone; any other, like one that is not stored, raises
    ImageNotFound. A failing disk raises OSError. Any number of processes may use one place.

    Args:
        root: a folder, or another place.
        limits: on what is put.
        prepare: `imagery.prepare.prepared`, or the same done elsewhere (`DecodePool.prepared`).
    """

    def __init__(
        self,
        root: Path | Place,
        limits: Limits,
        prepare: Prepare | None = None,
    ) -> None:
        self._place: Place = Folder(root) if isinstance(root, Path) else root
        self._prepare = prepare or _prepared_here
        self.limits = limits

    def within(self, owner: str) -> ImageStore:
        """The pictures of one owner, kept apart so that nobody learns what others have.

        Without a name it is this store itself.
        """
        place = self._place.within(owner) if owner else self._place
        return ImageStore(place, self.limits, self._prepare)

    def owners(self) -> list[str]:
        """Whose pictures are kept apart from these."""
        return self._place.owners()

    def put(self, data: bytes, source: str, reading: Reading = PLAIN) -> ImageRef:
        """Decode a picture and keep it.

        The same bytes read the same way a second time give the first reference unchanged, its
        `source` included.

        Raises:
            ImageryError: the bytes are no picture that can be taken.
        """
        sha256 = hashlib.sha256(data + reading.key).hexdigest()
        known = self._known(sha256)
        if known:
            return known
        prepared = self._prepare(data, self.limits, reading)
        return self._keep(_ref(sha256, len(data), prepared, source), prepared, data)

    def put_raster(self, path: Path, source: str, reading: Reading = PLAIN) -> ImageRef:
        """Keep the picture of a local raster of any size. The raster itself is not copied.

        Raises:
            ImageryError: there is no raster that can be read.
        """
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
        digest.update(reading.key)
        known = self._known(digest.hexdigest())
        if known:
            return known
        prepared = self._prepare(path, self.limits, reading)
        ref = _ref(digest.hexdigest(), path.stat().st_size, prepared, source)
        return self._keep(ref, prepared)

    def _keep(self, ref: ImageRef, prepared: Prepared, data: bytes | None = None) -> ImageRef:
        sha256 = ref.sha256
        picture = "picture" + _SUFFIXES[prepared.picture_mime]
        files = {picture: prepared.picture}
        files |= {f"{name}.png": png for name, png in prepared.masks.items()}
        if data is not None:
            files["original"] = data
        self._place.write(sha256, {**files, COMMIT: ref.model_dump_json().encode()})
        try:
            return self.ref(sha256)  # another writer's, if it was first
        except ImageNotFound:  # just removed
            return ref

    def ref(self, image_id: str) -> ImageRef:
        """What is known of a picture."""
        return ImageRef.model_validate_json(self._read(image_id, COMMIT))

    def original(self, image_id: str) -> bytes:
        """The bytes as they were given."""
        return self._read(image_id, "original")

    def picture(self, image_id: str) -> tuple[bytes, str]:
        """The picture a model sees, and its media type."""
        for mime, suffix in _SUFFIXES.items():
            try:
                return self._read(image_id, "picture" + suffix), mime
            except ImageNotFound:
                continue
        raise _not_found(image_id)

    def mask(self, image_id: str, cover: Literal["water", "vegetation"]) -> bytes:
        """A 1-bit PNG of where a spectral index finds a cover; ImageNotFound: it finds none."""
        return self._read(image_id, f"{cover}.png")

    def data_uri(self, image_id: str) -> str:
        """The picture a model sees, as a data: URI."""
        data, mime = self.picture(image_id)
        return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"

    def list(self) -> Iterator[Stored]:
        """Every picture, in no order."""
        for held in self._place.held():
            try:
                yield Stored(self.ref(held.sha256), held.stored_at, held.bytes)
            except (ImageNotFound, ValidationError):  # just removed, or by another version
                continue

    def remove(self, image_id: str) -> None:
        """Remove a picture."""
        if not self._place.remove(_digest(image_id)):
            raise _not_found(image_id)

    def collect(self, older_than_s: float, keep: set[str]) -> Freed:
        """Remove what was last put longer ago, except some ids, and what killed writers left."""
        self._place.sweep()
        kept = {_digest(image_id) for image_id in keep}
        freed = Freed()
        for held in list(self._place.held()):
            old = time.time() - held.stored_at > older_than_s
            if old and held.sha256 not in kept and self._place.remove(held.sha256):
                freed = Freed(freed.pictures + 1, freed.bytes + held.bytes)
        return freed

    def _known(self, sha256: str) -> ImageRef | None:
        try:
            ref = self.ref(sha256)
            self._place.touch(sha256)  # in use again, so not for the collector
        except (ImageNotFound, FileNotFoundError):
            return None
        return ref

    def _read(self, image_id: str, name: str) -> bytes:
        try:
            return self._place.read(_digest(image_id), name)
        except FileNotFoundError as error:
            raise _not_found(image_id) from error


def _prepared_here(data: bytes | Path, limits: Limits, reading: Reading) -> Prepared:
    from imagery.prepare import prepared  # noqa: PLC0415 - Pillow only when needed

    return prepared(data, limits, reading)


def _ref(sha256: str, size: int, prepared: Prepared, source: str) -> ImageRef:
    return ImageRef(
        sha256=sha256,
        mime=prepared.mime,
        width_px=prepared.width_px,
        height_px=prepared.height_px,
        bytes=size,
        source=source,
        notes=prepared.notes,
        facts=prepared.facts,
    )


def _digest(image_id: str) -> str:
    match = _ID.fullmatch(image_id)
    if match is None:
        raise _not_found(image_id)
    return match.group(1)


def _not_found(image_id: str) -> ImageNotFound:
    known = _ID.fullmatch(image_id)
    return ImageNotFound(f"there is no image {image_id}" if known else "that is no id of an image")
