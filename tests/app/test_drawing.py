from __future__ import annotations

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


def test_the_mermaid_text_shows_every_node_and_way() -> None:
    text = drawn(build_graph(), "mermaid")
    assert "graph TD;" in text
    for edge in (
        "__start__ --> ingest;",
        "ingest --> classify;",
        "classify -.-> call_vqa;",
        "classify -.-> call_captioning;",
        "classify -.-> reply;",
        "call_vqa --> compose;",
        "call_captioning --> compose;",
        "reply --> compose;",
        "compose --> __end__;",
    ):
        assert edge in text
