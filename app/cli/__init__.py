"""The command `swath`. Everything heavy is imported by the command that needs it."""

from app.cli.main import main

__all__ = ["main"]
