"""What routes take from the app."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.agent import Agent


def _agent(request: Request) -> Agent:
    agent: Agent = request.state.agent
    return agent


CurrentAgent = Annotated[Agent, Depends(_agent)]
