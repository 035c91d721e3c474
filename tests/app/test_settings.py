from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import AliasChoices, SecretStr, ValidationError

from app.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def variables() -> dict[str, str]:
    """The environment variable of every setting, with its default as text."""
    found = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"SWATH_{name.upper()}"
        default = field.get_default()
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        if isinstance(default, tuple):
            default = ",".join(map(str, default))
        text = str(default).lower() if isinstance(default, bool) else str(default)
        found[str(variable)] = "" if name == "data_dir" else text
    return found


def test_the_example_lists_every_setting_with_its_default() -> None:
    lines = EXAMPLE.read_text().splitlines()
    listed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert {k: v.removesuffix(".0") for k, v in variables().items()} == listed


def test_the_example_reads_as_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


def test_the_guides_names_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VQA_BASE_URL", "http://127.0.0.1:8001/v1/")
    monkeypatch.setenv("CAPTION_TIMEOUT", "7")
    settings = Settings(_env_file=None)
    assert settings.vqa_base_url == "http://127.0.0.1:8001"
    assert (settings.vqa_timeout, settings.caption_timeout) == (120, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VQA_BASE_URL", "localhost:8001"),
        ("VQA_TIMEOUT", "0"),
        ("SWATH_PORT", "70000"),
        ("SWATH_ENV", "test"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings(_env_file=None)


def test_hosts_are_listed_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWATH_IMAGE_HOSTS", "Example.com, *.usgs.gov,")
    settings = Settings(_env_file=None)
    assert settings.image_limits.allowed_hosts == ("example.com", "*.usgs.gov")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().__setattr__("port", 1)


def test_the_key_is_not_shown() -> None:
    settings = Settings(service_api_key=SecretStr("hidden"), _env_file=None)
    assert "hidden" not in repr(settings)
