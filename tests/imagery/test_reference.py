from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagery import AddressRefused, BadReference, ImageryError, ImageTooLarge, Limits
from imagery.decode import decode
from imagery.reference import Loaded, from_data_uri, load
from tests.imagery.network import Names, Network, answer, nobody
from tests.imagery.pictures import one_line, png

pytestmark = pytest.mark.anyio
LIMITS = Limits()


async def test_every_reference_of_the_hostile_set_comes_out_as_proposed(
    shared_data: Path,
) -> None:
    text = (shared_data / "imagery/hostile/references.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    network = Network()
    wrong = []
    for row in rows:
        try:
            decode((await load(row["url"], LIMITS, resolve=nobody, backend=network)).data, LIMITS)
            outcome = "accept"
        except ImageryError as error:
            one_line(error)
            outcome = "reject"
        if outcome not in row["answer"]:
            wrong.append((row["why"], outcome))
    assert len(rows) == 26
    assert wrong == []
    assert network.dialled == []


async def test_a_url_is_fetched_and_its_query_forgotten() -> None:
    network = Network(answer(body=b"bytes"))
    loaded = await load(
        " https://example.com/a.png?sig=secret\n", LIMITS, resolve=Names(), backend=network
    )
    assert loaded == Loaded(b"bytes", "https://example.com/a.png")


async def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(BadReference) as caught:
        await load("https://user:hunter2@example.com/", LIMITS, resolve=nobody)
    assert "hunter2" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "reference",
    [
        "ftp://example.org/x", "gs://b/x.tif", "s3://b/x.tif", "javascript:alert(1)", "blob:x",
        "/vsicurl/https://example.com/x.tif", "/etc/passwd", "scene.tif", "file:///etc/passwd",
        "sha256:" + "0" * 64, "not a url", "", " ", "\x00",
    ],
)  # fmt: skip
async def test_without_files_only_urls_are_places(reference: str) -> None:
    with pytest.raises(BadReference) as caught:
        await load(reference, LIMITS, resolve=nobody)
    assert str(caught.value).isprintable()


async def test_a_path_without_files_is_told_what_to_give() -> None:
    with pytest.raises(BadReference) as caught:
        await load("/etc/passwd", LIMITS)
    assert caught.value.hint == "give an https URL, a data: URI or an image id"


async def test_a_path_is_read_and_only_its_name_kept(tmp_path: Path) -> None:
    path = tmp_path / "Ünïcode 卫星 (1).png"
    path.write_bytes(png())
    loaded = await load(str(path), LIMITS, files=True)
    assert loaded == Loaded(png(), "file:Ünïcode 卫星 (1).png")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.png", "no such file"),
        (".", "is a folder"),
        ("a\x00b", "cannot be opened"),
        ("x" * 300, "cannot be opened"),
        ("pipe", "not a regular file"),
        ("file.png/x", "cannot be opened"),
    ],
)
async def test_a_path_that_is_no_file_is_said_so(tmp_path: Path, name: str, words: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    await anyio.Path(tmp_path / "file.png").write_bytes(b"x")
    with pytest.raises(BadReference, match=words):
        await load(f"{tmp_path}/{name}", LIMITS, files=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
async def test_a_file_that_may_not_be_read_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "x.png").touch(mode=0)
    with pytest.raises(BadReference, match="may not be read"):
        await load(str(tmp_path / "x.png"), LIMITS, files=True)


async def test_a_device_is_no_file() -> None:
    with pytest.raises(BadReference, match="not a regular file"):
        await load("/dev/zero", LIMITS, files=True)


async def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"12345")
    with pytest.raises(ImageTooLarge, match="more than 4 bytes"):
        await load(str(path), Limits(max_bytes=4), files=True)


@pytest.mark.parametrize("reference", ["file:///x.png", "ftp://x/y", "/vsicurl/https://x/y.tif"])
async def test_with_files_a_scheme_is_still_no_path(reference: str) -> None:
    with pytest.raises(BadReference):
        await load(reference, LIMITS, files=True)


async def test_an_address_of_this_network_is_refused_with_files_as_well() -> None:
    with pytest.raises(AddressRefused):
        await load("https://127.0.0.1/", LIMITS, files=True, resolve=nobody)


@given(st.binary(min_size=1), st.sampled_from(["image/png", "", "IMAGE/x-tiff", "image/png;a=b"]))
def test_a_data_uri_gives_back_its_bytes(data: bytes, kind: str) -> None:
    encoded = base64.b64encode(data).decode()
    assert from_data_uri(f"data:{kind};base64,{encoded}", LIMITS) == data
    escaped = encoded.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D")
    assert from_data_uri(f"DATA:{kind};BASE64,{escaped}", LIMITS) == data
    assert from_data_uri(f"data:{kind};base64,{encoded[:2]}\r\n {encoded[2:]}\n", LIMITS) == data


@given(st.text())
def test_any_data_uri_is_bytes_or_one_of_our_errors(text: str) -> None:
    for uri in (f"data:{text}", f"data:;base64,{text}", f"data:{text};base64,AAAA"):
        try:
            assert from_data_uri(uri, LIMITS)
        except ImageryError as error:
            one_line(error)


@pytest.mark.parametrize(
    "uri",
    [
        "data:", "data:,", "data:image/png,AAAA", "data:image/png;base64", "data:;base64,",
        "data:;base64,AAA", "data:;base64,A=AA", "data:;base64,____", "data:;base64,%zz",
        "data:;base64,ÄÄÄÄ", "data:text/html;base64,AAAA", "data:base64,AAAA",
    ],
)  # fmt: skip
def test_a_data_uri_that_is_not_whole_is_refused(uri: str) -> None:
    with pytest.raises(BadReference):
        from_data_uri(uri, LIMITS)


def test_a_data_uri_may_hold_as_many_bytes_as_the_limit_and_not_one_more() -> None:
    encoded = base64.b64encode(b"12345").decode()
    assert from_data_uri(f"data:;base64,{encoded}", Limits(max_bytes=5)) == b"12345"
    with pytest.raises(ImageTooLarge):
        from_data_uri(f"data:;base64,{encoded}", Limits(max_bytes=4))
