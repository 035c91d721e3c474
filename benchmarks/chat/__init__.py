"""Streams of the chat API: many at once when the server is stopped, and readers who come back."""
