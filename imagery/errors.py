"""Why a picture was not taken.

ImageryError
├── BadReference       not a path, https URL, data: URI or image id that can be read at all
│   └── AddressRefused a URL whose host is not a public address
├── FetchFailed        the host of a URL did not give the picture
├── ImageTooLarge      more bytes or pixels than the limits allow
├── NotAnImage         the bytes are no picture (empty, HTML, PDF, ...)
├── UnsupportedImage   a picture, of a kind that is not read
├── CorruptImage       a picture that is cut short or damaged
├── EmptyImage         a picture with nothing to see in it
└── ImageNotFound      no picture of that id in the store

Every message names the thing and the reason; `hint`, where there is one, says what to do. Neither
repeats a picture's bytes, and a URL appears without its query or user name.
"""

from __future__ import annotations


class ImageryError(Exception):
    """A picture could not be taken. `str()` is a sentence for people."""

    code = "bad_image"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadReference(ImageryError):
    """The reference cannot be read as a place of a picture."""

    code = "bad_image_reference"


class AddressRefused(BadReference):
    """The host is not a public address, so it is not contacted."""

    code = "address_refused"


class FetchFailed(ImageryError):
    """The host did not give the picture."""

    code = "image_fetch_failed"


class ImageTooLarge(ImageryError):
    """More bytes or pixels than the limits allow."""

    code = "image_too_large"


class NotAnImage(ImageryError):
    """The bytes are no picture."""

    code = "not_an_image"


class UnsupportedImage(ImageryError):
    """A picture of a kind that is not read."""

    code = "unsupported_image"


class CorruptImage(ImageryError):
    """A picture that is cut short or damaged."""

    code = "corrupt_image"


class EmptyImage(ImageryError):
    """A picture with nothing to see in it."""

    code = "empty_image"


class ImageNotFound(ImageryError):
    """No picture of that id in the store."""

    code = "image_not_found"
