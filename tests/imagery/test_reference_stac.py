"""A reference that leads to a STAC Item: from the Item to the bytes of one of its files."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from imagery import AddressRefused, BadReference, ImageryError, ImageTooLarge, Limits
from imagery.reference import load
from tests.imagery.network import PUBLIC, Names, Network, answer
from tests.imagery.pictures import one_line, png
from tests.imagery.test_stac import BANDS, asset, item

pytestmark = pytest.mark.anyio
LIMITS = Limits()
ITEM = "https://stac.example.com/items/a?sig=secret"
THUMBNAIL = {"href": "small.png", "type": "image/png", "roles": ["thumbnail"]}


def network_of(assets: object, *files: bytes) -> Network:
    return Network(answer(body=item(assets, gsd=10)), *(answer(body=file) for file in files))


async def test_the_file_beside_an_item_is_fetched_and_its_place_kept() -> None:
    network = network_of({"visual": asset("./x.tif?sig=2", **{"eo:bands": BANDS})}, b"picture")
    loaded = await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert (loaded.data, loaded.source) == (b"picture", "https://stac.example.com/items/x.tif")
    assert [band["name"] for band in loaded.extras.eo_bands] == ["B04", "B03", "B02"]
    assert (loaded.extras.gsd_m, loaded.extras.notes) == (10, ())
    assert b"GET /items/x.tif?sig=2 HTTP" in network.written


async def test_a_relative_place_starts_where_the_item_was_found_in_the_end() -> None:
    moved = answer("302 Found", location="https://data.example.org/v2/item.json")
    network = Network(moved, answer(body=item({"visual": asset("x.tif")})), answer(body=b"x"))
    loaded = await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert loaded.source == "https://data.example.org/v2/x.tif"


async def test_a_picture_that_is_no_item_has_no_extras() -> None:
    network = Network(answer(body=png()))
    loaded = await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert loaded.data == png()
    assert loaded.extras.eo_bands == ()


@pytest.mark.parametrize(
    "href",
    [
        "https://127.0.0.1/x.tif", "//169.254.169.254/x.tif", "https://inside.example/x.tif",
        "https://user:pw@example.com/x.tif", "http://example.com/x.tif", "https://[/x.tif",
        "https://example.com\\@10.0.0.1/x.tif", "https://example.com:22/x.tif", "//[x.tif",
    ],
)  # fmt: skip
async def test_a_place_in_an_item_passes_the_same_guard(href: str) -> None:
    network = network_of({"visual": asset(href), "thumbnail": THUMBNAIL}, b"never")
    names = Names(inside__example=["10.0.0.1"])
    with pytest.raises(BadReference) as caught:
        await load(ITEM, LIMITS, resolve=names, backend=network)
    one_line(caught.value)
    assert len(network.dialled) == 1


async def test_a_place_off_the_list_of_hosts_is_refused() -> None:
    network = network_of({"visual": asset("https://example.net/x.tif")})
    limits = Limits(allowed_hosts=("stac.example.com",))
    with pytest.raises(AddressRefused, match=r"example\.net is not among the hosts"):
        await load(ITEM, limits, resolve=Names(), backend=network)


@pytest.mark.parametrize("href", ["s3://b/x.tif", "gs://b/x.tif", "file:///etc/x.tif"])
async def test_an_item_whose_files_lie_elsewhere_is_refused_with_a_hint(href: str) -> None:
    network = network_of({"visual": asset(href)})
    with pytest.raises(BadReference, match=r"lie at \w+: addresses") as caught:
        await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert "https" in caught.value.hint


async def test_a_file_in_a_bucket_is_replaced_by_one_that_is_read_and_said_so() -> None:
    network = network_of({"visual": asset("s3://b/x.tif"), "thumbnail": THUMBNAIL}, b"small")
    loaded = await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert loaded.data == b"small"
    assert loaded.extras.notes == (
        "the item's visual asset lies where it is not read: its thumbnail is shown",
    )


@pytest.mark.parametrize("said", [{}, {"file:size": 5000}])
async def test_a_file_that_is_too_large_is_replaced_by_a_smaller_one(said: dict[str, Any]) -> None:
    files = [b"small"] if said else [b"x" * 5000, b"small"]
    network = network_of({"visual": asset(**said), "thumbnail": THUMBNAIL}, *files)
    loaded = await load(ITEM, Limits(max_bytes=1000), resolve=Names(), backend=network)
    assert loaded.source == "https://stac.example.com/items/small.png"
    assert loaded.extras.notes == (
        "the item's visual asset is too large: its thumbnail is shown instead",
    )
    assert loaded.extras.gsd_m is None
    assert len(network.dialled) == 1 + len(files)


async def test_a_file_that_is_too_large_and_has_no_smaller_one_is_refused_with_a_hint() -> None:
    network = network_of({"visual": asset()}, b"x" * 5000)
    with pytest.raises(ImageTooLarge, match="more than 1,000 bytes") as caught:
        await load(ITEM, Limits(max_bytes=1000), resolve=Names(), backend=network)
    assert "overview" in caught.value.hint


async def test_an_item_that_leads_to_an_item_is_refused() -> None:
    data = item({"visual": asset(ITEM)})
    network = Network(*[answer(body=data)] * 9)
    with pytest.raises(BadReference, match="leads to a JSON document"):
        await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert len(network.dialled) == 2


async def test_a_picture_inside_an_item_is_read_within_the_same_limits() -> None:
    uri = "data:image/png;base64," + base64.b64encode(png()).decode()
    network = network_of({"visual": asset(uri, "image/png")})
    loaded = await load(ITEM, LIMITS, resolve=Names(), backend=network)
    assert (loaded.data, loaded.source) == (png(), "data:")
    network = network_of({"visual": asset(uri, "image/png", **{"eo:bands": []})})
    with pytest.raises(ImageTooLarge):
        await load(ITEM, Limits(max_bytes=len(png()) - 1), resolve=Names(), backend=network)


async def test_an_item_inside_a_data_uri_is_not_followed() -> None:
    data = base64.b64encode(item({"visual": asset("https://example.com/x.tif")})).decode()
    loaded = await load(f"data:;base64,{data}", LIMITS, resolve=Names(), backend=Network())
    assert loaded.data.startswith(b"{")


async def test_an_item_in_a_file_leads_to_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "item.json").write_bytes(item({"visual": asset("./a/x.tif")}))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.tif").write_bytes(b"picture")
    loaded = await load(str(tmp_path / "item.json"), LIMITS, files=True)
    assert (loaded.data, loaded.source) == (b"picture", "file:x.tif")


async def test_an_item_in_a_file_leads_to_a_url_as_well(tmp_path: Path) -> None:
    (tmp_path / "item.json").write_bytes(item({"visual": asset("https://example.com/x.tif")}))
    network = Network(answer(body=b"x"))
    reference = str(tmp_path / "item.json")
    loaded = await load(reference, LIMITS, files=True, resolve=Names(), backend=network)
    assert (loaded.source, network.dialled) == ("https://example.com/x.tif", [(PUBLIC, 443)])


@pytest.mark.parametrize(
    "href",
    [
        "/etc/passwd", "../secret.tif", "a/../../secret.tif", "link.tif", "loop.tif", "nul\x00.tif",
        "/vsicurl/https://example.com/x.tif", "file:///etc/passwd", "//example.com/x.tif",
        "missing.tif", "pipe.tif", "item.json", ".",
    ],
)  # fmt: skip
async def test_an_item_in_a_file_reads_nothing_outside_its_folder(
    tmp_path: Path, href: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.tif").write_bytes(b"secret")
    (folder / "link.tif").symlink_to(tmp_path / "secret.tif")
    (folder / "loop.tif").symlink_to(folder / "loop.tif")
    os.mkfifo(folder / "pipe.tif")
    (folder / "item.json").write_bytes(item({"visual": asset(href)}))
    with pytest.raises(ImageryError) as caught:
        await load(str(folder / "item.json"), LIMITS, files=True, backend=Network())
    one_line(caught.value)
