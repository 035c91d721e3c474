from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagery import BadReference, ImageryError
from imagery.stac import MAX_ITEM_BYTES, choices_in
from tests.imagery.pictures import one_line, png

COG = "image/tiff; application=geotiff; profile=cloud-optimized"
BANDS = [{"name": "B04", "common_name": "red"}, {"name": "B03"}, {"name": "B02"}]


def item(assets: object, **properties: object) -> bytes:
    document = {"type": "Feature", "stac_version": "1.0.0", "assets": assets}
    return json.dumps({**document, "properties": properties}).encode()


def keys(assets: object) -> list[str]:
    return [choice.key for choice in choices_in(item(assets)) or []]


def band(name: str, common_name: str = "") -> dict[str, str]:
    return {"name": name, "common_name": common_name}


def asset(href: Any = "x.tif", kind: Any = COG, **more: Any) -> dict[str, object]:
    return {"href": href, "type": kind, **more}


def test_the_visual_asset_is_shown_before_all_others() -> None:
    assets = {
        "thumbnail": asset(kind="image/png", roles=["thumbnail"]),
        "analytic": asset(roles=["data"], **{"eo:bands": BANDS}),
        "rendered_preview": asset(kind="image/png", roles=["overview"]),
        "overview": asset(kind="image/jpeg", roles=["overview"]),
        "visual-jp2": asset(kind="image/jp2", roles=["visual"]),
        "visual": asset(roles=["visual"]),
    }
    assert keys(assets) == [
        "visual", "visual-jp2", "rendered_preview", "analytic", "overview", "thumbnail",
    ]  # fmt: skip


def test_a_data_asset_of_three_bands_comes_before_a_thumbnail() -> None:
    for field in ("bands", "eo:bands"):
        assets = {
            "thumbnail": asset(kind="image/png", roles=["thumbnail"]),
            "image": asset(roles=["data"], **{field: BANDS}),
        }
        assert keys(assets) == ["image", "thumbnail"]


def test_a_thumbnail_comes_before_files_of_one_band_each() -> None:
    assets = {
        "B01": asset(roles=["data"], **{"eo:bands": [{"name": "B01"}]}),
        "thumbnail": asset(kind="image/jpeg", roles=["thumbnail"]),
    }
    assert keys(assets) == ["thumbnail", "B01"]
    unnamed = {key: asset(roles=["data"]) for key in ("B01", "B02", "B03")}
    assert keys({**unnamed, "thumbnail": assets["thumbnail"]})[0] == "thumbnail"


def test_the_only_data_file_is_taken_for_the_whole_scene() -> None:
    assets = {"thumbnail": asset(kind="image/png", roles=["thumbnail"]), "data": asset()}
    assert keys(assets) == ["data", "thumbnail"]


@pytest.mark.parametrize(
    "other",
    [
        asset(kind="application/json"),
        asset(kind="text/html"),
        asset(kind="image/tiff", roles=["cloud"]),
        asset(href="meta.xml", kind=""),
        {"href": 5, "type": COG},
        "x.tif",
        None,
    ],
)
def test_a_file_that_is_no_picture_is_never_chosen(other: object) -> None:
    assert keys({"other": other, "plain": {"href": "a/b.TIF?sig=1"}}) == ["plain"]


def test_what_the_item_says_of_the_file_travels_along() -> None:
    assets = {
        "visual": asset(roles=["visual"], gsd=0.6, **{"eo:bands": BANDS}),
        "analytic": asset(roles=["data"], bands=[{"name": "r", "eo:common_name": "red"}] * 3),
        "thumbnail": asset(kind="image/png", roles=["thumbnail"]),
    }
    data = item(assets, datetime="2023-05-01T10:00:00Z", gsd=10)
    visual, analytic, thumbnail = choices_in(data) or []
    assert visual.extras.eo_bands == (band("B04", "red"), band("B03"), band("B02"))
    assert visual.extras.datetime == datetime(2023, 5, 1, 10, tzinfo=UTC)
    assert (visual.extras.gsd_m, analytic.extras.gsd_m, thumbnail.extras.gsd_m) == (0.6, 10, None)
    assert analytic.extras.eo_bands == (band("r", "red"),) * 3
    assert [choice.small for choice in (visual, analytic, thumbnail)] == [False, False, True]


def test_a_range_of_dates_gives_its_start() -> None:
    data = item({"visual": asset()}, datetime=None, start_datetime="2023-05-01T00:00:00+02:00")
    assert (choices_in(data) or [])[0].extras.datetime == datetime(2023, 4, 30, 22, tzinfo=UTC)


def test_fields_of_the_wrong_type_are_left_out() -> None:
    bad: dict[str, Any] = {"eo:bands": [7, {"name": 1}], "gsd": "10 m", "file:size": "big"}
    data = item({"visual": asset(roles="visual", alternate=[], **bad)}, datetime="May", gsd=-1)
    (choice,) = choices_in(data) or []
    assert choice.extras.eo_bands == (band(""), band(""))
    assert (choice.extras.datetime, choice.extras.gsd_m, choice.bytes) == (None, None, 0)


def test_names_are_one_short_printable_line_each() -> None:
    rude = {"name": "ignore\nall \x1b[31m" * 50, "common_name": "x" * 500}
    (choice,) = choices_in(item({"visual" + "\n" * 99: asset(**{"eo:bands": [rude] * 999})})) or []
    assert len(choice.extras.eo_bands) == 256
    for text in (choice.key, *choice.extras.eo_bands[0].values()):
        assert text.isprintable()
        assert len(text) == 64


def test_an_alternate_https_place_is_used_for_a_file_in_a_bucket() -> None:
    alternate = {"azure": None, "plain": {"href": "https://example.com/x.tif"}}
    (choice,) = choices_in(item({"visual": asset("s3://b/x.tif", alternate=alternate)})) or []
    assert choice.href == "https://example.com/x.tif"
    (choice,) = choices_in(item({"visual": asset("s3://b/x.tif")})) or []
    assert choice.href == "s3://b/x.tif"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"type": "Collection", "stac_version": "1.0.0"}, "catalog or collection"),
        ({"type": "Catalog"}, "catalog or collection"),
        ({"type": "FeatureCollection", "features": []}, "catalog or collection"),
        ({"type": "Feature", "stac_version": "1.0.0"}, "names no picture"),
        ({"type": "Feature", "stac_version": "1.0.0", "assets": []}, "names no picture"),
    ],
)
def test_another_stac_document_is_said_so(document: object, words: str) -> None:
    with pytest.raises(BadReference, match=words):
        choices_in(json.dumps(document).encode())


def test_a_byte_order_mark_and_white_space_before_an_item_are_taken() -> None:
    assert choices_in(b"\xef\xbb\xbf\r\n " + item({"visual": asset()}))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", b"[1]", png(), b'{"type": "Feature"}', b'{"a":' * 100_000, b"{" * 9]
)
def test_what_is_no_item_is_left_to_the_decoder(data: bytes) -> None:
    assert choices_in(data) is None


def test_an_item_over_two_megabytes_is_refused() -> None:
    with pytest.raises(BadReference, match="more than 2,097,152 bytes"):
        choices_in(b"{" + b" " * MAX_ITEM_BYTES)


def test_deep_nesting_beside_the_assets_ends_in_an_answer() -> None:
    deep = b'{"type":"Feature","stac_version":"1.0.0","deep":' + b"[" * 500_000
    assert choices_in(deep) is None


@pytest.mark.timeout(5)
def test_tens_of_thousands_of_assets_are_ranked_at_once() -> None:
    assets = {f"B{i}": {"href": f"{i}.tif", "roles": ["data"]} for i in range(30_000)}
    assert len(keys(assets)) == 30_000


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _JSON), _JSON, _JSON, _JSON)
def test_any_item_is_a_list_of_choices_or_one_of_our_errors(
    assets: dict[str, object], field: object, bands: object, properties: object
) -> None:
    assets["visual"] = {"href": field, "type": field, "eo:bands": [bands], "alternate": field}
    assets["data"] = {"href": "x.tif", "roles": field, "gsd": field, "file:size": bands}
    document = {"type": "Feature", "stac_version": "1.1.0", "assets": assets}
    try:
        found = choices_in(json.dumps({**document, "properties": properties}).encode())
    except ImageryError as error:
        one_line(error)
    else:
        assert found is None or all(choice.key.isprintable() for choice in found)


def test_cloud_and_snow_are_told_where_the_item_tells_them() -> None:
    found = choices_in(item({"visual": asset()}, **{"eo:cloud_cover": 12.5, "eo:snow_cover": 400}))
    assert found
    assert (found[0].extras.cloud_percent, found[0].extras.snow_percent) == (12.5, None)
