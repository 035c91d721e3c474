"""Every setting, read from the environment and `.env` once and passed down.

The service addresses and timeouts have the names of the usage guide; all others begin with SWATH_.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from imagery import Limits

# Names become folders and parts of ids: lower case, since some file systems know no other.
OWNER_NAME = "[a-z0-9][a-z0-9_-]{0,31}"


def _default_data_dir() -> Path:
    return platformdirs.user_data_path("swath", appauthor=False)


class Settings(BaseSettings):
    """Swath's settings. `.env.example` lists them with their defaults."""

    model_config = SettingsConfigDict(
        env_prefix="SWATH_", env_file=".env", frozen=True, extra="ignore", populate_by_name=True
    )

    env: Literal["production", "development"] = Field(
        default="production",
        description="development puts tracebacks into error bodies and colours the log",
    )
    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="images, threads and jobs; empty means the platform's user data folder",
    )
    host: str = Field(default="127.0.0.1", description="where `swath serve` listens")
    port: int = Field(default=8000, ge=0, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: console on a terminal and in development, json otherwise"
    )

    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="who may use the chat API: name=sha256 of the key, by commas; `swath keys new`",
    )
    key_rate: float = Field(default=600, ge=0, description="requests a minute of a key; 0: any")
    key_burst: int = Field(default=60, ge=1, description="requests of a key at once above its rate")
    key_turns: int = Field(default=16, ge=1, description="questions of a key at the same time")
    max_requests: int = Field(
        default=128, ge=1, description="requests at the same time; more are refused at once"
    )
    body_timeout: float = Field(default=60, gt=0, description="seconds for sending a body")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="pages of other origins that may call the API, by commas; or *"
    )
    langsmith_tracing: Literal["off", "metadata", "full"] = Field(
        default="off", description="runs to LangSmith: never, without their words, or with them"
    )
    otel_endpoint: str = Field(
        default="", description="an OTLP/HTTP traces endpoint for the calls of models; empty: none"
    )

    vqa_base_url: str = Field(
        default="",
        validation_alias=AliasChoices("VQA_BASE_URL", "vqa_base_url"),
        description="the VQA service; empty means the embedded engine `measure`",
    )
    caption_base_url: str = Field(
        default="",
        validation_alias=AliasChoices("CAPTION_BASE_URL", "caption_base_url"),
        description="the captioning service; empty means the embedded engine `measure`",
    )
    vqa_model: str = Field(
        default="qwen-vqa-special", validation_alias=AliasChoices("VQA_MODEL", "vqa_model")
    )
    caption_model: str = Field(
        default="qwen-caption-special",
        validation_alias=AliasChoices("CAPTION_MODEL", "caption_model"),
    )
    vqa_timeout: float = Field(
        default=120,
        gt=0,
        validation_alias=AliasChoices("VQA_TIMEOUT", "vqa_timeout"),
        description="seconds for one VQA call, its retries included",
    )
    caption_timeout: float = Field(
        default=120,
        gt=0,
        validation_alias=AliasChoices("CAPTION_TIMEOUT", "caption_timeout"),
        description="seconds for one captioning call, its retries included",
    )
    service_api_key: SecretStr = Field(
        default=SecretStr(""), description="bearer token for both services, where they want one"
    )
    service_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="what `swath service` asks callers for: keys or their SHA-256, by commas",
    )
    modal_key: SecretStr = Field(
        default=SecretStr(""), description="Modal's proxy auth: the token id, sent as Modal-Key"
    )
    modal_secret: SecretStr = Field(
        default=SecretStr(""), description="Modal's proxy auth: the secret, sent as Modal-Secret"
    )
    max_attempts: int = Field(default=4, ge=1, le=10, description="of one call to a service")
    sync_limit: float = Field(
        default=120,
        gt=0,
        description="seconds; a call that may take longer is sent as a job where there are jobs",
    )
    service_concurrency: int = Field(
        default=64, ge=1, description="calls of one service at the same time"
    )
    service_queue: int = Field(
        default=256, ge=0, description="calls that wait for a place; more are refused at once"
    )

    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="postgresql://... for threads that many machines share; empty: SQLite",
    )
    durability: Literal["exit", "debug"] = Field(
        default="exit", description="debug keeps a checkpoint of every step, for time travel"
    )
    when_busy: Literal["wait", "refuse"] = Field(
        default="wait", description="what a message does whose thread answers another one"
    )
    when_repeated: Literal["refuse", "attach"] = Field(
        default="refuse",
        description="what a request does that is sent again while its first one is answered",
    )
    resume_within: float = Field(
        default=86400, gt=0, description="seconds; turns cut off longer ago are ended, not resumed"
    )

    image_store: str = Field(
        default="",
        description="where images are kept: a folder or an fsspec URL; empty means in data_dir",
    )
    image_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="the only hosts images are fetched from, by commas; *.a.com for all below",
    )
    decode_workers: int = Field(default=2, ge=1, le=64, description="processes that read images")
    decode_timeout: float = Field(default=10, gt=0, description="seconds for reading one image")
    decode_memory_bytes: int = Field(default=1024**3, ge=64 * 1024**2)
    max_image_bytes: int = Field(default=20 * 1024 * 1024, ge=1)
    max_image_pixels: int = Field(default=50_000_000, ge=1)
    fetch_timeout: float = Field(
        default=15, gt=0, description="seconds for fetching one image, redirects included"
    )
    allow_http_images: bool = Field(default=False, description="also fetch http:// image addresses")

    @field_validator("data_dir", mode="before")
    @classmethod
    def _empty_means_default(cls, value: object) -> object:
        return value or _default_data_dir()

    @field_validator("vqa_base_url", "caption_base_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no http:// or https:// address")
        # The guide's address ends before /v1; many servers print theirs with it.
        return value.rstrip("/").removesuffix("/v1")

    @field_validator("image_hosts", "service_keys", "api_keys", "cors_origins", mode="before")
    @classmethod
    def _split_by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("api_keys")
    @classmethod
    def _names_and_digests(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, each in enumerate(value, 1):
            if not re.fullmatch(f"{OWNER_NAME}=[0-9a-fA-F]{{64}}", each.get_secret_value()):
                raise ValueError(
                    f"number {number} is no name=sha256; make one with `swath keys new NAME`"
                )
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres_address(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition("://")[0]
        if scheme not in ("", "postgresql", "postgres"):
            raise ValueError("only postgresql:// addresses are known; empty means SQLite")
        return value

    @property
    def threads_place(self) -> str | Path:
        """Where threads are kept: a database's URL, or a file."""
        return self.database_url.get_secret_value() or self.data_dir / "threads.sqlite3"

    @property
    def image_place(self) -> str | Path:
        """Where images are kept."""
        return self.image_store or self.data_dir / "images"

    @model_validator(mode="after")
    def _key_and_secret(self) -> Self:
        if bool(self.modal_key.get_secret_value()) != bool(self.modal_secret.get_secret_value()):
            raise ValueError("SWATH_MODAL_KEY and SWATH_MODAL_SECRET go together")
        return self

    @property
    def proxy_auth(self) -> dict[str, str]:
        """The headers that Modal's proxy asks for, where it is set up."""
        key, secret = self.modal_key.get_secret_value(), self.modal_secret.get_secret_value()
        return {"Modal-Key": key, "Modal-Secret": secret} if key else {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret's text, so that none is logged or repeated to anyone."""
        kept = [getattr(self, name) for name in type(self).model_fields]
        found = [one.get_secret_value() for one in kept if isinstance(one, SecretStr)]
        return tuple(one for one in found if one)

    @property
    def development(self) -> bool:
        """Whether tracebacks may be shown."""
        return self.env == "development"

    @property
    def image_limits(self) -> Limits:
        """The limits on pictures."""
        return Limits(
            max_bytes=self.max_image_bytes,
            max_pixels=self.max_image_pixels,
            fetch_s=self.fetch_timeout,
            allow_http=self.allow_http_images,
            allowed_hosts=tuple(host.lower() for host in self.image_hosts),
            decode_s=self.decode_timeout,
            decode_memory_bytes=self.decode_memory_bytes,
        )
