"""How often each family of rules was right on labelled queries that it was not tuned on.

Measured once with `python -m benchmarks.router --split blind-4 --families`, before the rules were
mended by those queries; only where a family decided fifteen of them or more.
"""

from __future__ import annotations

PRECISION: dict[str, float] = {
    "count": 0.88,  # 36 of 41
    "description": 0.97,  # 34 of 35
    "grounding": 1.00,  # 19 of 19
    "knowledge": 0.87,  # 27 of 31
    "measurement": 0.95,  # 40 of 42
    "open question": 0.79,  # 64 of 81
    "other tools": 1.00,  # 17 of 17
    "yes or no": 0.96,  # 48 of 50
}
