from __future__ import annotations

import base64
import hashlib
import stat
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagery import ImageNotFound, ImageRef, Limits, NotAnImage
from imagery.places import Folder
from imagery.prepare import Prepared, prepared
from imagery.reading import Reading
from imagery.store import ImageStore
from imagery.windows import parse_window
from tests.imagery.pictures import png, ramp, rgb, saved, tiff


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "deep" / "images", Limits(model_pixels=1000))


def test_a_picture_is_kept_under_the_digest_of_its_bytes(store: ImageStore) -> None:
    data = png()
    ref = store.put(data, "upload")
    assert ref.sha256 == hashlib.sha256(data).hexdigest()
    assert (ref.mime, ref.width_px, ref.height_px) == ("image/png", 64, 48)
    assert (ref.bytes, ref.source) == (len(data), "upload")
    assert store.ref(ref.sha256) == store.ref(ref.url) == ref
    assert store.original(ref.url) == data


def test_the_picture_for_a_model_is_within_its_budget(store: ImageStore) -> None:
    ref = store.put(png(), "upload")
    data, mime = store.picture(ref.url)
    width, height = Image.open(BytesIO(data)).size
    assert mime == "image/png"
    assert width * height <= 1000
    assert store.data_uri(ref.url) == f"data:image/png;base64,{base64.b64encode(data).decode()}"


def test_a_large_picture_is_kept_as_jpeg(tmp_path: Path) -> None:
    store = ImageStore(tmp_path, Limits())
    assert store.picture(store.put(png(1300, 900), "upload").url)[1] == "image/jpeg"


def test_the_size_is_of_the_upright_picture(store: ImageStore) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    ref = store.put(saved(rgb(), "JPEG", exif=exif), "upload")
    assert (ref.width_px, ref.height_px) == (48, 64)


def test_the_same_bytes_again_give_the_first_reference(store: ImageStore) -> None:
    first = store.put(png(), "file:first.png")
    assert store.put(png(), "file:second.png") == first


def test_a_refused_file_leaves_nothing_behind(store: ImageStore, tmp_path: Path) -> None:
    with pytest.raises(NotAnImage):
        store.put(b"hello", "upload")
    assert list(tmp_path.rglob("*")) == []


def test_a_kept_picture_leaves_no_temporary_folder(store: ImageStore, tmp_path: Path) -> None:
    ref = store.put(png(), "upload")
    assert [path.name for path in (tmp_path / "deep/images").iterdir()] == [ref.sha256[:2]]


def test_only_the_owner_reads_what_is_kept(store: ImageStore, tmp_path: Path) -> None:
    store.put(png(), "upload")
    for path in (tmp_path / "deep/images").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize(
    "image_id",
    ["", "0" * 64, "sha256:" + "0" * 64, "0" * 63, "A" * 64, "../../etc/passwd", "sha256:",
     "md5:" + "0" * 64, "0" * 64 + "\n", "0" * 64 + "/../x", "\x00"],
)  # fmt: skip
def test_an_id_that_is_none_or_not_stored_is_not_found(store: ImageStore, image_id: str) -> None:
    for ask in (store.ref, store.original, store.picture, store.data_uri):
        with pytest.raises(ImageNotFound) as caught:
            ask(image_id)
        assert str(caught.value).isprintable()


def test_many_threads_putting_the_same_bytes_get_one_reference(store: ImageStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(lambda n: store.put(png(), f"file:{n}"), range(32)))
    assert len(set(refs)) == 1


def test_processes_putting_the_same_bytes_get_one_reference(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        refs = list(pool.map(_put, [(tmp_path, n) for n in range(8)]))
    assert len(set(refs)) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_writer_that_comes_second_drops_its_own(tmp_path: Path) -> None:
    first = ImageStore(tmp_path, Limits()).put(png(), "file:first")
    late = ImageStore(_Late(tmp_path), Limits())
    assert late.put(png(), "file:second") == first
    assert len(list(tmp_path.iterdir())) == 1


def test_a_picture_can_be_decoded_elsewhere(tmp_path: Path) -> None:
    data = png()
    asked = []

    def elsewhere(data: bytes | Path, limits: Limits, reading: Reading) -> Prepared:
        asked.append(data)
        return prepared(data, limits, reading)

    store = ImageStore(tmp_path / "a", Limits(), elsewhere)
    ref = store.put(data, "upload")
    assert asked == [data]
    other = ImageStore(tmp_path / "b", Limits())
    assert other.put(data, "upload") == ref
    assert other.picture(ref.url) == store.picture(ref.url)


def test_the_same_bytes_read_another_way_are_another_picture(store: ImageStore) -> None:
    data = tiff(np.stack([ramp()] * 3))
    part = Reading(window=parse_window("0,0,40,40", kind="pixels"))
    whole, cut = store.put(data, "upload"), store.put(data, "upload", part)
    assert whole.sha256 != cut.sha256
    assert (cut.width_px, cut.height_px) == (40, 40)
    assert store.put(data, "again", part) == cut
    assert cut.facts is not None


def test_a_local_raster_is_kept_as_a_picture_without_a_copy_of_it(
    store: ImageStore, tmp_path: Path
) -> None:
    path = tmp_path / "scene.tif"
    path.write_bytes(tiff(np.stack([ramp()] * 3)))
    ref = store.put_raster(path, "file:scene.tif")
    assert store.picture(ref.url)[1] == "image/png"
    assert store.put_raster(path, "file:again.tif") == ref
    assert ref.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ImageNotFound):
        store.original(ref.url)


def test_the_size_that_a_model_sees_is_noted(store: ImageStore) -> None:
    ref = store.put(png(200, 100), "upload")
    assert (ref.width_px, ref.height_px) == (200, 100)
    assert ref.notes == ("shown at 44 × 22 of 200 × 100 pixels",)


class _Late(Folder):
    """Looks before the other writer has finished."""

    looks = 0

    def read(self, sha256: str, name: str) -> bytes:
        self.looks += 1
        if self.looks <= 1:
            raise FileNotFoundError
        return super().read(sha256, name)


def _put(job: tuple[Path, int]) -> ImageRef:
    root, number = job
    return ImageStore(root, Limits()).put(png(), f"file:{number}")
