"""YAML whose mappings know the line that they begin on, and whose words stay words.

Only `null`, `true` and `false` are more than text: in YAML 1.1 `yes` is true, 12:30 is 750, and
2019-06-02 a date, none of which a script means. Nothing but texts, lists and mappings is built.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from app.errors import BadRequest


class Marked(dict[str, Any]):
    """A mapping, the line it begins on, and those of its keys."""

    line = 0
    lines: dict[str, int]


class BadScript(BadRequest):
    """A script that cannot be run; the message begins with its name and the line."""

    code = "bad_script"


class _Loader(yaml.SafeLoader):
    """SafeLoader, which refuses a key that is given twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Marked:
    found = Marked()
    found.line, found.lines = node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(
                problem=f"{key!r} is no name", problem_mark=key_node.start_mark
            )
        if key in found:
            raise yaml.MarkedYAMLError(
                problem=f"`{key}` is given twice", problem_mark=key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = line
    return found


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def loaded(text: str, name: str) -> Any:
    """What the text holds.

    Raises:
        BadScript: it is no YAML of plain values.
    """
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadScript(f"{name}:{line}: {error.problem or 'no YAML'}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise BadScript(f"{name}: no YAML ({type(error).__name__})") from None
    finally:
        loader.dispose()
