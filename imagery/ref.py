"""What is known of a stored picture, without its bytes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from imagery.facts import RasterFacts

SCHEME = "sha256:"


class ImageRef(BaseModel):
    """A picture in the store. Small enough for a checkpoint, whatever the picture's size."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the bytes as they were given")
    mime: str = Field(description="by content, never by name: image/png, image/jpeg, ...")
    width_px: int = Field(ge=1, description="of the upright picture")
    height_px: int = Field(ge=1, description="of the upright picture")
    bytes: int = Field(ge=1, description="size of the file as it was given")
    source: str = Field(description="file name, URL without its query, `data:` or `upload`")
    notes: tuple[str, ...] = Field(default=(), description="what was done to make it visible")
    facts: RasterFacts | None = Field(default=None, description="of a raster, not of a photo")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a raster's facts warn of."""
        return self.facts.warnings if self.facts else ()

    @property
    def url(self) -> str:
        """The reference that stands in the agent's state: `sha256:<hex>`."""
        return SCHEME + self.sha256
