"""Answers that weigh covers: ground area, which of two is more, what is most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from modal_services.engines.measure.cover_claims import Claim, Measured, claim_of, range_words
from modal_services.engines.measure.cover_words import (
    NOUNS,
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
from modal_services.engines.measure.intents import Asked, Cover, Kind
from modal_services.engines.measure.on_facts import (
    STATE_DISTANCE,
    area_words,
    metres_words,
)
from modal_services.engines.measure.view import View

MOST, RUNNER_UP_AT_MOST = 0.55, 0.25
_SCENE_SAYS: Mapping[str, Cover] = {
    "water": "water",
    "vegetated": "vegetation",
    "built": "built-up",
}
_ON_THE_GROUND = ("water", "vegetation", "built-up", "bare")


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
        f"About {area_words(middle, unit)} is {cover} ({_between(low, high, unit)}"
        f"{percent(found.value)} % of {area_words(whole, unit)}), at {metres_words(metres)}."
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


def _between(low: float, high: float, unit: str) -> str:
    least, most = area_words(low, unit), area_words(high, unit)
    return "" if least == most else f"range {least} to {most}; "


def larger(view: View, asked: Asked) -> Finding:
    """Which of two covers takes more: where their ranges do not touch, or one of them leads."""
    first, second = asked.covers
    if first == second:
        return refused("I cannot compare a cover with itself.", COLOUR_RULES, "comparison")
    claims = {
        cover: claim_of(view, cover) for cover in asked.covers if cover in ("water", "vegetation")
    }
    more: Cover | None = _more_by_range(claims)
    main = dominant_cover(view, asked) if set(asked.covers) <= set(_ON_THE_GROUND) else None
    by_range = more is not None
    if main and not by_range:
        more = next((cover for cover in asked.covers if cover == main.value), None)
    if more is None or (main and (main.lacks == "agreement" or _says_other(main, asked, more))):
        return _not_clear(view, asked, claims)
    less = NOUNS[second if more == first else first]
    answer = f"there is more {NOUNS[more]} than {less}"
    value: object = more
    if any(asked.options):
        value = "yes" if more == first else "no"
        answer = f"{str(value).capitalize()}: {answer}"
    if by_range or main is None:
        claim = claims["water" if more == "water" else "vegetation"]
        mask = mask_uri(view, claim.mask)
        by = "; ".join(dict.fromkeys(claim.by for claim in claims.values()))
        text = f"{answer[0].upper()}{answer[1:]}: {_spans(claims)}."
        return Finding(text, by, value=value, caveats=claim.caveats, mask=mask)
    told = f"{main.text[0].lower()}{main.text[1:]}"
    return replace(main, text=f"{answer[0].upper()}{answer[1:]}; it is {told}", value=value)


def _says_other(main: Finding, asked: Asked, more: Cover) -> bool:
    return main.value in asked.covers and main.value != more


def _not_clear(view: View, asked: Asked, claims: Mapping[Measured, Claim]) -> Finding:
    if view.why_no_cover and not any(claim.by_index for claim in claims.values()):
        return refused(f"I cannot tell: {view.why_no_cover}.", COLOUR_RULES, "comparison")
    unknown = next((cover for cover in asked.covers if cover not in _SCENE_SAYS.values()), None)
    if unknown:
        return no_share(unknown)
    first, second = (NOUNS[cover] for cover in asked.covers)
    why = _spans(claims) if len(claims) == 2 else "nothing clearly leads"  # noqa: PLR2004 - a pair
    text = f"I cannot tell which of {first} and {second} is more here: {why}."
    by = "; ".join(dict.fromkeys(claim.by for claim in claims.values()))
    return refused(text, by or SCENE_HEAD, "comparison")


def _more_by_range(claims: Mapping[Measured, Claim]) -> Measured | None:
    """Of two covers whose ranges do not touch, the one that takes more."""
    if len(claims) != 2:  # noqa: PLR2004 - a pair
        return None
    (first, one), (second, other) = ((cover, _span(claim)) for cover, claim in claims.items())
    if one is None or other is None or (one[0] <= other[1] and other[0] <= one[1]):
        return None
    return first if one[0] > other[1] else second


def dominant_cover(view: View, _asked: Asked) -> Finding:
    """What covers most, where colour and the scene head say the same, or one does and none else."""
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", COLOUR_RULES, "cover")
    rules, head = _leading(view), view.scene.dominant
    said = _SCENE_SAYS[head.value] if head else None
    shares = {
        f"{name}_like_percent": [percent(found.low), percent(found.high)]
        for name, found in (("water", view.covers.water), ("vegetation", view.covers.vegetation))
    }
    if rules and said and rules != said:
        text = f"Two methods disagree: colour says mostly {rules}, the scene says {said}."
        return refused(text, f"{COLOUR_RULES}; {SCENE_HEAD}", "agreement", evidence=shares)
    main: Cover | None = rules or said
    if not main:
        text = "I cannot name a main land cover: nothing clearly leads."
        return refused(text, f"{COLOUR_RULES}; {SCENE_HEAD}", "cover", evidence=shares)
    both = bool(rules and said)
    how = "both methods" if both else "colour alone" if rules else "scene alone"
    noun = NOUNS[main]
    text = f"Mostly {noun}" + (", two methods agree." if both else f", by {how[:6].strip()}.")
    if rules:
        found = view.covers.share(rules)
        between = range_words(claim_of(view, rules))
        text = f"{text[:-1]}: about {percent(found.value)} % of the image ({between})."
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
