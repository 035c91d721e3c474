"""Answers that weigh covers: ground area, which of two is more, what is most."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modal_services.engines.measure.cover_claims import Claim, Measured, claim_of, range_words
from modal_services.engines.measure.cover_words import (
    how_much,
    no_share,
    unsure,
)
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
from modal_services.engines.measure.intents import Asked, Kind
from modal_services.engines.measure.on_facts import (
    STATE_DISTANCE,
    area_words,
    metres_words,
)
from modal_services.engines.measure.view import View

MOST, RUNNER_UP_AT_MOST = 0.55, 0.25
_SCENE_SAYS = {"water": "water", "vegetated": "vegetation", "built": "built-up"}
_NOUNS = {"water": "water", "vegetation": "vegetation", "built-up": "built-up land"}


def area(view: View, asked: Asked) -> Finding:
    """The ground that a cover takes; only with a ground sample distance."""
    cover = asked.covers[0]
    if cover not in ("water", "vegetation"):
        return no_share(cover)
    metres = asked.metres_per_px or view.facts.metres_per_px
    if metres is None:
        text = f"An area takes a ground sample distance, and the file states none.{STATE_DISTANCE}"
        claim = claim_of(view, cover)
        known = f" What I can tell: {how_much(cover, claim)}." if claim.is_told else ""
        return refused(text + known, COLOUR_RULES, "area")
    claim = claim_of(view, cover)
    found = claim.share
    if not claim.is_told or found is None:
        return unsure(view, cover, claim, f"how much ground {cover} takes")
    width, height = view.size_px
    whole = width * height * metres**2 * (1 - (view.facts.nodata_percent or 0) / 100)
    low, middle, high = (whole * part for part in (found.low, found.value, found.high))
    unit = asked.unit
    text = (
        f"About {area_words(middle, unit)} is {cover} (range {area_words(low, unit)} to"
        f" {area_words(high, unit)}; {percent(found.value)} % of {area_words(whole, unit)}), at"
        f" {metres_words(metres)}."
    )
    return Finding(
        text,
        f"{claim.by}; times the ground sample distance squared",
        value=round(middle, 1),
        unit="m2",
        range=(round(low, 1), round(high, 1)),
        mask=mask_uri(view, claim.mask),
        caveats=claim.caveats,
    )


def larger(view: View, asked: Asked) -> Finding:
    """Which of two covers takes more; only where their ranges do not touch."""
    wanted = asked.options[0] if asked.options else ""
    measured = tuple(cover for cover in asked.covers if cover in ("water", "vegetation"))
    if len(set(measured)) != 2:  # noqa: PLR2004 - a pair
        return no_share(next((c for c in asked.covers if c not in measured), asked.covers[0]))
    claims = {cover: claim_of(view, cover) for cover in measured}
    first, second = (_span(claims[cover]) for cover in measured)
    by = "; ".join(dict.fromkeys(claim.by for claim in claims.values()))
    if view.why_no_cover and (first is None or second is None):
        return refused(f"I cannot tell: {view.why_no_cover}.", by, "comparison")
    if first is None or second is None or (first[0] <= second[1] and second[0] <= first[1]):
        return refused(f"I cannot tell which of {measured[0]} and {measured[1]} is more here:"
                       f" {_spans(claims)}.", by, "comparison")  # fmt: skip
    more, less = measured if first[0] > second[1] else measured[::-1]
    answer = f"There is more {more} than {less}: {_spans(claims)}."
    value: object = more
    if wanted:
        value = "yes" if more == measured[0] else "no"
        answer = f"{str(value).capitalize()}: {answer[0].lower()}{answer[1:]}"
    return Finding(
        answer,
        by,
        value=value,
        caveats=claims[more].caveats,
        mask=mask_uri(view, claims[more].mask),
    )


def dominant_cover(view: View, _asked: Asked) -> Finding:
    """What covers most, where colour and the scene head say the same, or one does and none else."""
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", COLOUR_RULES, "cover")
    rules, head = _leading(view), view.scene.dominant
    said = _SCENE_SAYS[head.value] if head else ""
    shares = {
        f"{name}_like_percent": [percent(found.low), percent(found.high)]
        for name, found in (("water", view.covers.water), ("vegetation", view.covers.vegetation))
    }
    if rules and said and rules != said:
        text = f"Two methods disagree: colour says mostly {rules}, the scene says {said}."
        return refused(text, f"{COLOUR_RULES}; {SCENE_HEAD}", "cover", evidence=shares)
    main = rules or said
    if not main:
        text = "I cannot name a main land cover: nothing clearly leads."
        return refused(text, f"{COLOUR_RULES}; {SCENE_HEAD}", "cover", evidence=shares)
    both = bool(rules and said)
    how = "both methods" if both else "colour alone" if rules else "scene alone"
    noun = _NOUNS[main]
    text = f"Mostly {noun}" + (", two methods agree." if both else f", by {how[:6].strip()}.")
    if rules:
        found = view.covers.share(rules)
        text = text[:-1] + f": about {percent(found.value)} % of the image ({range_words(found)})."
    method = f"{COLOUR_RULES}; {SCENE_HEAD}" if both else COLOUR_RULES if rules else SCENE_HEAD
    return Finding(
        text,
        method,
        value=main,
        claim=f"mostly {main}, {how}",
        precision=precision_of(f"mostly {main}, {how}"),
        mask=mask_uri(view, rules),
        caveats=(SCENE_CAVEAT,) if said else (),
        evidence=shares,
    )


def _leading(view: View) -> Measured | None:
    found = view.covers
    pairs: tuple[tuple[Measured, Measured], ...] = (
        ("water", "vegetation"),
        ("vegetation", "water"),
    )
    for cover, other in pairs:
        claim = claim_of(view, cover)
        next_most = max(found.share(other).value, found.bare_or_built.value)
        if claim.state == "present" and claim.share and claim.share.low >= MOST:
            return cover if next_most <= RUNNER_UP_AT_MOST else None
    return None


def _span(claim: Claim) -> tuple[float, float] | None:
    if claim.share is None or claim.state == "disagree":
        return None
    if claim.state == "present" and claim.is_told:
        return claim.share.low, claim.share.high
    if claim.state == "absent":
        return 0.0, claim.share.high
    return None


def _spans(claims: Mapping[Measured, Claim]) -> str:
    return ", ".join(
        f"{cover} {percent(span[0])} to {percent(span[1])} %" if span else f"{cover} not clear"
        for cover, span in ((cover, _span(claim)) for cover, claim in claims.items())
    )


ON_AMOUNTS: Mapping[Kind, Callable[[View, Asked], Finding]] = {
    "area": area,
    "larger": larger,
    "dominant_cover": dominant_cover,
}
