"""A short or a long description: what was measured clearly, and nothing else."""

from __future__ import annotations

from modal_services.engines.measure.cover_claims import (
    Claim,
    Measured,
    claim_of,
    range_words,
    share_words,
)
from modal_services.engines.measure.finding import COLOUR_RULES, SCENE_HEAD, Finding, percent
from modal_services.engines.measure.intents import Asked
from modal_services.engines.measure.on_colour import colour_words
from modal_services.engines.measure.on_facts import area_words, degrees, metres_words, size_words
from modal_services.engines.measure.on_scene import scene_words
from modal_services.engines.measure.view import View

COVERS: tuple[Measured, ...] = ("water", "vegetation")
DARK, BRIGHT = 0.33, 0.66  # thirds of full brightness
ALONE = "This is by measurement alone: no vision-language model is connected."


def description(view: View, asked: Asked) -> Finding:
    """What is clear of the picture in a sentence or two; in the long form every fact as well."""
    sentences = [_first(view)]
    claims = {cover: claim_of(view, cover) for cover in COVERS}
    told = [words for cover in COVERS if (words := _cover_words(cover, claims[cover]))]
    if told:
        sentences.append(f"{'; '.join(told).capitalize()}.")
    if view.why_no_cover and not told:
        sentences.append(f"I cannot say what covers it: {view.why_no_cover}.")
    if asked.length == "long":
        sentences += _facts(view)
    evidence: dict[str, object] = {"brightness_percent": percent(view.look.brightness)}
    for cover, claim in claims.items():
        if claim.share:
            shares = [percent(claim.share.low), percent(claim.share.high)]
            evidence[f"{cover}_like_percent"] = shares
    by = [claim.by for claim in claims.values() if claim.state != "unsure"]
    by += [SCENE_HEAD] if scene_words(view) else []
    said = [claims[cover] for cover in COVERS if _cover_words(cover, claims[cover])]
    caveats = dict.fromkeys(c for claim in said for c in claim.caveats)
    return Finding(
        " ".join([*sentences, ALONE]),
        "; ".join(dict.fromkeys("; ".join(by).split("; "))) if by else COLOUR_RULES,
        caveats=tuple(caveats),
        evidence=evidence,
    )


def in_short(view: View) -> str:
    """What is known in one line, for a refusal."""
    facts = [size_words(view)]
    if view.facts.metres_per_px:
        facts.append(metres_words(view.facts.metres_per_px))
    if view.look.is_flat:
        return f"{facts[0]}, nearly uniform"
    facts.append(colour_words(view.look.colours))
    if scene_words(view):
        facts.append(f"looks most like {scene_words(view)}")
    facts += [words for cover in COVERS if (words := _cover_words(cover, claim_of(view, cover)))]
    return ", ".join(facts)


def _first(view: View) -> str:
    seen = view.look
    dark, bright = seen.brightness < DARK, seen.brightness > BRIGHT
    light = "dark" if dark else "bright" if bright else "of medium brightness"
    kind = "A greyscale" if seen.is_grey else "A colour"
    colours = colour_words(seen.colours)
    scene = scene_words(view)
    if scene:
        kind = f"The scene looks most like {scene}:"
    else:
        kind += " picture of"
    return f"{kind} {size_words(view)}, {colours}, {light}."


def _cover_words(cover: Measured, claim: Claim) -> str:
    if claim.is_told and claim.share:
        return f"{share_words(claim)} of it is {cover} ({range_words(claim)})"
    if cover == "water" and claim.state == "absent" and claim.share:
        return "no water found"
    return ""


def _facts(view: View) -> list[str]:
    facts, said = view.facts, []
    if facts.metres_per_px:
        width, height = view.size_px
        whole = area_words(width * height * facts.metres_per_px**2)
        said.append(f"One pixel is {facts.metres_per_px:.3g} m, so that it covers {whole}.")
    if facts.bounds:
        west, south, east, north = facts.bounds
        said.append(
            f"It lies at longitude {degrees(west)} to {degrees(east)}, latitude {degrees(south)} to"
            f" {degrees(north)}."
        )
    if facts.taken:
        said.append(f"It was taken on {facts.taken}.")
    if facts.band_count:
        said.append(f"The file has {facts.band_count} bands.")
    if facts.nodata_percent:
        said.append(f"{facts.nodata_percent} % of it holds no data.")
    if not view.why_no_cover and (settled := view.scene.settlement):
        said.append(f"It looks {settled.value}.")
    return said
