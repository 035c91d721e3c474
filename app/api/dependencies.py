"""What routes take from the app."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.agent import Agent
from app.api.live_turns import LiveTurns


def _agent(request: Request) -> Agent:
    agent: Agent = request.state.agent
    return agent


def _turns(request: Request) -> LiveTurns:
    turns: LiveTurns = request.state.turns
    return turns


CurrentAgent = Annotated[Agent, Depends(_agent)]
CurrentTurns = Annotated[LiveTurns, Depends(_turns)]
