from __future__ import annotations

import json
import subprocess
import sys

from typer.testing import CliRunner

from app.cli.main import app


def swath_route(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["route", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_plan_is_printed_as_json() -> None:
    body = json.loads(swath_route("Describe the scene and count the ships", "--json"))
    assert body == {
        "tasks": [
            {"task": "captioning", "vqa_type": None, "subtype": None, "text": "Describe the scene"},
            {
                "task": "vqa",
                "vqa_type": "counting",
                "subtype": "count",
                "text": "count the ships",
            },
        ],
        "source": "rule",
        "rule": "a description + a number of things",
        "alternatives": ["vqa/general", "vqa/area"],
        "confidence": None,
    }


def test_the_plan_is_printed_for_people() -> None:
    assert swath_route("How many ships?", "--no-image").splitlines() == [
        "vqa/counting (count)         How many ships?",
        "  decided by  rule: how many",
        "  right in    88% of labelled queries of this kind",
        "  else        vqa/area",
        "  note        there is no image, so Swath asks for one first",
    ]


def test_earlier_messages_and_choices_count() -> None:
    assert "history: the same of something else" in swath_route(
        "and planes?", "--after", "How many ships are there?"
    )
    assert "explicit" in swath_route("Hello", "--task", "captioning")
    assert "vqa/area" in swath_route("Hello", "--vqa-type", "area")


def test_the_command_imports_nothing_heavy() -> None:
    code = (
        "import sys; from app.cli.main import app; app(['route', 'hi'], standalone_mode=False); "
        "print([name for name in ('numpy', 'langgraph', 'langchain_core', 'rasterio', 'fastapi') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
