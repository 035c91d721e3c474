"""Turns under kill -9, ten messages at once, and a thread of 1,000 turns: `-m benchmarks.turns`."""
