"""Conversations written down as YAML, with what is expected of the answers."""
