"""What routes take from the app."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from app.agent import Agent
from app.api.live_turns import LiveTurns


def _agent(request: Request) -> Agent:
    """The agent as it is for whose key was sent: nothing of another one's can be seen."""
    agent: Agent = request.state.agent
    return agent.of(request.state.owner)


# For the description and the button in /docs; `app.api.access` has judged the key before.
BEARER = Depends(HTTPBearer(auto_error=False, description="where the server has access keys"))


def _turns(request: Request) -> LiveTurns:
    turns: LiveTurns = request.state.turns
    return turns


CurrentAgent = Annotated[Agent, Depends(_agent)]
CurrentTurns = Annotated[LiveTurns, Depends(_turns)]
