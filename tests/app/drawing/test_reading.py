from __future__ import annotations

from dataclasses import replace

import pytest

from app.drawing import Run, Step
from app.drawing.reading import facts_line, run_of
from app.drawing.run import lit_edges, seconds, shown
from app.drawing.shape import END, START, Shape
from tests.app.drawing.turns import ANSWERED, OFF_TOPIC, ONE_FAILED, entry


def test_a_log_becomes_one_step_for_each_part() -> None:
    assert [(step.node, step.status) for step in ONE_FAILED.steps] == [
        ("ingest", "ok"),
        ("classify", "ok"),
        ("call_captioning", "ok"),
        ("call_vqa", "failed"),
        ("compose", "ok"),
    ]
    assert [step.task for step in ONE_FAILED.steps][2:4] == ["captioning", "vqa/counting"]
    assert ONE_FAILED.tasks == ("captioning", "vqa/counting")
    assert ONE_FAILED.decided == "rule: one for each part"


def test_a_call_tells_its_tokens_waits_model_and_job() -> None:
    assert facts_line(ANSWERED.steps[2]) == (
        "1.79 s  vqa/counting  attempts 2  301 + 3 tokens  waited 400 ms  engine upstream  "
        "model qwen-vqa-special"
    )
    assert ANSWERED.steps[2].notes == ("Asking again: the vqa service is busy (503).",)
    assert "job fc-01ABC" in facts_line(ONE_FAILED.steps[3])


def test_one_call_has_cost_what_the_turn_has() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    kept = {"detail": {"usage": usage}, "execution_log": [entry("call_vqa", "ok", "VQA: Success")]}
    assert run_of(kept, message="How many?").steps[0].facts == ("7 + 2 tokens",)


def test_a_part_that_did_not_end_is_unfinished() -> None:
    run = run_of({"execution_log": [entry("call_vqa", "start", "VQA: Calling...")]}, message="?")
    assert (run.status, run.steps[0].status) == ("open", "unfinished")
    assert not run.ended


def test_a_turn_without_a_log_is_a_run_without_steps() -> None:
    run = run_of({}, message="Hello")
    assert (run.steps, run.tasks, run.decided, run.ms) == ((), (), "", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("see data:image/png;base64,iVBORw0KGgo= here", "see data:... here"),
        ("DATA:,hello", "data:..."),
        ("Authorization: Bearer abcdef123456", "Authorization: ... ..."),
        ("postgresql://u:pw@host/db", "postgresql://...@host/db"),
        ("https://h/a?token=abc&x=1", "https://h/a?token=...&x=1"),
        ('{"api_key": "abc"}', '{"api_key": "..."}'),
        ("sk-abcdefghijklmnop", "..."),
        ("A" * 150, "..."),
        ("two\nlines\x1b[31m \u202e", "two lines[31m "),
        ("How many ships are in the harbour?", "How many ships are in the harbour?"),
    ],
)
def test_pictures_and_secrets_are_never_shown(text: str, told: str) -> None:
    assert shown(text).strip() == told.strip()


def test_a_long_text_is_cut() -> None:
    assert shown("word " * 100, 20) == "word word word wo..."


@pytest.mark.parametrize(
    ("ms", "told"),
    [
        (None, ""),
        (0, "0 ms"),
        (0.4, "< 1 ms"),
        (999, "999 ms"),
        (1842, "1.84 s"),
        (125e3, "2:05 min"),
    ],
)
def test_durations_are_told_for_people(ms: float | None, told: str) -> None:
    assert seconds(ms) == told


def test_an_edge_is_not_taken_where_the_run_went_a_way_around() -> None:
    shape = Shape(
        (START, "a", "b", "c", END),
        ((START, "a"), ("a", "b"), ("b", "c"), ("a", "c"), ("c", END)),
    )
    run = Run("?", "answered", tuple(Step(node, node) for node in "abc"))
    assert lit_edges(shape, run) == {(START, "a"), ("a", "b"), ("b", "c"), ("c", END)}
    short = replace(run, steps=(Step("a", "a"), Step("c", "c")))
    assert lit_edges(shape, short) == {(START, "a"), ("a", "c"), ("c", END)}


def test_what_needs_no_model_has_the_name_of_its_task() -> None:
    assert OFF_TOPIC.tasks == ("off_topic",)
    assert not OFF_TOPIC.failed


def test_what_was_said_again_and_again_is_told_once() -> None:
    again = "VQA: Asking again: busy."
    log = [entry("call_vqa", "retry", again, number=number) for number in (1, 2, 3)]
    run = run_of({"execution_log": [*log, entry("call_vqa", "ok", "VQA: Success")]}, message="?")
    assert run.steps[0].notes == ("Asking again: busy. (3 times)",)
