"""Pictures: bytes in, safe pictures and their facts out.

Imports neither the agent nor the services. Heavy libraries (numpy, Pillow, rasterio) are loaded
when a picture is first decoded, not when this package is imported.
"""

from imagery.errors import (
    AddressRefused,
    BadReference,
    CorruptImage,
    EmptyImage,
    FetchFailed,
    ImageNotFound,
    ImageryError,
    ImageTooLarge,
    NotAnImage,
    UnsupportedImage,
)
from imagery.limits import Limits
from imagery.picture import Picture
from imagery.ref import ImageRef

__all__ = [
    "AddressRefused",
    "BadReference",
    "CorruptImage",
    "EmptyImage",
    "FetchFailed",
    "ImageNotFound",
    "ImageRef",
    "ImageTooLarge",
    "ImageryError",
    "Limits",
    "NotAnImage",
    "Picture",
    "UnsupportedImage",
]
