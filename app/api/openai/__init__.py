"""OpenAI's chat completions over the whole agent, so that any of its clients is a client of Swath.

    POST /v1/chat/completions   model `swath-agent`
    GET  /v1/models

Without a thread's id nothing is kept but the picture: the conversation is what `messages` says.
With one (header `X-Thread-Id`, or `metadata.thread_id`) the turn belongs to that thread, whose own
memory counts.
"""

from app.api.openai.routes import router

__all__ = ["router"]
