"""The VLM services: an OpenAI-compatible front over an engine, with jobs."""
