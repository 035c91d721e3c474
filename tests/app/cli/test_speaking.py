from __future__ import annotations

import pytest

from app.answers import Answer
from app.cli.speaking import Speaker
from app.events import Answered, Token


def spoken(*pieces: tuple[int, str] | Answer, content: str) -> int:
    stops: list[bool] = []
    speaker = Speaker(lambda: stops.append(True))
    for one in pieces:
        speaker.hear(Answered(one) if isinstance(one, Answer) else Token(*one))
    speaker.finish(content)
    return len(stops)


def answer(task: int, text: str, status: str = "answered") -> Answer:
    return Answer.model_validate(
        {"task_index": task, "task": "vqa", "asked": "?", "status": status, "text": text,
         "response_type": "answer"}
    )  # fmt: skip


def test_words_are_printed_as_they_come_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    whole = "Three ships."
    stops = spoken((0, " Three"), (0, " ships."), answer(0, whole), content=whole)
    assert capsys.readouterr().out == "Three ships.\n"
    assert stops == 1


def test_answers_of_several_tasks_are_printed_in_their_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    content = "A harbor.\n\nThree.\n\nNo."
    spoken(
        (1, "Th"), (0, "A har"), (1, "ree."), answer(1, "Three."), (0, "bor."),
        answer(2, "No."), answer(0, "A harbor."), content=content,
    )  # fmt: skip
    assert capsys.readouterr().out == f"{content}\n"


def test_the_same_no_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    spoken(answer(0, "I cannot."), answer(1, "I cannot."), content="I cannot.")
    assert capsys.readouterr().out == "I cannot.\n"


def test_a_part_that_failed_is_told_at_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    content = "A harbor.\n\nI could not answer.\n\nYes."
    spoken(
        answer(0, "A harbor."), answer(1, "I could not answer.", "failed"), answer(2, "Yes."),
        content=content,
    )  # fmt: skip
    assert capsys.readouterr().out == f"{content}\n"


def test_an_answer_that_differs_from_what_came_is_printed_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoken((0, "Thr"), content="Two ships.")
    assert capsys.readouterr().out == "Thr\nTwo ships.\n"


def test_a_models_words_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    spoken((0, "a \x1b"), (0, "[2Jharbor\x07"), content="a \x1b[2Jharbor\x07")
    assert capsys.readouterr().out == "a [2Jharbor\n"
