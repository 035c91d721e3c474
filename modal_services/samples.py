"""A picture that needs no file: for the first request after a start, and for smoke tests."""

import base64
import io

from PIL import Image

SEA, LAND = (24, 62, 118), (46, 116, 58)


def coast(width_px: int = 96, height_px: int = 64) -> str:
    """Water to the left, woods to the right, as a data: URI."""
    picture = Image.new("RGB", (width_px, height_px), SEA)
    picture.paste(LAND, (width_px // 2, 0, width_px, height_px))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
