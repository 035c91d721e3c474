"""Answers that weigh covers: ground area, which of two is more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from modal_services.engines.measure.cover_claims import (
    Claim,
    Measured,
    claim_of,
)
from modal_services.engines.measure.cover_words import (
    NOUNS,
    how_much,
    no_share,
    unsure,
)
from modal_services.engines.measure.evidence import mask_uri
from modal_services.engines.measure.finding import (
    COLOUR_RULES,
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
    rough_area_words,
)
from modal_services.engines.measure.on_main_cover import SCENE_SAYS, dominant_cover
from modal_services.engines.measure.view import View

HALF = 0.5
NOT_SEEN = 0.1  # what a cover takes at most, where the scene looks like one without it
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
    high = found.high if claim.by_index else 1.0  # the rules say what there is at least
    low, part = whole * found.low, whole * (found.value if claim.by_index else found.low)
    unit, by_index = asked.unit, claim.by_index
    between = _between(low, whole * high, unit) if by_index else ""
    how = "About" if by_index else "At least"
    text = (
        f"{how} {rough_area_words(part, unit)} is {cover} ({between}"
        f"{percent(part / whole)} % of {area_words(whole, unit)}), at {metres_words(metres)}."
    )
    return Finding(
        text,
        f"{claim.by}; times the ground sample distance squared",
        value=round(part, 1),
        unit="m2",
        range=(round(low, 1), round(whole * high, 1)),
        mask=mask_uri(view, claim.mask),
        caveats=claim.caveats,
    )


def _between(low: float, high: float, unit: str) -> str:
    least, most = rough_area_words(low, unit), rough_area_words(high, unit)
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
    return replace(
        main, text=f"{answer[0].upper()}{answer[1:]}; it is {told}", value=value, claim=""
    )


def _says_other(main: Finding, asked: Asked, more: Cover) -> bool:
    return main.value in asked.covers and main.value != more


def _not_clear(view: View, asked: Asked, claims: Mapping[Measured, Claim]) -> Finding:
    if view.why_no_cover and not any(claim.by_index for claim in claims.values()):
        return refused(f"I cannot tell: {view.why_no_cover}.", COLOUR_RULES, "comparison")
    unknown = next((cover for cover in asked.covers if cover not in SCENE_SAYS.values()), None)
    if unknown:
        return no_share(unknown)
    first, second = (NOUNS[cover] for cover in asked.covers)
    why = _spans(claims) if len(claims) == 2 else "nothing clearly leads"  # noqa: PLR2004 - a pair
    text = f"I cannot tell which of {first} and {second} is more here: {why}."
    by = "; ".join(dict.fromkeys(claim.by for claim in claims.values()))
    return refused(text, by or SCENE_HEAD, "comparison")


def _more_by_range(claims: Mapping[Measured, Claim]) -> Measured | None:
    """Of two covers the one that takes more: over half, or more than the other at its most."""
    spans = {cover: span for cover, claim in claims.items() if (span := _span(claim))}
    for cover, (least, _) in spans.items():
        others = [most for other, (_, most) in spans.items() if other != cover]
        if len(claims) == 2 and (least > HALF or (others and least > others[0])):  # noqa: PLR2004
            return cover
    return None


def _span(claim: Claim) -> tuple[float, float] | None:
    """The least and the most that a cover takes; the most by colour is anything."""
    if claim.state == "present" and claim.is_told and claim.share:
        return claim.share.low, claim.share.high if claim.by_index else 1.0
    if claim.state == "absent":
        return 0.0, claim.share.high if claim.share else NOT_SEEN
    return None


def _spans(claims: Mapping[Measured, Claim]) -> str:
    return ", ".join(
        f"{cover} {words}" for cover, words in ((c, _span_words(claims[c])) for c in claims)
    )


def _span_words(claim: Claim) -> str:
    span = _span(claim)
    if span is None:
        return "not clear"
    if claim.state == "absent":
        return "none found"
    least, most = map(percent, span)
    if not claim.by_index:
        return f"at least {least} %"
    return f"{least} %" if least == most else f"{least} to {most} %"


ON_AMOUNTS: Mapping[Kind, Callable[[View, Asked], Finding]] = {
    "area": area,
    "larger": larger,
    "dominant_cover": dominant_cover,
}
