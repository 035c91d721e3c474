"""One picture with what is known of it, each thing measured when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from imagery import Picture
from modal_services.facts import PictureFacts

if TYPE_CHECKING:
    from modal_services.engines.measure.cover import Covers
    from modal_services.engines.measure.look import Look
    from modal_services.engines.measure.scene import SceneView
    from modal_services.engines.measure.ships import Ships


class View:
    """A picture and its facts.

    Args:
        picture: as it was sent, scaled down perhaps.
        facts: of the scene that it was made from; None: those of the picture itself.
        scene: what the scene head says, where that is known already.
    """

    def __init__(
        self,
        picture: Picture,
        facts: PictureFacts | None = None,
        scene: SceneView | None = None,
    ) -> None:
        self.picture = picture
        self._scene = scene
        size = picture.scene_width_px, picture.scene_height_px
        self.facts = facts or PictureFacts(*size, picture.notes)

    @property
    def size_px(self) -> tuple[int, int]:
        """Columns and rows of the scene."""
        return self.facts.width_px, self.facts.height_px

    @property
    def metres_per_px(self) -> float | None:
        """Ground sample distance of the picture as sent, where the scene's is known."""
        metres = self.facts.metres_per_px
        return metres * self.facts.width_px / self.picture.width_px if metres else None

    @cached_property
    def look(self) -> Look:
        """Colours and brightness."""
        from modal_services.engines.measure.look import look  # noqa: PLC0415 - numpy when needed

        return look(self.picture)

    @cached_property
    def covers(self) -> Covers:
        """Cover by colour; only where `why_no_cover` has nothing against it."""
        from modal_services.engines.measure.cover import covers  # noqa: PLC0415 - see look

        return covers(self.picture)

    @cached_property
    def scene(self) -> SceneView:
        """What the scene head says."""
        if self._scene is not None:
            return self._scene
        from modal_services.engines.measure.scene import scene_of  # noqa: PLC0415 - see look

        return scene_of(self.picture.rgb, ground_sample_distance_m=self.metres_per_px)

    @cached_property
    def ships(self) -> Ships:
        """Ships on open water."""
        from modal_services.engines.measure.ships import ships_on  # noqa: PLC0415 - see look

        return ships_on(self.picture.rgb, self.covers)

    @cached_property
    def why_not_seen(self) -> str:
        """Why nothing is to be seen in this picture; empty where something may be."""
        if self.look.is_flat:
            return "nothing is visible: the picture is nearly uniform"
        nodata = self.facts.nodata_percent or 0
        if nodata >= MOSTLY_NODATA:
            return f"{nodata} % of the image holds no data"
        return ""

    @cached_property
    def why_no_cover(self) -> str:
        """Why colour and the scene head say nothing of this picture; empty where they may."""
        if self.why_not_seen:
            return self.why_not_seen
        if self.look.is_tiny:
            return "the picture is too small for colour and texture to say what covers it"
        if self.facts.sensor == "radar":
            return "it is a radar image; colour rules do not apply"
        if self.look.is_grey:
            return "the picture is greyscale; colour rules do not apply"
        if self.picture.colours_are_guessed or _is_guess(self.facts.notes):
            return "which bands are red, green and blue is a guess; colour rules do not apply"
        return self.scene.why_not


MOSTLY_NODATA = 50


def _is_guess(notes: tuple[str, ...]) -> bool:
    return any("a guess" in note or "false colour" in note for note in notes)
