"""How often each family of rules was right on labelled queries that it was not tuned on.

Measured once with `python -m benchmarks.router --split held-out --families`, where a family decided
fifteen queries or more; of the others nothing is claimed.
"""

from __future__ import annotations

PRECISION: dict[str, float] = {
    "count": 1.00,  # 16 of 16
    "open question": 0.96,  # 24 of 25
    "yes or no": 0.90,  # 19 of 21
}
