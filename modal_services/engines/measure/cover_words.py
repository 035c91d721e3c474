"""The words that answers about cover share."""

from __future__ import annotations

from collections.abc import Mapping

from modal_services.engines.measure.cover_claims import Claim, Measured, range_words, share_words
from modal_services.engines.measure.finding import COLOUR_RULES, Finding, percent, refused
from modal_services.engines.measure.intents import Cover
from modal_services.engines.measure.view import View

NOUNS: Mapping[Cover, str] = {
    "water": "water", "vegetation": "vegetation", "built-up": "built-up land",
    "bare": "bare ground", "cloud": "cloud", "snow": "snow",
}  # fmt: skip


def none_found(view: View, cover: Cover, claim: Claim) -> str:
    """The words of nothing found; never that there is none."""
    searched = 100 - (view.facts.nodata_percent or 0)
    by = "by colour or scene" if claim.agreed else "by colour" if claim.share else "by scene"
    missed = " Small, muddy or shaded water and pools may be missed." if cover == "water" else ""
    if claim.by_index:
        by, missed = f"by {str(claim.mask).upper()}", ""
    return f"No {cover} found {by} in the {searched} % searched.{missed}"


def how_much(cover: str, claim: Claim) -> str:
    """The share of a cover in words."""
    if claim.share is None:
        return f"the scene looks like one with {cover}"
    return f"{share_words(claim)} of the image is {cover} ({sure(claim)})"


def sure(claim: Claim) -> str:
    """How far the rules and the methods agree."""
    words = range_words(claim)
    return f"{words}; the scene head agrees" if claim.agreed else words


def unsure(view: View, cover: Measured, claim: Claim, what: str) -> Finding:
    """The refusal where a cover is not clear, or two methods disagree."""
    if claim.state == "disagree":
        share = claim.share.value if claim.share else 0
        text = (
            f"I cannot tell {what}: two methods disagree. By colour about {percent(share)} % is"
            f" {cover}-like, and the scene looks like one {'with' if not share else 'without'} it."
        )
        return refused(text, claim.by, "agreement")
    why = view.why_no_cover or "colour and scene are not clear enough here"
    evidence = None
    if not view.why_no_cover and claim.share:
        evidence = {f"{cover}_like_percent": [percent(claim.share.low), percent(claim.share.high)]}
    return refused(f"I cannot tell {what}: {why}.", claim.by, "cover", evidence=evidence)


def no_share(cover: Cover) -> Finding:
    """The refusal of a cover that colour does not tell."""
    text = (
        f"I cannot measure how much {NOUNS[cover]} there is: colour does not tell it from other"
        " ground."
    )
    return refused(text, COLOUR_RULES, "cover")
