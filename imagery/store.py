"""Pictures on disk, named by the SHA-256 of their bytes.

    root/ab/abcdef…/original      the bytes as they were given
    root/ab/abcdef…/ref.json      an ImageRef
    root/ab/abcdef…/picture.png   or picture.jpg: what a model sees

A folder appears whole or not at all: it is written beside and then renamed, which the file system
does in one step. Nothing changes it afterwards, so readers need no lock.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from imagery.errors import ImageNotFound
from imagery.limits import Limits
from imagery.ref import ImageRef

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}


class ImageStore:
    """Pictures under a root folder. Synchronous: callers on an event loop use a thread.

    An image id is `sha256:<hex>` or the hex alone; any other, like one that is not stored, raises
    ImageNotFound. A failing disk raises OSError.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self.limits = limits

    def put(self, data: bytes, source: str) -> ImageRef:
        """Decode a picture and keep it.

        The same bytes a second time give the first reference unchanged, its `source` included.

        Raises:
            ImageryError: the bytes are no picture that can be taken.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            return self.ref(sha256)
        except ImageNotFound:
            pass
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=self._root, prefix=".new-"))
        try:
            self._write(new, data, sha256, source)
            self._publish(new, self._folder(sha256))
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return self.ref(sha256)

    def ref(self, image_id: str) -> ImageRef:
        """What is known of a picture."""
        return ImageRef.model_validate_json(self._read(image_id, "ref.json"))

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

    def data_uri(self, image_id: str) -> str:
        """The picture a model sees, as a data: URI."""
        data, mime = self.picture(image_id)
        return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"

    def _folder(self, image_id: str) -> Path:
        match = _ID.fullmatch(image_id)
        if match is None:
            raise _not_found(image_id)
        sha256 = match.group(1)
        return self._root / sha256[:2] / sha256

    def _read(self, image_id: str, name: str) -> bytes:
        try:
            return (self._folder(image_id) / name).read_bytes()
        except FileNotFoundError as error:
            raise _not_found(image_id) from error

    def _write(self, folder: Path, data: bytes, sha256: str, source: str) -> None:
        from imagery.decode import decode  # noqa: PLC0415 - Pillow only when needed

        picture = decode(data, self.limits)
        ref = ImageRef(
            sha256=sha256,
            mime=picture.mime,
            width_px=picture.width_px,
            height_px=picture.height_px,
            bytes=len(data),
            source=source,
            notes=picture.notes,
        )
        encoded, mime = picture.encoded(self.limits.model_pixels)
        _write_private(folder / "original", data)
        _write_private(folder / ("picture" + _SUFFIXES[mime]), encoded)
        _write_private(folder / "ref.json", ref.model_dump_json().encode())

    @staticmethod
    def _publish(new: Path, folder: Path) -> None:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            new.rename(folder)
        except OSError:
            # Another writer was first. Its folder holds the same bytes; ours is dropped.
            if not (folder / "ref.json").exists():
                raise


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _not_found(image_id: str) -> ImageNotFound:
    known = _ID.fullmatch(image_id)
    return ImageNotFound(f"there is no image {image_id}" if known else "that is no id of an image")
