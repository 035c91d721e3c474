"""The agent on one screen: which nodes there are, and where each leads.

ingest -> classify -> one of call_vqa | call_captioning | reply for every task -> compose
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from app.call_nodes import call_captioning_node, call_vqa_node, task_failed
from app.context import AgentContext
from app.nodes import classify, compose, ingest, next_steps, reply
from app.state import AgentInput, AgentOutput, AgentState, TaskState, append_assistant_message

Graph = CompiledStateGraph[AgentState, AgentContext, AgentInput, AgentOutput]
Node = Callable[..., Any]

__all__ = [
    "Graph",
    "append_assistant_message",
    "build_graph",
    "call_captioning_node",
    "call_vqa_node",
]


def build_graph(
    checkpointer: BaseCheckpointSaver[str] | None = None,
    bound: Callable[[Node], Node] | None = None,
) -> Graph:
    """The agent, ready to run; with a checkpointer its threads remember.

    `bound` wraps each node and brings the context, for hosts that pass none of ours.
    """
    schema, bound = (None, bound) if bound else (AgentContext, lambda node: node)
    graph = StateGraph(
        AgentState,
        context_schema=schema,
        input_schema=AgentInput,
        output_schema=AgentOutput,
    )
    graph.add_node("ingest", bound(ingest))
    graph.add_node("classify", bound(classify))
    tasks = {"call_vqa": call_vqa_node, "call_captioning": call_captioning_node, "reply": reply}
    for name, node in tasks.items():
        graph.add_node(name, bound(node), input_schema=TaskState, error_handler=bound(task_failed))
    graph.add_node("compose", bound(compose))

    graph.add_edge(START, "ingest")
    graph.add_edge("ingest", "classify")
    graph.add_conditional_edges("classify", next_steps, {name: name for name in tasks})
    for name in tasks:
        graph.add_edge(name, "compose")
    graph.add_edge("compose", END)
    return graph.compile(checkpointer=checkpointer, name="swath")
