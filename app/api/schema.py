"""The API's description as a file: `python -m app.api.schema > openapi.json`."""

from __future__ import annotations

import json
import sys

from app.api.application import create_app
from app.settings import Settings


def described() -> str:
    """The OpenAPI document as text, the same on every machine."""
    app = create_app(Settings(_env_file=None))
    return json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(described())
