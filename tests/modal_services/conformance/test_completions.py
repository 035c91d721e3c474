from __future__ import annotations

import io
import json
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.fakes import data_uri, encoded, png
from tests.modal_services.conformance.deployments import (
    ALL,
    CHAT,
    MODELS,
    TALKERS,
    Live,
    body,
    error_of,
    image,
    on,
    text,
)

SMALL, WIDE = (8, 4), (16, 4)


@on(*ALL)
def test_an_answer_has_openais_shape(service: Live) -> None:
    answer = service.ask().json()
    assert answer["object"] == "chat.completion"
    assert abs(answer["created"] - time.time()) < 5
    (choice,) = answer["choices"]
    assert choice["index"] == 0
    assert choice["message"]["role"] == "assistant"
    assert isinstance(choice["message"]["content"], str)
    assert choice["finish_reason"] in ("stop", "length")


@on(*ALL)
def test_every_answer_has_an_id_of_its_own(service: Live) -> None:
    ids = {service.ask().json()["id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(name.startswith("chatcmpl-") for name in ids)


@on(*ALL)
def test_the_model_that_answers_is_listed_first(service: Live) -> None:
    models = service.http.get("/v1/models").json()
    assert models["object"] == "list"
    assert service.ask().json()["model"] == models["data"][0]["id"]


@on(*ALL)
def test_usage_adds_up(service: Live) -> None:
    usage = service.ask().json()["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@on("measure")
def test_an_engine_without_tokens_counts_none(service: Live) -> None:
    assert service.ask().json()["usage"]["total_tokens"] == 0


@on(*MODELS)
def test_a_larger_picture_costs_more_tokens(service: Live) -> None:
    small, large = (
        service.ask(text("?"), image(data_uri(png(side, side)))).json()["usage"]["prompt_tokens"]
        for side in (64, 256)
    )
    assert 0 < small < large


@on(*ALL)
def test_content_may_be_a_string(service: Live) -> None:
    assert service.text("How many ships?")


@on(*TALKERS)
def test_words_and_a_picture_reach_the_model(service: Live) -> None:
    said = service.text(text("How many ships?"), image(data_uri(png(*SMALL))))
    assert "8x4" in said
    assert "How many ships?" in said


@on("scripted")
def test_words_and_pictures_keep_their_order(service: Live) -> None:
    said = service.text(text("before"), image(data_uri(png(*SMALL))), text("after"))
    assert "before | 8x4 | after" in said


@on("upstream")
def test_a_picture_goes_before_the_words_so_that_a_prefix_cache_helps(service: Live) -> None:
    said = service.text(text("before"), image(data_uri(png(*SMALL))), text("after"))
    assert "8x4 | before\nafter" in said


@on(*TALKERS)
def test_several_pictures_keep_their_order(service: Live) -> None:
    pictures = [image(data_uri(png(*size))) for size in (SMALL, WIDE)]
    there = service.text(*pictures, text("Compare."))
    back = service.text(*reversed(pictures), text("Compare."))
    assert "8x4 | 16x4" in there
    assert "16x4 | 8x4" in back


@on(*TALKERS)
def test_words_between_pictures_stay_between_them(service: Live) -> None:
    first, second = (image(data_uri(png(*size))) for size in (SMALL, WIDE))
    said = service.text(text("before"), first, text("after"), second)
    assert "before | 8x4 | after | 16x4" in said


@on(*ALL)
def test_more_pictures_than_the_limit_are_a_400(service: Live) -> None:
    answer = service.ask(text("?"), *[image()] * 9)
    assert (answer.status_code, error_of(answer)["code"]) == (400, "too_many_images")


@on(*ALL)
def test_an_image_url_may_be_a_bare_string(service: Live) -> None:
    assert service.text(text("?"), {"type": "image_url", "image_url": data_uri()})


@on(*ALL)
@pytest.mark.parametrize("detail", ["auto", "low", "high", "original"])
def test_every_detail_is_taken(service: Live, detail: str) -> None:
    assert service.text(text("?"), image(detail=detail))


@on(*TALKERS)
def test_low_detail_means_a_smaller_picture(service: Live) -> None:
    large = data_uri(png(1024, 1024))
    assert "512x512" in service.text(text("?"), image(large, detail="low"))
    assert "1024x1024" in service.text(text("?"), image(large, detail="high"))


@on("upstream")
def test_a_picture_is_brought_within_the_models_budget(service: Live) -> None:
    said = service.text(text("?"), image(data_uri(png(3000, 1000))))
    width, height = (int(side) for side in said.split(": ")[1].split(" ")[0].split("x"))
    assert 1_000_000 < width * height <= 1280 * 32 * 32


@on(*ALL)
def test_an_https_url_is_fetched_by_us(service: Live) -> None:
    assert service.text(text("?"), image("https://pictures.example/satellite.png"))


@on(*ALL)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_every_usual_format_is_taken(service: Live, kind: str) -> None:
    picture = encoded(Image.new("RGB", (64, 48), (10, 90, 20)), kind)
    assert service.text(text("?"), image(data_uri(picture, f"image/{kind.lower()}")))


ODD: dict[str, Image.Image] = {
    "grey": Image.new("L", (64, 48), 90),
    "grey of 16 bits": Image.fromarray(
        np.linspace(0, 60000, 64 * 48, dtype=np.uint16).reshape(48, 64)
    ),
    "a palette": Image.new("RGB", (64, 48), (1, 2, 3)).convert("P"),
    "transparency": Image.new("RGBA", (64, 48), (1, 2, 3, 4)),
}


@on(*ALL)
@pytest.mark.parametrize("picture", ODD.values(), ids=ODD.keys())
def test_odd_pixels_are_taken(service: Live, picture: Image.Image) -> None:
    assert service.text(text("?"), image(data_uri(encoded(picture))))


@on(*ALL)
def test_four_inks_are_taken(service: Live) -> None:
    picture = encoded(Image.new("CMYK", (64, 48), (1, 2, 3, 4)), "JPEG")
    assert service.text(text("?"), image(data_uri(picture, "image/jpeg")))


@on(*TALKERS)
def test_a_picture_that_lies_on_its_side_is_turned(service: Live) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (64, 32)).save(file, "JPEG", exif=exif)
    assert "32x64" in service.text(text("?"), image(data_uri(file.getvalue(), "image/jpeg")))


@on(*ALL)
@pytest.mark.parametrize("role", ["system", "developer", "assistant"])
def test_earlier_messages_of_every_role_are_taken(service: Live, role: str) -> None:
    sent = body()
    sent["messages"].insert(0, {"role": role, "content": "Be brief."})
    if role == "assistant":
        sent["messages"].insert(0, {"role": "user", "content": "Hello."})
    assert service.http.post(CHAT, json=sent).status_code == 200


@on(*TALKERS)
def test_an_assistants_message_may_be_empty(service: Live) -> None:
    sent = body()
    sent["messages"].insert(0, {"role": "user", "content": "Hello."})
    sent["messages"].insert(1, {"role": "assistant", "content": None})
    assert service.http.post(CHAT, json=sent).status_code == 200


@on(*MODELS)
def test_an_answer_cut_by_its_limit_says_length(service: Live) -> None:
    answer = service.ask(max_tokens=2).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 2


@on(*MODELS)
def test_max_completion_tokens_wins(service: Live) -> None:
    usage = service.ask(max_tokens=9, max_completion_tokens=3).json()["usage"]
    assert usage["completion_tokens"] == 3


@on(*TALKERS)
@pytest.mark.parametrize("stop", ["given", ["never said", "given"]])
def test_an_answer_ends_before_a_stop_word(service: Live, stop: Any) -> None:
    (choice,) = service.ask(stop=stop).json()["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("I was ", "stop")


@on("measure")
def test_a_measured_answer_ends_before_a_stop_word_too(service: Live) -> None:
    whole = service.text()
    assert service.text(stop=whole[5:9]) == whole[: whole.index(whole[5:9])]


@on(*MODELS)
def test_a_seed_repeats_an_answer(service: Live) -> None:
    assert service.text(temperature=1, seed=7) == service.text(temperature=1, seed=7)


@on(*ALL)
def test_several_answers_are_given_where_they_are_asked_for(service: Live) -> None:
    answer = service.ask(n=3, temperature=1, seed=7, max_tokens=8).json()
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]


@on(*TALKERS)
def test_several_answers_differ_and_count_the_prompt_once(service: Live) -> None:
    one = service.ask(temperature=1, seed=7).json()
    answer = service.ask(n=2, temperature=1, seed=7).json()
    first, second = (choice["message"]["content"] for choice in answer["choices"])
    assert first != second
    assert answer["usage"]["prompt_tokens"] == one["usage"]["prompt_tokens"]
    assert answer["usage"]["completion_tokens"] == 2 * one["usage"]["completion_tokens"]


@on(*MODELS)
def test_probabilities_come_where_they_are_asked_for(service: Live) -> None:
    (choice,) = service.ask(logprobs=True, top_logprobs=2, max_tokens=4).json()["choices"]
    tokens = choice["logprobs"]["content"]
    assert len(tokens) == 4
    assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) == 2 for token in tokens)


SCHEMA = {
    "type": "object",
    "properties": {"ships": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["ships"],
    "additionalProperties": False,
}


@on(*TALKERS)
def test_json_is_given_where_it_is_asked_for(service: Live) -> None:
    assert json.loads(service.text(response_format={"type": "json_object"}))


@on(*MODELS)
def test_a_schema_is_followed(service: Live) -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "count", "schema": SCHEMA}}
    answer = json.loads(service.text(response_format=shape))
    assert isinstance(answer["ships"], int)


@on(*MODELS)
@pytest.mark.parametrize(
    "asked",
    [{"structured_outputs": {"choice": ["yes", "no"]}}, {"guided_choice": ["yes", "no"]}],
    ids=["structured_outputs", "guided_choice"],
)
def test_a_choice_is_kept_to(service: Live, asked: dict[str, Any]) -> None:
    assert service.text(**asked) in ("yes", "no")


@on("measure")
@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("logprobs", True),
        ("response_format", {"type": "json_object"}),
        ("structured_outputs", {"choice": ["yes", "no"]}),
        ("guided_choice", ["yes", "no"]),
    ],
)
def test_what_measuring_cannot_do_is_a_400_that_names_it(
    service: Live, param: str, value: Any
) -> None:
    answer = service.ask(**{param: value})
    error = error_of(answer)
    assert (answer.status_code, error["param"]) == (400, param)
    assert error["code"] == "unsupported_parameter"


@on(*ALL)
def test_fields_that_nobody_knows_are_ignored(service: Live) -> None:
    extra = {"user": "u", "metadata": {"a": "b"}, "store": False, "service_tier": "auto", "x": 1}
    assert service.ask(**extra, tools=[], tool_choice="none").status_code == 200


@on(*ALL)
def test_health_says_what_answers(service: Live) -> None:
    health = service.http.get("/health").json()
    assert (health["status"], health["state"]) == ("ok", "ready")
