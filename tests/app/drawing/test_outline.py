from __future__ import annotations

from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph

from app.drawing import drawn
from app.orchestrator import build_graph
from app.state import AgentState, AgentUpdate
from tests.app.drawing.turns import ONE_FAILED

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


def test_a_run_is_told_in_the_outline() -> None:
    text = drawn(build_graph(), "ascii", ONE_FAILED)
    assert "call_vqa  vqa/counting, 7.99 s, 4 attempts, FAILED" in text
    assert "reply  (not taken)" in text


def test_a_run_is_marked_in_the_mermaid_text() -> None:
    text = drawn(build_graph(), "mermaid", ONE_FAILED)
    assert "class call_vqa failed" in text
    ways = [line for line in text.splitlines() if "-->" in line or "-.->" in line]
    [numbers] = [line.split()[1] for line in text.splitlines() if "linkStyle" in line]
    taken = [ways[int(number)] for number in numbers.split(",")]
    assert len(taken) == len(ways) - 2
    assert not any("reply" in way for way in taken)


def test_langgraphs_own_handlers_of_errors_are_not_drawn() -> None:
    async def node(state: AgentState) -> AgentUpdate:
        return {}

    def failed(state: AgentState, error: NodeError) -> AgentUpdate:
        return {}

    graph = StateGraph(AgentState)
    graph.add_node("one", node, error_handler=failed)
    graph.add_edge(START, "one")
    graph.add_edge("one", END)
    compiled = graph.compile()
    assert any("error_handler" in name for name in compiled.get_graph().nodes)
    for kind in ("mermaid", "ascii", "svg"):
        assert "error_handler" not in drawn(compiled, kind)
    assert "__start__([<p>__start__</p>]):::first" in drawn(compiled, "mermaid")
