"""Bytes from an https URL, without becoming a way into the network this runs in.

`imagery.addresses` judges the URL, and every URL it redirects to; `imagery.dialling` judges the
addresses its host resolves to, dials a judged one and keeps the pace. TLS and the Host header keep
the name. Proxies of the environment are not used: they would dial for us, unchecked.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

import anyio
import anyio.to_thread
import httpcore

from imagery.addresses import ParsedUrl, check_allowed, check_url
from imagery.dialling import GuardedBackend, Resolver, system_resolver
from imagery.errors import BadReference, FetchFailed, ImageTooLarge
from imagery.limits import Limits

MAX_REDIRECTS = 3
CONNECT_S = 5.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": "swath",
    "Accept": "image/*, application/geo+json;q=0.9, application/json;q=0.8, */*;q=0.5",
    "Accept-Encoding": "identity",
}
FRAMING_BYTES = 1024 * 1024
"""Room for headers; chunked framing may double the bytes of a file besides."""
# A chunk costs tens of microseconds, so that crumbs would keep the event loop busy.
CRUMBS = 4096
CRUMB_BYTES = 256


@dataclass(frozen=True, slots=True)
class Fetched:
    """Bytes, and the URL that gave them: the last one, where there were redirects."""

    data: bytes
    url: str


async def fetch(
    url: str,
    limits: Limits,
    *,
    resolve: Resolver = system_resolver,
    backend: httpcore.AsyncNetworkBackend | None = None,
) -> Fetched:
    """The bytes at a URL, whatever their type is said to be.

    Args:
        url: https, or http where the limits allow it.
        limits: `max_bytes`, `fetch_s`, `stall_s`, `allow_http` and `allowed_hosts` are heeded.
        resolve: finds the addresses of a host.
        backend: opens connections to addresses that were found public.

    Raises:
        BadReference: the URL, or one it redirects to, is not of the plain https kind.
        AddressRefused: a host is not at a public address, or not among the allowed ones.
        ImageTooLarge: more than `max_bytes`.
        FetchFailed: any other failure, the limits of time and pace included.
    """
    first = _checked(url, limits)
    guarded = GuardedBackend(
        resolve,
        backend or httpcore.AnyIOBackend(),
        stall_s=limits.stall_s,
        max_bytes=2 * limits.max_bytes + FRAMING_BYTES,
    )
    try:
        with anyio.fail_after(limits.fetch_s):
            return await _follow(first, limits, guarded)
    except TimeoutError as error:
        raise FetchFailed(f"{first.host} took longer than {limits.fetch_s:g} s") from error


def _checked(url: str, limits: Limits) -> ParsedUrl:
    parsed = check_url(url, allow_http=limits.allow_http)
    check_allowed(parsed.host, limits.allowed_hosts)
    return parsed


@cache
def _trusted() -> ssl.SSLContext:
    # Reading the bundle of certificates takes tens of milliseconds; connections share it.
    return httpcore.default_ssl_context()


async def _follow(url: ParsedUrl, limits: Limits, backend: GuardedBackend) -> Fetched:
    context = await anyio.to_thread.run_sync(_trusted)
    first = url.host
    visited: set[str] = set()
    async with httpcore.AsyncConnectionPool(
        ssl_context=context, network_backend=backend, max_keepalive_connections=0
    ) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            if url.url in visited:
                raise FetchFailed(f"{first} redirects in a circle")
            visited.add(url.url)
            answer = await _get(pool, url, limits)
            if isinstance(answer, bytes):
                return Fetched(answer, url.url)
            url = answer
    raise FetchFailed(f"{first} redirects more than {MAX_REDIRECTS} times")


async def _get(
    pool: httpcore.AsyncConnectionPool, url: ParsedUrl, limits: Limits
) -> bytes | ParsedUrl:
    try:
        async with pool.stream(
            "GET",
            httpcore.URL(
                scheme=url.scheme.encode(),
                host=url.host.encode(),
                port=url.port,
                target=url.target.encode(),
            ),
            headers={"Host": url.authority, **HEADERS},
            extensions={"timeout": {"connect": CONNECT_S, "write": limits.stall_s}},
        ) as response:
            if response.status in REDIRECTS:
                return _redirected(url, response, limits)
            return await _body(url, response, limits)
    except httpcore.TimeoutException as error:
        raise FetchFailed(f"{url.host} did not answer in time") from error
    except (httpcore.NetworkError, OSError) as error:
        raise FetchFailed(f"{url.host}: {_reason(error)}") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise FetchFailed(f"{url.host} did not answer in HTTP") from error


def _redirected(url: ParsedUrl, response: httpcore.Response, limits: Limits) -> ParsedUrl:
    location = _header(response, b"location")
    if not location:
        raise FetchFailed(f"{url.host} answered {response.status} without an address to go to")
    try:
        target = urljoin(url.url, location)
    except ValueError as error:
        raise BadReference(f"{url.host} redirects to something that is not a URL") from error
    return _checked(target, limits)


async def _body(url: ParsedUrl, response: httpcore.Response, limits: Limits) -> bytes:
    if response.status != 200:  # noqa: PLR2004 - OK
        raise FetchFailed(f"{url.host} answered {response.status}")
    if _header(response, b"content-encoding").lower() not in ("", "identity"):
        raise FetchFailed(f"{url.host} sent the picture compressed, which was not asked for")
    too_large = ImageTooLarge(f"the file at {url.host} has more than {limits.max_bytes:,} bytes")
    length = _header(response, b"content-length")
    if length.isdigit() and int(length) > limits.max_bytes:
        raise too_large
    body = bytearray()
    chunks = 0
    async for chunk in response.aiter_stream():
        body += chunk
        chunks += 1
        if len(body) > limits.max_bytes:
            raise too_large
        if chunks > CRUMBS and len(body) < chunks * CRUMB_BYTES:
            raise FetchFailed(f"{url.host} sends the file in crumbs")
    return bytes(body)


def _header(response: httpcore.Response, name: bytes) -> str:
    for key, value in response.headers:
        if key.lower() == name:
            return value.decode("latin-1").strip()
    return ""


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "no secure connection could be made"
        cause = cause.__cause__ or cause.__context__  # httpcore re-raises "from None"
    if isinstance(error, httpcore.ConnectError):
        return "no connection could be made"
    return "the connection broke off"
