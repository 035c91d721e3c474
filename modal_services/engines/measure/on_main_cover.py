"""The answer to what covers most of a picture."""

from __future__ import annotations

from collections.abc import Mapping

from modal_services.engines.measure.cover_claims import (
    Claim,
    Measured,
    claim_of,
    range_words,
    share_words,
)
from modal_services.engines.measure.cover_words import NOUNS
from modal_services.engines.measure.evidence import mask_uri
from modal_services.engines.measure.figures import precision_of
from modal_services.engines.measure.finding import (
    COLOUR_RULES,
    SCENE_CAVEAT,
    SCENE_HEAD,
    Finding,
    percent,
    refused,
)
from modal_services.engines.measure.intents import Asked, Cover
from modal_services.engines.measure.view import View

HALF = 0.5
MOST, RUNNER_UP_AT_MOST = 0.55, 0.25
SCENE_SAYS: Mapping[str, Cover] = {
    "water": "water", "vegetated": "vegetation", "built": "built-up",
}  # fmt: skip
# What the scene head takes for mostly built-up lies in grass or sand for one tile in eight that are
# not clearly more than half of anything (overpasses, aircraft, cars on a meadow), and farmland may
# be ploughed. So colour has a say; with these bounds 453 of 460 tiles are right, of them the open
# ones by one viewer's eye.
SURELY_BUILT, NEUTRAL_LEAST, LITTLE_GREEN = 0.81, 0.6, 0.15
FARMLAND, CROPS_LEAST = "agricultural", 0.1


def dominant_cover(view: View, _asked: Asked) -> Finding:
    """What covers most, where colour and the scene head say the same, or one does and none else."""
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", COLOUR_RULES, "cover")
    claims: dict[Measured, Claim] = {
        "water": claim_of(view, "water"),
        "vegetation": claim_of(view, "vegetation"),
    }
    rules, said = _leading(view, claims), _said(view)
    shares = {
        f"{name}_like_percent": [percent(found.low), percent(found.high)]
        for name, found in (("water", view.covers.water), ("vegetation", view.covers.vegetation))
    }
    against = _against(claims, rules, said)
    if against:
        noun = NOUNS[said] if said else ""
        text = f"Two methods disagree: the scene says mostly {noun}, and {against}."
        return refused(text, f"{COLOUR_RULES}; {SCENE_HEAD}", "agreement", evidence=shares)
    if not (rules or said):
        text = "I cannot name a main land cover: nothing clearly leads."
        return refused(text, f"{COLOUR_RULES}; {SCENE_HEAD}", "cover", evidence=shares)
    main: Cover = rules or said or "bare"
    how = "both methods" if rules and said else "colour alone" if rules else "scene alone"
    claim = claims[rules] if rules else None
    return Finding(
        f"Mostly {_told_by(main, claim, how)}.",
        "; ".join(filter(None, (claim.by.split("; ")[0] if claim else "", said and SCENE_HEAD))),
        value=main,
        claim=f"mostly {main}, {how}",
        precision=precision_of(f"mostly {main}, {how}"),
        mask=mask_uri(view, claim.mask) if claim else None,
        caveats=(SCENE_CAVEAT,) if said else (),
        evidence=shares,
    )


def _told_by(main: Cover, claim: Claim | None, how: str) -> str:
    rule = str(claim.mask).upper() if claim and claim.by_index else "colour"
    by = {
        "both methods": ", two methods agree",
        "scene alone": ", by the look of the scene",
        "colour alone": f", by {rule}",
    }
    told = f"{NOUNS[main]}{by[how]}"
    if claim is None or claim.share is None:
        return told
    return f"{told}: {share_words(claim)} of the image ({range_words(claim)})"


def _against(claims: Mapping[Measured, Claim], rules: Measured | None, said: Cover | None) -> str:
    """What colour, or an index, says against the main cover of the scene head; empty: nothing."""
    for cover, claim in claims.items():
        share = claim.share
        if not said or not claim.is_told or share is None:
            continue
        by = str(claim.mask).upper() if claim.by_index else "colour"
        if cover != said and share.low > HALF:
            return f"at least {percent(share.low)} % is {cover} by {by}"
        if cover == said and claim.by_index and share.high < HALF:
            return f"at most {percent(share.high)} % is {cover} by {by}"
    return f"colour says mostly {NOUNS[rules]}" if said and rules and rules != said else ""


def _leading(view: View, claims: Mapping[Measured, Claim]) -> Measured | None:
    found = view.covers
    others: Mapping[Measured, Measured] = {"water": "vegetation", "vegetation": "water"}
    for cover, claim in claims.items():
        next_most = max(found.share(others[cover]).value, found.bare_or_built.value)
        if claim.state == "present" and claim.share and claim.share.low >= MOST:
            return cover if next_most <= RUNNER_UP_AT_MOST else None
    return None


def _said(view: View) -> Cover | None:
    """The main cover by the scene head, where colour leaves it possible."""
    head = view.scene.dominant
    if head is None:
        return None
    said, green = SCENE_SAYS[head.value], view.covers.vegetation.high
    if said == "built-up":
        neutral = view.covers.bare_or_built.low >= NEUTRAL_LEAST and green <= LITTLE_GREEN
        return said if green <= HALF and (head.probability >= SURELY_BUILT or neutral) else None
    may_be_bare = bool(view.scene.ranked) and view.scene.ranked[0][0] == FARMLAND
    return None if may_be_bare and green < CROPS_LEAST else said
