from __future__ import annotations

from pathlib import Path

from app.drawing import drawn
from app.orchestrator import build_graph

OUTLINE = """\
start
-> ingest
   -> classify
      |-> call_captioning
      |  -> compose
      |     -> end
      |-> call_vqa
      |  -> compose  (above)
      `-> reply
         -> compose  (above)
"""


def test_the_outline_shows_every_node_and_way() -> None:
    assert drawn(build_graph(), "ascii") == OUTLINE


def test_the_mermaid_text_is_the_golden_one() -> None:
    golden = Path(__file__).parent / "golden" / "graph.mmd"
    assert drawn(build_graph(), "mermaid") == golden.read_text("utf-8")
