"""Answers of the scene head: which class of scene, rural or urban."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from modal_services.engines.measure.figures import precision_of_scene
from modal_services.engines.measure.finding import (
    SCENE_CAVEAT,
    SCENE_HEAD,
    Finding,
    refused,
)
from modal_services.engines.measure.intents import Asked, Kind
from modal_services.engines.measure.scene_words import CLASS_WORDS, GROUPS
from modal_services.engines.measure.view import View

if TYPE_CHECKING:
    from modal_services.engines.measure.scene import Claim

UNSURE = "the scene head is not sure enough"


def scene(view: View, asked: Asked) -> Finding:
    """The class of the scene, of those to choose from where any are given."""
    claim = _claim(view)
    if isinstance(claim, Finding):
        return claim
    if asked.options and claim.value not in asked.options:
        text = f"None of these: the scene looks most like {CLASS_WORDS[claim.value]}."
        return refused(text, SCENE_HEAD, "options", evidence=_ranked(view))
    text = f"The scene looks most like {CLASS_WORDS[claim.value]}"
    name = f" (class {claim.value})" if asked.options else ""
    return _said(view, claim, f"{text}{name}.", claim.value)


def is_scene(view: View, asked: Asked) -> Finding:
    """Whether the scene is of a class, or of a group of them: no where it is surely of another."""
    wanted = GROUPS.get(asked.options[0], asked.options[:1])
    claim = _claim(view)
    group = None if view.why_no_cover else view.scene.group
    if not isinstance(claim, Finding):
        return _yes_or_no(view, claim, claim.value in wanted, CLASS_WORDS[claim.value])
    if group is None:
        return claim
    named = GROUPS[group.value]
    if named == wanted or not set(named) & set(wanted):
        return _yes_or_no(view, group, named == wanted, f"some kind of {group.value}")
    return claim


def _yes_or_no(view: View, claim: Claim, is_so: bool, noun: str) -> Finding:
    answer = "Yes" if is_so else "No"
    return _said(view, claim, f"{answer}: the scene looks most like {noun}.", answer.lower())


def settlement(view: View, asked: Asked) -> Finding:
    """Rural or urban."""
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", SCENE_HEAD, "scene")
    claim = view.scene.settlement
    if claim is None:
        text = f"I cannot tell whether it is rural or urban: {UNSURE} here."
        return refused(text, SCENE_HEAD, "scene", evidence=_ranked(view))
    if asked.options:
        yes = claim.value == asked.options[0]
        text = f"{'Yes' if yes else 'No'}: the scene looks {claim.value}."
        return _said(view, claim, text, "yes" if yes else "no")
    return _said(view, claim, f"{claim.value.capitalize()}, by the look of the scene.", claim.value)


def scene_words(view: View) -> str:
    """The scene in a few words, where it is sure; else empty."""
    if view.why_no_cover:
        return ""
    if view.scene.scene:
        return CLASS_WORDS[view.scene.scene.value]
    return f"some kind of {view.scene.group.value}" if view.scene.group else ""


def _claim(view: View) -> Claim | Finding:
    if view.why_no_cover:
        return refused(f"I cannot tell: {view.why_no_cover}.", SCENE_HEAD, "scene")
    claim = view.scene.scene
    if claim is None:
        text = f"I cannot tell which scene it is: {UNSURE} here.{_nearest(view)}"
        return refused(text, SCENE_HEAD, "scene", evidence=_ranked(view))
    return claim


def _nearest(view: View) -> str:
    if view.scene.group:
        return f" It looks like some kind of {view.scene.group.value}."
    return ""


def _ranked(view: View) -> dict[str, object]:
    return {"likely": [[name, round(chance, 2)] for name, chance in view.scene.ranked[:3]]}


def _said(view: View, claim: Claim, text: str, value: str) -> Finding:
    return Finding(
        text,
        SCENE_HEAD,
        value=value,
        precision=precision_of_scene(claim),
        caveats=(SCENE_CAVEAT,),
        evidence=_ranked(view),
    )


ON_SCENE: Mapping[Kind, Callable[[View, Asked], Finding]] = {
    "scene": scene,
    "is_scene": is_scene,
    "settlement": settlement,
}
