"""The agent on one screen: which nodes there are, and where each leads.

ingest -> classify -> call_vqa | call_captioning | reply -> compose
"""

from __future__ import annotations

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from app.context import AgentContext
from app.nodes import (
    call_captioning_node,
    call_vqa_node,
    classify,
    compose,
    ingest,
    next_step,
    reply,
)
from app.state import AgentInput, AgentState, append_assistant_message

Graph = CompiledStateGraph[AgentState, AgentContext, AgentInput, AgentState]

__all__ = [
    "Graph",
    "append_assistant_message",
    "build_graph",
    "call_captioning_node",
    "call_vqa_node",
]


def build_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> Graph:
    """The agent, ready to run; with a checkpointer its threads remember."""
    graph = StateGraph(AgentState, context_schema=AgentContext, input_schema=AgentInput)
    graph.add_node("ingest", ingest)
    graph.add_node("classify", classify)
    graph.add_node("call_vqa", call_vqa_node)
    graph.add_node("call_captioning", call_captioning_node)
    graph.add_node("reply", reply)
    graph.add_node("compose", compose)

    graph.add_edge(START, "ingest")
    graph.add_edge("ingest", "classify")
    graph.add_conditional_edges(
        "classify",
        next_step,
        {"call_vqa": "call_vqa", "call_captioning": "call_captioning", "reply": "reply"},
    )
    graph.add_edge("call_vqa", "compose")
    graph.add_edge("call_captioning", "compose")
    graph.add_edge("reply", "compose")
    graph.add_edge("compose", END)
    return graph.compile(checkpointer=checkpointer, name="swath")
