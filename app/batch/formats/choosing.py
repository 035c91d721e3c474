"""Which format a file has: by its name, and by its first line."""

from __future__ import annotations

from pathlib import Path

from app.batch.formats.form import Form, FormName
from app.batch.formats.geonli import GEONLI
from app.batch.formats.lines import CSV, JSONL, objects_in
from app.batch.formats.openai import OPENAI

FORMS: dict[FormName, Form] = {form.name: form for form in (JSONL, CSV, OPENAI, GEONLI)}


def format_of(path: Path, said: FormName | None = None) -> Form:
    """The format of a file; what is said wins."""
    if said:
        return FORMS[said]
    suffix = path.suffix.lower()
    if suffix in (".csv", ".json"):
        return CSV if suffix == ".csv" else GEONLI
    first = next((found for _, found in objects_in(path)), "")
    if "custom_id" in first:
        return OPENAI
    return GEONLI if "input_image" in first else JSONL
