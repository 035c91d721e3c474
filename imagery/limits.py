"""How large a picture may be, and how long fetching and decoding it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on pictures that come in.

    Attributes:
        max_bytes: of the file as given.
        max_pixels: of the decoded picture, read from the header before decoding.
        model_pixels: what a picture for a model is brought within. Qwen3-VL sees 32 px patches;
            1280 of them are its processor's default for one picture.
        fetch_s: for one fetch, redirects included.
        allow_http: whether http:// addresses are fetched as well as https://.
        decode_s: for one job in a decoding process, which is ended when it takes longer.
        decode_memory_bytes: what a decoding process may take beyond its libraries.
        allowed_hosts: the only hosts fetched from, `*.example.com` for all below example.com;
            empty: every host at a public address.
        stall_s: a host that sends nothing, or a trickle, for so long is left.
    """

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 50_000_000
    model_pixels: int = 1280 * 32 * 32
    fetch_s: float = 15.0
    allow_http: bool = False
    decode_s: float = 10.0
    decode_memory_bytes: int = 1024**3
    allowed_hosts: tuple[str, ...] = ()
    stall_s: float = 5.0
