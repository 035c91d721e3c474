"""Answers about cover: how much, whether any, whether most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from modal_services.engines.measure.cover import Share
from modal_services.engines.measure.cover_claims import Claim, claim_of
from modal_services.engines.measure.cover_words import (
    NOUNS,
    how_much,
    no_share,
    none_found,
    sure,
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
from modal_services.engines.measure.on_amounts import dominant_cover
from modal_services.engines.measure.on_facts import (
    area_words,
    metres_words,
    told_cover,
)
from modal_services.engines.measure.view import View

HALF = 0.5


def share(view: View, asked: Asked) -> Finding:
    """How much of the picture a cover takes."""
    cover = asked.covers[0]
    if cover in ("cloud", "snow"):
        return _told(view, cover, "{percent} % of the scene is {noun}, as its metadata tell.")
    if cover not in ("water", "vegetation"):
        return no_share(cover)
    claim = claim_of(view, cover)
    found = claim.share
    if claim.is_told and found:
        like = "" if claim.by_index else "-like by colour"
        text = f"About {percent(found.value)} % of the image is {cover}{like} ({sure(claim)})."
        text += _on_the_ground(view, asked, found)
        return _numbered(view, claim, text, found)
    if claim.state == "absent":
        most = (found or view.covers.share(cover)).high
        return _numbered(view, claim, none_found(view, cover, claim), Share(0.0, most), value=0.0)
    return unsure(view, cover, claim, f"how much {cover} there is")


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
    if cover != "built-up" and not asked.options:
        claim = claim_of(view, "water" if cover == "water" else "vegetation")
        found = claim.share
        if claim.state == "present" and found and (found.low > HALF or found.high < HALF):
            text = f"{'Yes' if found.low > HALF else 'No'}: {how_much(cover, claim)}."
            return _said(view, claim, text, "yes" if found.low > HALF else "no")
    return _leads(view, asked)


def _leads(view: View, asked: Asked) -> Finding:
    """Whether a cover is the main one."""
    main = dominant_cover(view, asked)
    if not main.answered:
        return main
    answer = "Yes" if main.value == asked.covers[0] else "No"
    text = f"{answer}: {main.text[0].lower()}{main.text[1:]}"
    return replace(main, text=text, value=answer.lower())


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


def _on_the_ground(view: View, asked: Asked, found: Share) -> str:
    metres = asked.metres_per_px or view.facts.metres_per_px
    if metres is None:
        return ""
    width, height = view.size_px
    whole = width * height * metres**2
    return (
        f" At {metres_words(metres)} that is {area_words(whole * found.value)} of"
        f" {area_words(whole)}."
    )


def _numbered(
    view: View, claim: Claim, text: str, found: Share, value: float | None = None
) -> Finding:
    return Finding(
        text,
        claim.by,
        value=round(100 * found.value, 1) if value is None else value,
        unit="percent",
        range=(round(100 * found.low, 1), round(100 * found.high, 1)),
        mask=mask_uri(view, claim.mask) if claim.state == "present" else None,
        caveats=claim.caveats,
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
