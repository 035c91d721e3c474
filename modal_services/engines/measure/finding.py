"""What is told of one question: its words, how it was measured, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal, TypeAlias

# In the pictures' own words, so that every answer names its limits.
COLOUR_RULES = "colour and texture rules over RGB, a strict and a lenient one"
SCENE_HEAD = "scene head (frozen EfficientNet-Lite0 features and a small classifier)"
COLOURS = "named colours by hue, saturation and brightness, counted by pixel"
FILE = "the file's own metadata"
PIXELS = "pixel count of the decoded picture"
COLOUR_CAVEAT = "By colour and texture alone; what only looks like it is counted too."
RANGE_CAVEAT = "A share by colour is the least that there is: what the rules miss is not counted."
WATER_CAVEAT = (
    "Muddy, green, foaming or shaded water and narrow gaps are often missed; smooth dark roofs,"
    " smooth teal fields and deep shadow are sometimes taken for water."
)
GREEN_CAVEAT = "Dry or leafless plants are missed; green water and green paint are counted."
SCENE_CAVEAT = "The scene head knows 21 classes, learnt on US aerial pictures of 0.3 m per pixel."
INDEX_CAVEAT = "The range is that of the index's threshold moved by 0.05 either way."

Status: TypeAlias = Literal["answered", "refused"]


@dataclass(frozen=True, slots=True)
class Precision:
    """How often a kind of answer was right on pictures that nothing was fitted to."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """Part that was right, 0 to 1."""
        return self.right / self.of

    @property
    def at_least(self) -> float:
        """Lower end of the 95 % interval of that part (Wilson 1927)."""
        z, share, of = 1.96, self.value, self.of
        middle = share + z * z / (2 * of)
        spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
        return (middle - spread) / (1 + z * z / of)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is told of one thing that was asked.

    Attributes:
        text: the answer first, then how it was measured; or what is missing.
        value: number, word, yes or no; None where it is refused.
        unit: of the value.
        range: least and most, where the value is a number.
        claim: the kind of answer, under which its precision is measured; empty: it is not.
        precision: measured; None: it was not.
        mask: where in the picture it was found: a 1-bit PNG as a data: URI, or the name of a
            spectral index whose mask the store has.
        lacks: what is missing, of a refusal.
    """

    text: str
    method: str
    answered: bool = True
    value: object = None
    unit: str | None = None
    range: tuple[float, float] | None = None
    claim: str = ""
    precision: Precision | None = None
    mask: str | None = None
    caveats: tuple[str, ...] = ()
    evidence: Mapping[str, object] | None = None
    lacks: str | None = None

    def as_measurement(self, intent: str) -> dict[str, Any]:
        """The finding as JSON."""
        sure = self.precision
        return {
            "intent": intent,
            "answered": self.answered,
            "value": self.value,
            "unit": self.unit,
            "range": list(self.range) if self.range else None,
            "method": self.method,
            "confidence": round(sure.value, 3) if sure else None,
            "confidence_at_least": round(sure.at_least, 3) if sure else None,
            "confidence_from": f"{sure.right} of {sure.of} were right" if sure else None,
            "claim": self.claim or None,
            "mask": self.mask,
            "caveats": list(self.caveats),
            **({"evidence": dict(self.evidence)} if self.evidence else {}),
            **({"lacks": self.lacks} if self.lacks else {}),
        }


def refused(text: str, method: str, lacks: str, **more: Any) -> Finding:
    """A finding that says what is missing."""
    return Finding(text, method, answered=False, lacks=lacks, **more)


def percent(share: float) -> int:
    """A share of 0 to 1 in whole percent."""
    return round(100 * share)
