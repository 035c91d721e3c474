"""Options that several commands have, so that they are the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Bbox = Annotated[
    str | None,
    typer.Option(metavar="XMIN,YMIN,XMAX,YMAX", help="Read only this part of a raster."),
]
BboxIn = Annotated[
    Literal["lonlat", "crs", "pixels"],
    typer.Option(help="What --bbox is in: degrees, units of the raster's CRS, or pixels."),
]
Bands = Annotated[
    str | None,
    typer.Option(
        help="Say which band is what (red=3,nir=4), or name the layout (landsat7, naip, ...)."
    ),
]
Evidence = Annotated[
    Path | None,
    typer.Option(help="Write the picture with what was measured tinted, as PNG."),
]
GoOnWith = Annotated[str | None, typer.Option("--thread", help="Go on with a thread, by its id.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
