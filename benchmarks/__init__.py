"""Ratios, never absolute times: `python -m benchmarks.services`."""
