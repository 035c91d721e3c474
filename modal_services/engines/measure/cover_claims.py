"""What may be claimed of water and vegetation: two independent methods, heard together.

Colour rules and the scene head look at different things. Where both speak and differ, that is
told and nothing is claimed; where the near-infrared band is known, its index speaks alone.

A share by colour is the least that there is. The rules leave out edges, foam, shade, mud and dry
plants, so that their own range is no range of the truth: of 46 tiles with water, told apart by eye
first, it held the share of 7, and was below it on all.

The rules' thresholds are where a claim was right for at least nine tiles in ten by itself, on 840
UC Merced tiles (`docs/measure.md` has the figures of the claims as they are made).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from modal_services.engines.measure.cover import Share
from modal_services.engines.measure.finding import (
    COLOUR_CAVEAT,
    COLOUR_RULES,
    GREEN_CAVEAT,
    INDEX_CAVEAT,
    RANGE_CAVEAT,
    SCENE_HEAD,
    WATER_CAVEAT,
    percent,
)
from modal_services.engines.measure.scene_words import GROUPS
from modal_services.engines.measure.view import View

if TYPE_CHECKING:
    from modal_services.engines.measure.cover import Covers

Measured: TypeAlias = Literal["water", "vegetation"]
Heard: TypeAlias = Literal["present", "absent", "unsure", "disagree"]

WATER_SEEN = 0.12
NOT_BLUE_LEAST = 0.15
NO_WATER = 0.01
GREEN_SEEN = 0.25
WIDEST_RANGE = 0.30  # of an index; a wider range is no answer to "how much"
# Where the scene head is unsure, colour alone was right of 4 tiles in 4 that it calls water, of 11
# in 19 that it calls vegetation (green water), and of 11 in 14 that it finds without water.
COLOUR_SUFFICES = ("water", "present")
WATERSIDE_AT_MOST = 0.02  # chance, where the scene head finds no water
_INDEX = {"water": "NDWI", "vegetation": "NDVI"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of one cover.

    Attributes:
        state: whether it is there; `disagree`: the methods differ.
        share: of the picture; None where only the scene head speaks.
        name: of the kind of claim, under which its precision is measured; empty: it is not.
        by: the methods that speak for it.
        mask: the cover's own name for a mask of the rules, an index's for one in the store.
    """

    state: Heard
    by: str
    share: Share | None = None
    name: str = ""
    caveats: tuple[str, ...] = ()
    mask: str | None = None
    agreed: bool = False

    @property
    def by_index(self) -> bool:
        """Whether a spectral index of known bands speaks."""
        return self.mask in ("ndwi", "ndvi")

    @property
    def is_told(self) -> bool:
        """Whether a share may be told: of an index as a range, by colour as the least."""
        share = self.share
        if self.state != "present" or share is None:
            return False
        return share.width <= WIDEST_RANGE if self.by_index else True


def claim_of(view: View, cover: Measured) -> Claim:
    """What may be claimed; where `why_no_cover` speaks against colour, only an index does."""
    by_index = view.facts.ndwi_percent if cover == "water" else view.facts.ndvi_percent
    if by_index is not None:
        return _by_index(cover, by_index)
    if view.why_no_cover:
        return Claim("unsure", COLOUR_RULES)
    head = view.scene.water if cover == "water" else view.scene.vegetation
    said = head.value if head else ""
    if cover == "water" and said == "absent" and _may_be_waterside(view):
        said = ""
    share = view.covers.share(cover)
    caveats = (COLOUR_CAVEAT, RANGE_CAVEAT, WATER_CAVEAT if cover == "water" else GREEN_CAVEAT)
    rules = _by_rules(view.covers, cover)
    if (rules, said) in (("present", "absent"), ("absent", "present")):
        return Claim("disagree", f"{COLOUR_RULES}; {SCENE_HEAD}", share, caveats=caveats)
    agreed = said == rules
    if agreed or (cover, rules) == COLOUR_SUFFICES:
        by = f"{COLOUR_RULES}; {SCENE_HEAD}" if agreed else COLOUR_RULES
        name = f"{cover} {rules}" + (", both methods" if agreed else ", colour alone")
        return Claim(rules, by, share, name, caveats, cover, agreed)
    if head and said in ("present", "absent"):
        state: Heard = "present" if said == "present" else "absent"
        return Claim(state, SCENE_HEAD, None, f"{cover} {state}, scene alone", caveats[2:])
    return Claim("unsure", COLOUR_RULES, share, caveats=caveats)


def _may_be_waterside(view: View) -> bool:
    """Whether a river or shore is possible: both tiles of hidden brooks among the first were."""
    chances = dict(view.scene.ranked)
    return sum(chances.get(name, 0.0) for name in GROUPS["waterside"]) > WATERSIDE_AT_MOST


def _by_index(cover: Measured, by_index: tuple[int, int]) -> Claim:
    low, high = (each / 100 for each in by_index)
    name = _INDEX[cover]
    method = f"{name} of the known bands, cut at Otsu's threshold"
    state: Heard = "present" if high > 0 else "absent"
    return Claim(state, method, Share(low, high), "", (INDEX_CAVEAT,), name.lower())


def _by_rules(found: Covers, cover: Measured) -> Heard:
    if cover == "vegetation":
        # "No vegetation" is never said by colour: it was wrong for every chaparral tile.
        return "present" if found.vegetation.low >= GREEN_SEEN else "unsure"
    if found.water.low >= WATER_SEEN and found.not_blue >= NOT_BLUE_LEAST:
        return "present"
    return "absent" if found.maybe_water < NO_WATER else "unsure"


def range_words(claim: Claim) -> str:
    """How far thresholds, or the two rules, are apart in whole percent; empty without a share."""
    if claim.share is None:
        return ""
    low, high = percent(claim.share.low), percent(claim.share.high)
    if low == high:
        return "the same at every threshold nearby" if claim.by_index else "by colour"
    if claim.by_index:
        return f"range {low}–{high} %"
    return f"by colour, {high} % by a lenient rule"


def share_words(claim: Claim) -> str:
    """A share in percent: about so much by an index, at least so much by colour."""
    if claim.share is None:
        return ""
    if claim.by_index:
        return f"about {percent(claim.share.value)} %"
    return f"at least {percent(claim.share.low)} %"
