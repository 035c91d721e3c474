from __future__ import annotations

import base64
import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch.formats import format_of
from app.batch.job import BatchJob
from app.batch.rows import BadRow, Question
from app.batch.short import number_in, yes_or_no_in
from app.errors import BadRequest
from app.settings import Settings
from modal_services.samples import coast
from tests.app.batch.files import read, tiles, written

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", decode_workers=1, _env_file=None)


async def ran(job: BatchJob, settings: Settings) -> None:
    await job.run(settings, job.begin(resume=False, overwrite=False))


def coast_file(folder: Path) -> str:
    """Water on its left half, 96 x 64 px."""
    (folder / "coast.png").write_bytes(base64.b64decode(coast().partition(",")[2]))
    return "coast.png"


def tree(image: str, **more: Any) -> dict[str, Any]:
    metadata = {"width": 32, "height": 24, "spatial_resolution_m": 0.5}
    return {
        "input_image": {"image_id": "t1", "image_url": image, "metadata": metadata},
        "queries": {
            "caption_query": {"instruction": "Describe the image."},
            "grounding_query": {"instruction": "Locate the ships."},
            "attribute_query": {
                "binary": {"instruction": "Is there more water than vegetation?"},
                "numeric": {"instruction": "What percentage of the image is water?"},
                "semantic": {"instruction": "What is the dominant colour?"},
            },
        },
        **more,
    }


async def test_a_geonli_tree_is_answered_as_the_same_tree(
    tmp_path: Path, settings: Settings
) -> None:
    image = str(Path(__file__).parents[3] / "examples" / "coast.tif")
    source = tmp_path / "in.json"
    source.write_text(json.dumps(tree(image)))
    job = BatchJob(source, tmp_path / "out.json")
    await ran(job, settings)
    out = json.loads((tmp_path / "out.json").read_text())
    asked = tree(image)
    assert out["input_image"] == asked["input_image"]
    queries = out["queries"]
    assert queries["caption_query"]["instruction"] == "Describe the image."
    assert queries["caption_query"]["response"]
    assert queries["grounding_query"]["response"] is None
    attributes = queries["attribute_query"]
    assert attributes["binary"]["response"] in ("Yes", "No")
    assert attributes["numeric"]["response"] == pytest.approx(38, abs=2)
    assert attributes["semantic"]["response"]
    assert not job.journal.exists()


async def test_the_stated_resolution_is_the_images_scale(
    tmp_path: Path, settings: Settings
) -> None:
    image = coast_file(tmp_path)
    question = "How many square metres of the image are water?"
    rows: list[object] = [
        {"image": image, "query": question},
        {"image": image, "query": question, "spatial_resolution_m": 2},
    ]
    job = BatchJob(written(tmp_path / "q.jsonl", rows))
    await ran(job, settings)
    unknown, stated = sorted(read(job.path), key=lambda record: record["line"])
    assert unknown["answer"] != stated["answer"]
    assert number_in(stated["answer"].replace("50 %", "")), stated["answer"]


async def test_trees_that_are_none_are_told_of_in_their_place(
    tmp_path: Path, settings: Settings
) -> None:
    (image,) = tiles(tmp_path, 1)
    source = tmp_path / "in.json"
    source.write_text(json.dumps([17, tree(image)]))
    job = BatchJob(source)
    await ran(job, settings)
    wrong, right = json.loads(job.path.read_text())
    assert "no JSON object" in wrong["error"]["message"]
    assert right["queries"]["caption_query"]["response"]


async def test_openai_requests_are_answered_as_openai_answers_them(
    tmp_path: Path, settings: Settings
) -> None:
    (image,) = tiles(tmp_path, 1)

    def request(name: str, text: str, model: str = "qwen-vqa-special") -> dict[str, Any]:
        parts = [
            {"type": "image_url", "image_url": {"url": image}},
            {"type": "text", "text": text},
        ]
        body = {"model": model, "messages": [{"role": "user", "content": parts}]}
        return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}

    rows = [
        request("a", "Is there water?"),
        request("b", "Describe it.", "qwen-caption-special"),
        request("c", "Is there water?", "no-such-model"),
        {"custom_id": "d", "method": "POST", "url": "/v1/embeddings", "body": {}},
    ]
    job = BatchJob(written(tmp_path / "in.jsonl", rows))
    assert job.format.name == "openai"
    await ran(job, settings)
    found = {record["custom_id"]: record for record in read(job.path)}
    assert set(found) == set("abcd")
    for name in "ab":
        assert found[name]["response"]["status_code"] == 200
        assert found[name]["response"]["body"]["choices"][0]["message"]["content"]
        assert found[name]["error"] is None
    assert found["c"]["response"]["status_code"] == 404
    assert found["c"]["error"]["retryable"] is False
    assert "/v1/chat/completions" in found["d"]["error"]["message"]


async def test_csv_comes_back_as_csv_in_the_inputs_order(
    tmp_path: Path, settings: Settings
) -> None:
    names = tiles(tmp_path, 3)
    source = tmp_path / "in.csv"
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "image", "query"])
        for n in range(9):
            writer.writerow([f"q{n}", names[n % 3], "What is the size\nof the image?"])
        writer.writerow(["bad", "", ""])
    job = BatchJob(source)
    await ran(job, settings)
    with job.path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [*(f"q{n}" for n in range(9)), "bad"]
    assert all("32" in row["answer"] for row in rows[:9])
    assert "neither" in rows[9]["error"]


def test_bad_lines_are_rows_that_say_what_is_wrong(tmp_path: Path) -> None:
    lines: list[object] = [
        "{", "17", {"id": "x"}, {"query": 5}, {"query": "a", "task": "dance"},
        {"query": "a", "spatial_resolution_m": -1}, "", {"question": "fine"},
    ]  # fmt: skip
    source = written(tmp_path / "q.jsonl", lines)
    found = list(format_of(source).rows(source))
    assert [type(row) for row in found] == [BadRow] * 6 + [Question]
    said = [row.message for row in found if isinstance(row, BadRow)]
    assert [part in words for part, words in zip(
        ("no JSON", "object", "neither", "no text", "dance", "metres"), said, strict=True
    )] == [True] * 6  # fmt: skip
    assert (found[2].id, found[6].line) == ("x", 8)


@given(st.binary(max_size=300))
def test_no_bytes_crash_a_reader(data: bytes) -> None:
    import tempfile  # noqa: PLC0415

    for suffix in (".jsonl", ".csv", ".json"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"in{suffix}"
            path.write_bytes(data)
            try:
                form = format_of(path)
            except BadRequest:  # as a whole: UTF-16, or columns of something else
                continue
            for row in form.rows(path):
                assert row.id
            form.count(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("About 46 % of the image is water (range 41-50 %).", 46),
        ("1,234.5 m", 1234.5),
        ("There are three ships.", 3),
        ("There are no ships.", 0),
        ("(of 9 x 9 px)", 9),
        ("water", None),
    ],
)
def test_the_number_in_an_answer_is_found(text: str, expected: float | None) -> None:
    assert number_in(text) == expected


def test_yes_and_no_are_heard_only_at_the_beginning() -> None:
    assert yes_or_no_in("Yes: about 4 %.") == "yes"
    assert yes_or_no_in("**No**, there is none") == "no"
    assert yes_or_no_in("There is no water") is None


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ('id,image,query\r\na,t.png,"How big, in pixels?"\r\n', "utf-8-sig"),
        ("id;image;query\r\na;t.png;How big, in pixels?\r\n", "utf-8"),
        ("id\timage\tquery\r\na\tt.png\tHow big, in pixels?\r\n", "utf-16"),
    ],
)
def test_csv_is_read_as_spreadsheets_write_it(tmp_path: Path, text: str, encoding: str) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(text.encode(encoding))
    assert list(format_of(source).rows(source)) == [
        Question(2, "a", query="How big, in pixels?", image="t.png")
    ]


def test_a_csv_without_our_columns_is_refused_as_a_whole(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("name,photo\na,b\n")
    with pytest.raises(BadRequest, match="no column `query` or `image`, but name, photo"):
        BatchJob(source).begin(resume=False, overwrite=False)


def test_json_in_utf_16_is_refused_with_a_way_out(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes('{"query": "Is it?"}'.encode("utf-16"))
    with pytest.raises(BadRequest, match="UTF-16") as refused:
        BatchJob(source)
    assert "iconv" in refused.value.hint
