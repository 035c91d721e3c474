from __future__ import annotations

import json
from pathlib import Path

from app.api.schema import described

FILE = Path(__file__).parents[3] / "openapi.json"


def test_the_checked_in_description_is_that_of_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == described(), "run `make openapi`"


def test_every_route_tells_how_its_errors_look() -> None:
    for path, methods in json.loads(described())["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert response["content"], (path, method, status)
