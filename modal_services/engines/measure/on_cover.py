"""Answers about cover: how much, whether any, whether most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from modal_services.engines.measure.cover import Share
from modal_services.engines.measure.cover_claims import Claim, Measured, claim_of
from modal_services.engines.measure.cover_words import (
    NOUNS,
    how_much,
    no_share,
    none_found,
    unsure,
)
from modal_services.engines.measure.evidence import mask_uri
from modal_services.engines.measure.figures import precision_of, precision_of_scene
from modal_services.engines.measure.finding import (
    COLOUR_RULES,
    FILE,
    SCENE_CAVEAT,
    SCENE_HEAD,
    Finding,
    percent,
    refused,
)
from modal_services.engines.measure.intents import Asked, Cover, Kind
from modal_services.engines.measure.on_facts import (
    area_words,
    metres_words,
    rough_area_words,
    told_cover,
)
from modal_services.engines.measure.on_main_cover import dominant_cover
from modal_services.engines.measure.view import View

HALF = 0.5


def share(view: View, asked: Asked) -> Finding:
    """How much of the picture a cover takes; by colour and scene the least that it takes."""
    cover = asked.covers[0]
    if cover in ("cloud", "snow"):
        return _told(view, cover, "{percent} % of the scene is {noun}, as its metadata tell.")
    measured: Measured | None = cover if cover in ("water", "vegetation") else None
    claim = claim_of(view, measured) if measured else None
    if claim is None or not (claim.by_index or (claim.share and claim.share.low > HALF)):
        main = dominant_cover(view, asked)
        if main.value == cover:
            return _most(main, cover)
    if claim is None or measured is None:
        return no_share(cover)
    return _measured_share(view, asked, measured, claim)


def _measured_share(view: View, asked: Asked, cover: Measured, claim: Claim) -> Finding:
    found = claim.share
    if claim.is_told and found:
        text = f"{how_much(cover, claim)}."
        text = text[0].upper() + text[1:] + _on_the_ground(view, asked, claim)
        return _numbered(view, claim, text, found)
    if claim.state == "absent":
        most = (found or view.covers.share(cover)).high
        return _numbered(view, claim, none_found(view, cover, claim), Share(0.0, most), value=0.0)
    return unsure(view, cover, claim, f"how much {cover} there is")


def _most(main: Finding, cover: Cover) -> Finding:
    """More than half, as the scene says."""
    text = f"More than half of the image is {NOUNS[cover]}, by the look of the scene."
    return replace(main, text=text, value=50.0, unit="percent", range=(50.0, 100.0), claim="")


def presence(view: View, asked: Asked) -> Finding:
    """Whether a cover is there."""
    cover = asked.covers[0]
    if cover in ("cloud", "snow"):
        return _told(
            view, cover, "{yes}: {percent} % of the scene is {noun}, as its metadata tell."
        )
    if cover == "built-up":
        return _built_up(view)
    if cover not in ("water", "vegetation"):
        text = "I cannot tell bare ground from buildings, roads and dry plants by colour."
        return refused(text, COLOUR_RULES, "presence")
    claim = claim_of(view, cover)
    if claim.state == "present":
        text = f"Yes: {how_much(cover, claim)}."
        return _said(view, claim, text, "yes")
    if claim.state == "absent":
        return _said(view, claim, none_found(view, cover, claim), "none found")
    return unsure(view, cover, claim, f"whether there is {cover}")


def mostly(view: View, asked: Asked) -> Finding:
    """Whether a cover takes more than half."""
    cover = asked.covers[0]
    if cover in ("cloud", "snow"):
        told = told_cover(view, cover)
        yes = "Yes" if (told or 0) > 50 else "No"  # noqa: PLR2004 - half
        return _told(
            view, cover, yes + ": {percent} % of the scene is {noun}, as its metadata tell."
        )
    if cover == "bare":
        return no_share(cover)
    main = dominant_cover(view, asked)
    if cover != "built-up" and not asked.options and main.lacks != "agreement":
        claim = claim_of(view, "water" if cover == "water" else "vegetation")
        found = claim.share if claim.is_told else None
        if found and (found.low > HALF or (claim.by_index and found.high < HALF)):
            answer = "Yes" if found.low > HALF else "No"
            return _said(view, claim, f"{answer}: {how_much(cover, claim)}.", answer.lower())
    return _leads(main, cover)


def _leads(main: Finding, cover: Cover) -> Finding:
    """Whether a cover is the main one."""
    if not main.answered:
        return main
    answer = "Yes" if main.value == cover else "No"
    text = f"{answer}: {main.text[0].lower()}{main.text[1:]}"
    return replace(main, text=text, value=answer.lower(), claim="")


def _built_up(view: View) -> Finding:
    head = None if view.why_no_cover else view.scene.built_up
    if head is None:
        why = view.why_no_cover or "the scene head is not sure enough here"
        return refused(f"I cannot tell whether it is built up: {why}.", SCENE_HEAD, "presence")
    found = precision_of_scene(head)
    if head.value == "present":
        text, value = "Yes: the scene looks built up.", "yes"
    else:
        text, value = "No built-up land found: the scene looks like open land.", "none found"
    return Finding(text, SCENE_HEAD, value=value, precision=found, caveats=(SCENE_CAVEAT,))


def _on_the_ground(view: View, asked: Asked, claim: Claim) -> str:
    metres = asked.metres_per_px or view.facts.metres_per_px
    if metres is None or claim.share is None:
        return ""
    width, height = view.size_px
    whole = width * height * metres**2
    part = claim.share.value if claim.by_index else claim.share.low
    least = "" if claim.by_index else "at least "
    return (
        f" At {metres_words(metres)} that is {least}{rough_area_words(whole * part)} of"
        f" {area_words(whole)}."
    )


def _numbered(
    view: View, claim: Claim, text: str, found: Share, value: float | None = None
) -> Finding:
    low, high = found.low, found.high
    if claim.state == "present" and not claim.by_index:
        high = 1.0  # the rules say what there is at least
    if value is None:
        value = 100 * (found.value if claim.by_index else low)
    return Finding(
        text,
        claim.by,
        value=round(value, 1),
        unit="percent",
        range=(round(100 * low, 1), round(100 * high, 1)),
        mask=mask_uri(view, claim.mask) if claim.state == "present" else None,
        caveats=claim.caveats,
        evidence={"rules_percent": [percent(found.low), percent(found.high)]},
    )


def _said(view: View, claim: Claim, text: str, value: str) -> Finding:
    mask = mask_uri(view, claim.mask) if claim.state == "present" else None
    found = precision_of(claim.name)
    return Finding(
        text,
        claim.by,
        value=value,
        claim=claim.name,
        precision=found,
        mask=mask,
        caveats=claim.caveats,
    )


def _told(view: View, cover: Cover, text: str) -> Finding:
    told = told_cover(view, cover)
    if told is None:
        lacks = f"I cannot see {NOUNS[cover]}, and the file's metadata tell of none."
        return refused(lacks, FILE, "metadata")
    yes = "Yes" if told else "None told"
    said = text.format(percent=told, noun=NOUNS[cover], yes=yes)
    return Finding(said, FILE, value=told, unit="percent", range=(told, told))


ON_COVER: Mapping[Kind, Callable[[View, Asked], Finding]] = {
    "share": share,
    "presence": presence,
    "mostly": mostly,
}
