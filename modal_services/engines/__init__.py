"""What answers: `measure` (embedded) and `upstream` (any OpenAI-compatible server)."""
