"""Three turns as they are kept, with times that never change, and the golden files made of them.

`python -m tests.app.drawing.turns` writes the golden files anew; look at them before you commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.drawing import Run, drawn
from app.drawing.reading import run_of
from app.orchestrator import build_graph

GOLDEN = Path(__file__).parent / "golden"
GUIDES_PICTURE = Path(__file__).parents[3] / "docs" / "run.svg"
TS = "2026-01-02T03:04:05.678+00:00"


def entry(node: str, event: str, message: str, index: int = 0, **more: Any) -> Any:
    key = f"turn/{node}/{index}/{event}" + (f"/{more.pop('number')}" if "number" in more else "")
    known = {"key": key, "ts": TS, "turn_id": "turn", "node": node, "event": event}
    return {**known, "message": message, **more}


def turn(
    status: str,
    rule: str,
    tasks: list[dict[str, Any]],
    ms: float,
    log: list[Any],
    answers: list[Any] | None = None,
) -> Any:
    plan = {"source": "rule", "rule": rule, "tasks": tasks}
    return {
        "thread_id": "thread",
        "turn_id": "turn",
        "status": status,
        "plan": plan,
        "ms": ms,
        "answers": answers or [],
        "execution_log": [
            entry("ingest", "ok", "Ingest: 320 x 320 px image/png", ms=3.1),
            entry("classify", "ok", f"Classify: rule: {rule}", ms=0.4),
            *log,
            entry("compose", "ok", f"Turn: {status}", ms=0.8),
        ],
    }


COUNT = {"task": "vqa", "vqa_type": "counting"}
DESCRIBE = {"task": "captioning", "vqa_type": None}
SAID = "Describe the scene and count the ships <script>alert(1)</script>"
USAGE = {"prompt_tokens": 301, "completion_tokens": 3}

ANSWERED = run_of(
    turn(
        "answered",
        "how many",
        [COUNT],
        1842,
        [
            entry("call_vqa", "start", "VQA (counting): Calling service...", 0),
            entry(
                "call_vqa",
                "retry",
                "VQA: Asking again: the vqa service is busy (503).",
                number=1,
                detail={"kind": "retry", "wait_s": 0.4},
            ),
            entry(
                "call_vqa",
                "ok",
                "VQA (counting): Success (Three ships.)",
                0,
                ms=1794.2,
                attempt=2,
                detail={"engine": "upstream", "model": "qwen-vqa-special"},
            ),
        ],
        [{"usage": USAGE}],
    ),
    message="How many ships are there?",
)
ONE_FAILED = run_of(
    turn(
        "answered",
        "one for each part",
        [DESCRIBE, COUNT],
        8012,
        [
            entry("call_captioning", "start", "Captioning: Calling service...", 0),
            entry("call_vqa", "start", "VQA (counting): Calling service...", 1),
            entry("call_captioning", "ok", "Captioning: Success (A bay.)", 0, ms=1610, attempt=1),
            entry(
                "call_vqa",
                "error",
                "VQA (counting): Failed - The vqa service is busy (503): <b>later</b> & again.",
                1,
                ms=7990,
                attempt=4,
            ),
        ],
    ),
    message=SAID,
    number=2,
    jobs={"1": "fc-01ABC"},
)
OFF_TOPIC = run_of(
    turn(
        "refused",
        "general knowledge",
        [{"task": "off_topic", "vqa_type": None}],
        5.2,
        [entry("reply", "ok", "Reply: answered without a model", ms=0.6)],
    ),
    message="Who won the world cup in 1998?",
    number=3,
)
RUNS: dict[str, Run] = {
    "answered": ANSWERED,
    "one_part_failed": ONE_FAILED,
    "off_topic": OFF_TOPIC,
}


def rendered() -> dict[str, str]:
    """Every golden file by its name."""
    graph = build_graph()
    pictures = {f"{name}.svg": drawn(graph, "svg", run) for name, run in RUNS.items()}
    return {
        "graph.mmd": drawn(graph, "mermaid"),
        "graph.svg": drawn(graph, "svg"),
        "one_part_failed.mmd": drawn(graph, "mermaid", ONE_FAILED),
        **pictures,
    }


def guides_picture() -> str:
    """The picture of docs/debugging.md: the run that is traced there."""
    rule, reason = "a description + a number of things", "cannot be reached."
    log = [
        entry("call_captioning", "ok", "Captioning: Success", 0, ms=318, attempt=1),
        entry(
            "call_vqa",
            "error",
            f"VQA: Failed - The vqa service at http://127.0.0.1:9 {reason}",
            1,
            ms=1920,
            attempt=4,
        ),
    ]
    kept = turn("answered", rule, [DESCRIBE, COUNT], 1940, log)
    run = run_of(kept, message="Describe the scene and count the ships.", number=2)
    return drawn(build_graph(), "svg", run)


if __name__ == "__main__":
    GUIDES_PICTURE.write_text(guides_picture(), encoding="utf-8")
    for name, text in rendered().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
