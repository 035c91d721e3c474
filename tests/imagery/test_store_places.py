from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import fsspec
import pytest

from imagery import ImageNotFound, Limits
from imagery.places import Remote, changed_at
from imagery.prepare import prepared
from imagery.store import ImageStore, open_store
from tests.imagery.pictures import png

LIMITS = Limits()
MEMORY = "memory://swath-tests/images"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ImageStore]:
    if request.param == "folder":
        yield open_store(tmp_path / "images", LIMITS)
        return
    yield open_store(MEMORY, LIMITS)
    files = fsspec.filesystem("memory")
    if files.exists("/swath-tests"):
        files.rm("/swath-tests", recursive=True)


def test_each_place_gives_back_what_was_put(store: ImageStore) -> None:
    ref = store.put(png(), "upload")
    assert store.put(png(), "again") == store.ref(ref.url) == ref
    assert store.original(ref.url) == png()
    assert store.picture(ref.url) == (prepared(png(), LIMITS).picture, "image/png")
    with pytest.raises(ImageNotFound):
        store.picture("0" * 64)


def test_what_is_stored_is_listed_with_its_size_and_time(store: ImageStore) -> None:
    assert list(store.list()) == []
    refs = {store.put(png(40 + n), "upload") for n in range(3)}
    stored = list(store.list())
    assert {each.ref for each in stored} == refs
    for each in stored:
        picture, _ = store.picture(each.ref.url)
        assert each.bytes_on_disk > each.ref.bytes + len(picture)
        assert abs(each.stored_at - time.time()) < 60


def test_a_removed_picture_is_gone_and_can_be_put_again(store: ImageStore) -> None:
    ref = store.put(png(), "first")
    store.remove(ref.url)
    for ask in (store.ref, store.original, store.picture, store.remove):
        with pytest.raises(ImageNotFound):
            ask(ref.url)
    assert list(store.list()) == []
    assert store.put(png(), "second").source == "second"


def test_removing_from_an_empty_store_finds_nothing(store: ImageStore) -> None:
    with pytest.raises(ImageNotFound):
        store.remove("0" * 64)
    with pytest.raises(ImageNotFound, match="no id"):
        store.remove("../x")


def test_only_what_is_old_and_not_kept_is_collected(store: ImageStore) -> None:
    kept, old = store.put(png(40), "upload"), store.put(png(41), "upload")
    sizes = {each.ref.sha256: each.bytes_on_disk for each in store.list()}
    assert store.collect(3600, set()).pictures == 0
    freed = store.collect(-1, {kept.url})
    assert (freed.pictures, freed.bytes) == (1, sizes[old.sha256])
    assert [each.ref for each in store.list()] == [kept]


def test_a_picture_put_again_counts_as_new(tmp_path: Path) -> None:
    store = ImageStore(tmp_path, LIMITS)
    ref = store.put(png(), "upload")
    _age(tmp_path / ref.sha256[:2] / ref.sha256 / "ref.json")
    assert next(store.list()).stored_at < time.time() - 3600
    store.put(png(), "upload")
    assert store.collect(3600, set()).pictures == 0


def test_a_remote_picture_put_again_counts_as_new() -> None:
    store = open_store(MEMORY, LIMITS)
    store.put(png(), "upload")
    before = next(store.list()).stored_at
    time.sleep(0.01)
    store.put(png(), "upload")
    assert next(store.list()).stored_at > before
    store.collect(-1, set())


def test_what_a_killed_writer_left_is_swept_after_an_hour(tmp_path: Path) -> None:
    store = ImageStore(tmp_path, LIMITS)
    for name in (".new-stale", ".new-fresh"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "original").write_bytes(b"half")
    _age(tmp_path / ".new-stale")
    store.collect(3600, set())
    assert [path.name for path in tmp_path.iterdir()] == [".new-fresh"]


def test_a_remote_picture_is_there_with_its_reference_and_not_before() -> None:
    place = Remote(MEMORY)
    place.write("a" * 64, {"original": b"half"})
    assert list(place.held()) == []
    assert not place.remove("a" * 64)
    place.sweep()
    assert place.read("a" * 64, "original") == b"half"  # its writer may be at work
    place.write("a" * 64, {"ref.json": b"{}", "original": b"whole"})
    assert [held.sha256 for held in place.held()] == ["a" * 64]
    assert place.remove("a" * 64)


def test_a_reference_of_another_version_is_not_listed_but_is_collected(tmp_path: Path) -> None:
    store = ImageStore(tmp_path, LIMITS)
    ref = store.put(png(), "upload")
    (tmp_path / ref.sha256[:2] / ref.sha256 / "ref.json").write_text('{"version": 9}')
    assert list(store.list()) == []
    assert store.collect(-1, set()).pictures == 1


def test_what_a_killed_writer_left_in_a_remote_place_is_swept_after_an_hour() -> None:
    place = Remote(MEMORY)
    place.write("b" * 64, {"original": b"half"})
    files = fsspec.filesystem("memory")
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    for name in files.find("/swath-tests"):
        files.store[name].modified = files.store[name].created = long_ago
    place.sweep()
    assert files.find("/swath-tests") == []


@pytest.mark.parametrize(
    "info",
    [
        {"mtime": 86_400.0},
        {"LastModified": datetime(1970, 1, 2, tzinfo=UTC)},
        {"updated": "1970-01-02T00:00:00+00:00"},
    ],
)
def test_the_time_of_a_file_is_found_under_each_places_name_for_it(info: dict[str, Any]) -> None:
    assert changed_at(info) == 86_400


def test_a_file_of_unknown_age_is_never_old() -> None:
    assert abs(changed_at({"size": 1}) - time.time()) < 60


def test_a_file_url_is_a_local_folder(tmp_path: Path) -> None:
    ref = open_store(f"file://{tmp_path}", LIMITS).put(png(), "upload")
    assert (tmp_path / ref.sha256[:2] / ref.sha256 / "ref.json").exists()
    assert open_store(str(tmp_path), LIMITS).ref(ref.url) == ref


def test_a_url_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        open_store("nowhere://bucket", LIMITS)


def test_processes_that_put_list_remove_and_collect_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert all(pool.map(_churn, [(tmp_path, seed) for seed in range(8)]))
    store = ImageStore(tmp_path, LIMITS)
    for each in store.list():
        assert store.original(each.ref.url) == png(40 + int(each.ref.source))
    assert not list(tmp_path.glob(".new-*"))


def _churn(job: tuple[Path, int]) -> bool:
    """Put, read, list, remove and collect the same five pictures as others do."""
    root, seed = job
    store = ImageStore(root, LIMITS)
    for turn in range(20):
        number = (seed + turn) % 5
        try:
            ref = store.put(png(40 + number), str(number))
            if store.original(ref.url) != png(40 + number):
                return False
            store.picture(ref.url)
            list(store.list())
            if turn % 3 == 0:
                store.remove(ref.url)
            if turn % 7 == 0:
                store.collect(0, {ref.url})
        except ImageNotFound:  # another one has just removed it
            continue
    return True


def _age(path: Path) -> None:
    long_ago = time.time() - 2 * 3600
    os.utime(path, (long_ago, long_ago))


def test_what_an_owner_keeps_is_seen_by_nobody_else(store: ImageStore) -> None:
    acme, zenith = store.within("acme"), store.within("zenith")
    ref = acme.put(png(), "acme's")
    assert store.within("") is not acme
    for other in (store, zenith):
        with pytest.raises(ImageNotFound):
            other.ref(ref.url)
        assert list(other.list()) == []
        assert other.collect(-1, set()).pictures == 0
    assert zenith.put(png(), "zenith's").source == "zenith's"
    assert store.owners() == ["acme", "zenith"]
    zenith.remove(ref.url)
    assert [stored.ref for stored in acme.list()] == [ref]
    assert acme.collect(-1, set()).pictures == 1
