from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.fakes import data_uri, noise_png
from tests.modal_services.conformance.deployments import (
    ALL,
    CHAT,
    TALKERS,
    Live,
    body,
    error_of,
    image,
    on,
    text,
)
from tests.modal_services.conformance.talker import FAIL, TIME_OUT

ENDS = ("measure", "upstream")  # one that stands here and one that stands elsewhere


def bomb() -> bytes:
    """A file of a few kilobytes that would be a picture of 400 megapixels."""
    file = io.BytesIO()
    Image.new("1", (20000, 20000)).save(file, "PNG")
    return file.getvalue()


@on(*ALL)
def test_an_unknown_model_is_a_404(service: Live) -> None:
    answer = service.ask(model="gpt-9")
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")


@on(*ENDS)
@pytest.mark.parametrize(
    "url",
    ["data:image/png;base64,@@@@", data_uri(b"<html></html>"), data_uri(noise_png(9000)[:5000])],
    ids=["bad base64", "not a picture", "truncated"],
)
def test_a_picture_that_is_none_is_a_400(service: Live, url: str) -> None:
    answer = service.ask(text("?"), image(url))
    assert (answer.status_code, error_of(answer)["param"]) == (400, "messages")


@on(*ENDS)
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/a.png",
        "https://localhost/a.png",
        "https://169.254.169.254/latest",
        "https://[::1]/a.png",
        "https://10.0.0.1/a.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "ftp://pictures.example/a.png",
    ],
)
def test_an_address_that_is_not_public_is_never_fetched(service: Live, url: str) -> None:
    answer = service.ask(text("?"), image(url))
    assert (answer.status_code, error_of(answer)["param"]) == (400, "messages")


@on(*ENDS)
def test_a_host_that_cannot_be_reached_is_the_callers_fault(service: Live) -> None:
    answer = service.ask(text("?"), image("https://gone.example/a.png"))
    assert answer.status_code == 400


@on(*ENDS)
def test_a_bomb_is_refused_before_it_is_decoded(service: Live) -> None:
    answer = service.ask(text("?"), image(data_uri(bomb())))
    assert (answer.status_code, error_of(answer)["code"]) == (413, "image_too_large")


@on(*ENDS)
def test_a_file_of_too_many_bytes_is_a_413(service: Live) -> None:
    answer = service.ask(text("?"), image(data_uri(b"x" * (21 * 1024 * 1024))))
    assert answer.status_code == 413


@on(*ENDS)
@pytest.mark.parametrize(
    ("content", "status"), [(b"{", 400), (b"", 400), (b"[]", 400), (b"\xff\xfe", 400)]
)
def test_a_body_that_is_no_request_keeps_the_shape(
    service: Live, content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = service.http.post(CHAT, content=content, headers=headers)
    assert answer.status_code == status
    assert error_of(answer)["type"] == "invalid_request_error"


@on(*ENDS)
def test_a_body_that_is_not_sent_as_json_is_a_415(service: Live) -> None:
    headers = {"Content-Type": "text/plain"}
    answer = service.http.post(CHAT, content=b"{}", headers=headers)
    assert (answer.status_code, error_of(answer)["code"]) == (415, "unsupported_media_type")


@on(*ENDS)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CHAT, 405), ("GET", "/v1/nothing", 404), ("PUT", CHAT + "/status/fc-1", 405)],
)
def test_wrong_paths_and_methods_keep_the_shape(
    service: Live, method: str, path: str, status: int
) -> None:
    answer = service.http.request(method, path)
    assert answer.status_code == status
    assert error_of(answer)


@on(*ALL)
@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("tool_choice", "auto"),
        ("functions", [{"name": "f"}]),
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("modalities", ["text", "audio"]),
        ("logit_bias", {"50256": -100}),
    ],
)
def test_what_no_engine_does_is_a_400_that_names_it(service: Live, param: str, value: Any) -> None:
    answer = service.ask(**{param: value})
    error = error_of(answer)
    assert (answer.status_code, error["param"]) == (400, param)
    assert error["code"] == "unsupported_parameter"


@on(*ENDS)
@pytest.mark.parametrize(
    "part",
    [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}, {"type": "file"}, {}],
    ids=["sound", "a file", "nothing"],
)
def test_a_part_that_is_no_words_and_no_picture_is_a_400(service: Live, part: Any) -> None:
    answer = service.ask(text("?"), part)
    assert (answer.status_code, error_of(answer)["param"]) == (400, "messages")


@on(*TALKERS)
@pytest.mark.parametrize("question", [FAIL, TIME_OUT])
@pytest.mark.parametrize("stream", [False, True])
def test_an_engine_that_fails_is_a_5xx_in_json(service: Live, question: str, stream: bool) -> None:
    answer = service.ask(question, stream=stream)
    assert answer.status_code in (500, 502)
    assert error_of(answer)
    assert "Traceback" not in answer.text


@on(*TALKERS)
def test_a_connection_outlives_a_failure(service: Live) -> None:
    for _ in range(5):
        service.ask(FAIL)
        assert service.ask().status_code == 200


@on(*ALL)
@pytest.mark.parametrize(
    ("given", "echoed"), [("abc-123", True), ("<script>", False), ("a" * 200, False)]
)
def test_a_decent_request_id_is_echoed_and_another_replaced(
    service: Live, given: str, echoed: bool
) -> None:
    answer = service.http.post(CHAT, json=body("?"), headers={"X-Request-Id": given})
    name = answer.headers["x-request-id"]
    assert (name == given) is echoed
    assert name.isascii()


@on("measure")
def test_a_request_without_an_id_is_given_one_even_where_it_fails(service: Live) -> None:
    assert len(service.http.get("/v1/nothing").headers["x-request-id"]) == 32
