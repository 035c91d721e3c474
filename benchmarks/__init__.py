"""Measurements, run by hand: `python -m benchmarks.<name>`. Nothing here is asserted."""
