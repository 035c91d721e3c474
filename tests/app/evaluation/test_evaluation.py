from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.batch.rows import Result
from app.errors import BadRequest
from app.evaluation.captions import ALONE, NOT_INSTALLED
from app.evaluation.comparing import compare
from app.evaluation.datasets import image_folder, read
from app.evaluation.evaluating import Case, evaluate
from app.evaluation.items import Item
from app.evaluation.judging import judge
from app.evaluation.report import Evaluated, as_json, write
from app.evaluation.statistics import mcnemar, wilson
from app.evaluation.summary import summarised
from app.settings import Settings
from tests.app.batch.files import tiles, written
from tests.end_to_end.servers import swath

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", decode_workers=1, _env_file=None)


def item(reference: str, kind: Any = "text", **more: Any) -> Item:
    given = {"question": "What?", "label": "x", **more}
    return Item(1, "1", "a.png", references=(reference,), kind=kind, **given)


@pytest.mark.parametrize(
    ("asked", "answer", "right"),
    [
        (item("yes", "yesno"), "Yes: about 46 %.", True),
        (item("yes", "yesno"), "There is water.", False),
        (item("3", "count"), "There are three ships.", True),
        (item("10", "count"), "There are 11.", False),
        (item("10", "count", tolerance=0.3), "There are 11.", True),
        (item("three", "count"), "3 ships.", True),
        (Item(1, "1", "a.png", "How many?", ("2", "3"), "count", "x"), "There are 3.", True),
        (item("106m2", "number"), "About 110 m².", True),
        (item("0.117", "number", tolerance_abs=0.005), "NDVI is 0.12", True),
        (item("rural"), "It looks rural.", True),
        (item("934x724"), "The image is 934 pixels wide and 724 pixels high.", True),
        (item("river", question="Which fits best: river, sea?"), "sea, or a river", False),
        (item("river", question="Which fits best: river, sea?"), "A river.", True),
        (item("a", "caption", must_mention=(("house", "houses"),)), "Two houses.", True),
        (item("a", "caption", must_not_mention=("ship",)), "A ship.", False),
        (item("a", "caption"), "Anything.", None),
    ],
)
def test_an_answer_is_judged_by_the_kind_of_its_true_one(
    asked: Item, answer: str, *, right: bool | None
) -> None:
    assert judge(asked, answer).right is right


def test_wilson_is_the_interval_of_the_literature() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(0, 200), st.integers(0, 200))
def test_wilson_holds_the_share_itself(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    share = right / (right + wrong) if right + wrong else 0.5
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_mcnemar_is_the_exact_binomial() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(1, 9) == pytest.approx(22 / 1024)
    assert mcnemar(9, 1) == mcnemar(1, 9)


def test_our_labels_are_read_with_their_tolerances(tmp_path: Path) -> None:
    rows: list[object] = [
        {"file": "a.png", "task": "vqa", "question": "How many?", "answer": "61",
         "vqa_type": "count", "tolerance": 0.3},
        {"file": "b.png", "task": "hostile", "question": None, "answer": "accept"},
        {"file": "c.png", "task": "captioning", "question": "Describe.", "answer": "A pool.",
         "must_mention": [["pool"]], "vqa_type": None},
        {"file": "d.png", "task": "vqa", "question": "Is it?", "answer": "no",
         "vqa_type": "presence", "quality": "OSM-derived, unchecked"},
    ]  # fmt: skip
    name, items = read(written(tmp_path / "labels.jsonl", rows))
    assert name == "labels"
    assert [(one.kind, one.noisy) for one in items] == [
        ("count", False), ("caption", False), ("yesno", True),
    ]  # fmt: skip
    assert items[0].tolerance == 0.3
    assert items[1].must_mention == (("pool",),)


def test_rsvqa_is_read_from_its_three_files(tmp_path: Path) -> None:
    questions = {"questions": [
        {"id": 0, "img_id": 7, "type": "presence", "question": "Is there a road?",
         "answers_ids": [0], "active": True},
        {"id": 1, "img_id": 7, "type": "count", "question": "What is the number of roads?",
         "answers_ids": [1], "active": True},
        {"id": 2, "active": False},
    ]}  # fmt: skip
    answers = {"answers": [
        {"id": 0, "question_id": 0, "answer": "yes", "active": True},
        {"id": 1, "question_id": 1, "answer": "4", "active": True},
    ]}  # fmt: skip
    path = tmp_path / "LR_split_test_questions.json"
    path.write_text(json.dumps(questions))
    with pytest.raises(BadRequest, match="belongs beside it"):
        read(path)
    (tmp_path / "LR_split_test_answers.json").write_text(json.dumps(answers))
    with pytest.raises(BadRequest, match="holds no questions"):
        read(tmp_path / "LR_split_test_answers.json")
    (tmp_path / "Images_LR").mkdir()
    (tmp_path / "Images_LR" / "7.png").touch()
    name, items = read(path)
    assert name == "rsvqa"
    assert [(one.image, one.kind, one.references) for one in items] == [
        ("7.png", "yesno", ("yes",)), ("7.png", "count", ("4",)),
    ]  # fmt: skip
    assert image_folder(path, None) == tmp_path / "Images_LR"


def test_vrsbench_is_read_for_questions_and_captions(tmp_path: Path) -> None:
    path = tmp_path / "VRSBench_EVAL_vqa.json"
    path.write_text(json.dumps([
        {"image_id": "P1.png", "question": "How many ships?", "ground_truth": "2",
         "question_id": 4, "type": "object quantity"},
        {"image_id": "P1.png", "question": "How many ships?", "ground_truth": "Two",
         "question_id": 6, "type": "object quantity"},
        {"image_id": "P1.png", "question": "Describe the image in detail",
         "ground_truth": "A harbour.", "question_id": 5, "type": "caption"},
    ]))  # fmt: skip
    name, items = read(path)
    assert (name, [one.kind for one in items]) == ("vrsbench", ["count", "count", "caption"])


async def test_an_evaluation_is_the_same_twice_and_asks_once(
    tmp_path: Path, settings: Settings
) -> None:
    names = tiles(tmp_path, 3)
    items = [
        Item(n, str(n), names[n % 3], question, (truth,), "text", "size")
        for n, (question, truth) in enumerate(
            [("What is the size of the image?", "32x24"), ("Is there a crane?", "no")] * 3
        )
    ]
    cache = tmp_path / "cache.sqlite3"
    first = await evaluate(items, settings, tmp_path, cache=cache)
    again = await evaluate(items, settings, tmp_path, cache=cache)
    assert [case.item.number for case in first] == list(range(6))
    assert [case.judged for case in first] == [case.judged for case in again]
    assert all(case.cached for case in again)
    other = settings.model_copy(update={"vqa_model": "local-measurements"})
    asked = await evaluate(items, other, tmp_path, cache=cache)
    assert not any(case.cached for case in asked)


async def test_a_report_counts_refusals_apart_and_needs_nothing_from_outside(
    tmp_path: Path, settings: Settings
) -> None:
    names = tiles(tmp_path, 2)
    items = [
        Item(1, "1", names[0], "What is the size of the image?", ("32x24",), "text", "size"),
        Item(2, "2", names[1], "What is the size of the image?", ("9x9",), "text", "size"),
        Item(3, "3", names[1], "How many cranes are there?", ("2",), "count", "count"),
        Item(4, "4", "gone.png", "Is there <b>water</b>?", ("yes",), "yesno", "presence"),
    ]
    cases = await evaluate(items, settings, tmp_path)
    found = Evaluated("small", "jsonl", "measure", cases, tmp_path)
    shares = {one.name: one for one in found.summary.shares}
    assert (shares["size"].right, shares["size"].accuracy) == (1, 0.5)
    assert (shares["count"].refused, shares["count"].accuracy) == (1, None)
    assert shares["presence"].failed == 1
    paths = write(found, tmp_path / "report")
    html = paths[2].read_text()
    assert "http://" not in html
    assert "https://" not in html
    assert "<script" not in html
    assert "data:image/jpeg;base64," in html
    assert "<b>water" not in html
    assert json.loads(paths[0].read_text()) == json.loads(json.dumps(as_json(found, found.summary)))
    assert "| size | 2 | 2 | 0 | 0 | 1 | 50.0% |" in paths[1].read_text()


def test_one_report_is_compared_with_another(tmp_path: Path) -> None:
    def report(name: str, rights: list[bool]) -> Path:
        cases = [
            Case(
                Item(n, str(n), f"{n}.png", "?", ("yes",), "yesno", "presence"),
                Result("answered", "Yes." if right else "No."),
                judge(item("yes", "yesno"), "Yes." if right else "No."),
            )
            for n, right in enumerate(rights)
        ]
        write(Evaluated(name, "jsonl", name, cases, tmp_path), tmp_path / name)
        return tmp_path / name

    first, second = report("a", [True] * 20), report("b", [True] * 8 + [False] * 12)
    (found,) = compare(first, second)
    assert (found.items, found.first, found.second, found.only_first) == (20, 20, 8, 12)
    assert found.verdict == "the first is better"
    done = swath("eval", "compare", str(first), str(second), data_dir=tmp_path)
    assert "the first is better" in done.stdout
    with pytest.raises(BadRequest, match="no report"):
        compare(first, tmp_path / "none")


def test_the_command_writes_the_report_beside_the_data_set(tmp_path: Path) -> None:
    names = tiles(tmp_path, 2)
    path = written(
        tmp_path / "small.jsonl",
        [
            {"image": n, "question": "What is the size of the image?", "answer": "32x24"}
            for n in names
        ],
    )
    done = swath("eval", str(path), "--engine", "measure", data_dir=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "| question | 2 | 2 | 0 | 0 | 2 | 100.0% |" in done.stdout
    assert (tmp_path / "small-report" / "report.html").exists()


def described(reference: str, said: str, **more: Any) -> Case:
    asked = item(reference, "caption", **more)
    return Case(asked, Result("answered", said), judge(asked, said))


def test_descriptions_are_scored_as_by_hand() -> None:
    found = summarised([described("A pool.", "a pool"), described("Two ships", "Two boats!")])
    assert found.captions is not None
    assert found.captions.rouge_l == 75  # the longest common words: all, and one of two
    # CIDEr-D over 1- to 4-grams: (1 + 1 + 0 + 0) / 4 and (1/2 + 0 + 0 + 0) / 4, times 10 each.
    assert found.captions.cider == 312.5


def test_one_description_has_no_cider_and_the_report_says_why() -> None:
    found = summarised([described("A pool.", "a pool")]).captions
    assert found is not None
    assert found.cider is None
    assert dict(found.told())["CIDEr-D × 100"] == ALONE


def test_captions_without_the_extra_are_scored_by_what_they_mention(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("sacrebleu", "rouge_score.rouge_scorer", "pycocoevalcap.cider.cider"):
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    case = described("A pool.", "A pool and a house.", must_mention=(("pool",),))
    found = summarised([case]).captions
    assert found is not None
    assert (found.described, found.mentions_all) == (1, 1)
    assert set(dict(found.told()).values()) == {NOT_INSTALLED}
