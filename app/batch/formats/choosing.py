"""Which format a file has: by its name, and by its first line."""

from __future__ import annotations

from pathlib import Path

from app.batch.formats.form import Form, FormName
from app.batch.formats.geonli import GEONLI
from app.batch.formats.lines import CSV, JSONL, check_columns, is_utf16, objects_in
from app.batch.formats.openai import OPENAI
from app.errors import BadRequest

FORMS: dict[FormName, Form] = {form.name: form for form in (JSONL, CSV, OPENAI, GEONLI)}


def format_of(path: Path, said: FormName | None = None) -> Form:
    """The format of a file; what is said wins.

    Raises:
        BadRequest: none of its lines could be read.
    """
    form = FORMS[said] if said else _told_by_name(path)
    if form is CSV:
        check_columns(path)
    elif is_utf16(path):
        raise BadRequest(
            f"{path.name} is UTF-16, and JSON is UTF-8",
            hint=f"Convert it:  iconv -f UTF-16 -t UTF-8 {path} > utf8{path.suffix}",
        )
    return form


def _told_by_name(path: Path) -> Form:
    suffix = path.suffix.lower()
    if suffix in (".csv", ".json"):
        return CSV if suffix == ".csv" else GEONLI
    first = next((found for _, found in objects_in(path)), "")
    if "custom_id" in first:
        return OPENAI
    return GEONLI if "input_image" in first else JSONL
