"""From a file to a script; every mistake is told with its line.

name: The coast
variables: {image: examples/coast.tif}
turns:
  - image: ${image}
  - ask: How much of the image is water?
    expect: {contains: water, value: 38, within: 5, task: vqa, vqa_type: area}
  - caption: true
    expect: {task: captioning, under_ms: 10000}
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from app.errors import BadRequest
from app.scripts.marked import BadScript, Marked, loaded
from app.scripts.script import Expectations, Script, Step
from app.state import TaskName, VqaType

MOST_BYTES = 1_000_000
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
SCRIPT, TURN = {"name", "variables", "image", "turns"}, {
    "ask", "caption", "image", "expect", "task", "vqa_type",
}  # fmt: skip
EXPECT = {
    "contains", "lacks", "equals", "value", "within", "task", "vqa_type", "status", "under_ms",
}  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    "task": get_args(TaskName),
    "vqa_type": get_args(VqaType),
    "status": ("answered", "refused", "failed"),
}


def read(path: Path, given: Mapping[str, str]) -> Script:
    """The script in a file.

    Args:
        path: the file.
        given: variables, which win over those of the script.

    Raises:
        BadScript: it has a mistake.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise BadScript(f"{path.name}: larger than {MOST_BYTES:,} bytes")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadScript(f"{path.name}: no UTF-8 text") from None
    return _Reader(path.name, given).script(loaded(text, path.name))


class _Reader:
    def __init__(self, name: str, given: Mapping[str, str]) -> None:
        self._name = name
        self._variables: dict[str, str] = {}
        self._given = given

    def script(self, found: Any) -> Script:
        top = self._mapping(found, SCRIPT, 1, "a script")
        self._set_variables(top)
        turns = top.get("turns")
        if not isinstance(turns, list) or not turns:
            raise self._wrong(top.line, "a script has `turns`, a list")
        image = self._text(top, "image")
        steps = []
        for turn in turns:
            fields = self._mapping(turn, TURN, top.lines["turns"], "a turn")
            image = self._text(fields, "image") or image
            step = self._step(fields, image)
            if step:
                steps.append(step)
                image = None  # the thread remembers it
        if not steps:
            raise self._wrong(top.lines["turns"], "no turn asks anything: write `ask` or `caption`")
        return Script(self._text(top, "name") or Path(self._name).stem, tuple(steps))

    def _set_variables(self, top: Marked) -> None:
        """Those that were given, then the script's, which may use those before them."""
        self._variables = dict(self._given)
        variables = top.get("variables")
        if variables is None:
            return
        if not isinstance(variables, Marked):
            raise self._wrong(top.lines["variables"], "`variables` are `name: value` pairs")
        for name in variables:
            self._variables.setdefault(name, self._text(variables, name) or "")

    def _step(self, turn: Marked, image: str | None) -> Step | None:
        if "ask" in turn and "caption" in turn:
            raise self._wrong(turn.line, "a turn asks or describes, not both")
        if "ask" not in turn and "caption" not in turn:
            if set(turn) != {"image"}:
                raise self._wrong(turn.line, "a turn has `ask`, `caption` or `image`")
            return None
        kind = "ask" if "ask" in turn else "caption"
        plain = kind == "caption" and turn[kind] is True
        text = "" if plain else self._text(turn, kind)
        if kind == "ask" and not (text or "").strip():
            raise self._wrong(turn.lines["ask"], "`ask` is empty")
        return Step(
            turn.line,
            "ask" if kind == "ask" else "caption",
            text or "",
            image,
            self._choice(turn, "task") or ("captioning" if kind == "caption" else None),  # type: ignore[arg-type]
            self._choice(turn, "vqa_type"),  # type: ignore[arg-type]
            self._expect(turn),
        )

    def _expect(self, turn: Marked) -> Expectations:
        if "expect" not in turn:
            return Expectations()
        line = turn.lines["expect"]
        found = self._mapping(turn["expect"], EXPECT, line, "`expect`")
        if "within" in found and "value" not in found:
            raise self._wrong(found.lines["within"], "`within` needs `value`")
        return Expectations(
            line,
            self._texts(found, "contains"),
            self._texts(found, "lacks"),
            self._text(found, "equals"),
            self._number(found, "value"),
            self._number(found, "within") or 0.0,
            self._choice(found, "task"),
            self._choice(found, "vqa_type"),
            self._choice(found, "status"),
            self._number(found, "under_ms"),
        )

    def _mapping(self, found: Any, known: set[str], line: int, what: str) -> Marked:
        if not isinstance(found, Marked):
            raise self._wrong(line, f"{what} is a mapping with {', '.join(sorted(known))}")
        for key in found:
            if key not in known:
                raise self._wrong(
                    found.lines[key], f"{what} has no `{key}`, but {', '.join(sorted(known))}"
                )
        return found

    def _text(self, found: Marked, key: str) -> str | None:
        value = found.get(key)
        return None if value is None else self._filled(value, found, key)

    def _filled(self, value: Any, found: Marked, key: str) -> str:
        """The text of a value, with its variables filled in."""
        if not isinstance(value, str):
            raise self._wrong(found.lines[key], f"`{key}` is no text; put it in quotes")
        return _VARIABLE.sub(lambda match: self._value(match[1], found.lines[key]), value)

    def _value(self, name: str, line: int) -> str:
        if name not in self._variables:
            raise self._wrong(line, f"no variable `{name}`: set it under `variables` or by --set")
        return self._variables[name]

    def _texts(self, found: Marked, key: str) -> tuple[str, ...]:
        value = found.get(key)
        if not isinstance(value, list):
            one = self._text(found, key)
            return () if one is None else (one,)
        return tuple(self._filled(each, found, key) for each in value)

    def _number(self, found: Marked, key: str) -> float | None:
        said = self._text(found, key)
        if said is None:
            return None
        with contextlib.suppress(ValueError):
            if math.isfinite(number := float(said)):
                return number
        raise self._wrong(found.lines[key], f"`{key}` is {said!r:.40}, no number")

    def _choice(self, found: Marked, key: str) -> str | None:
        said = self._text(found, key)
        if said is not None and said not in CHOICES[key]:
            raise self._wrong(
                found.lines[key], f"`{key}` is {said!r:.40}, not one of {', '.join(CHOICES[key])}"
            )
        return said

    def _wrong(self, line: int, message: str) -> BadRequest:
        return BadScript(f"{self._name}:{line}: {message}")
