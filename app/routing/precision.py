"""How often each family of rules was right on labelled queries it was not written with."""

from __future__ import annotations

PRECISION: dict[str, float] = {}
