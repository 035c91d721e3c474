"""Many questions from a file: asked side by side, every answer on disk before it counts."""
