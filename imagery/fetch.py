"""Bytes from an https URL, without becoming a way into the network this runs in.

The host is resolved once per connection, every answer is checked, and a checked address itself is
dialled: there is no second look-up that could answer differently (DNS rebinding). TLS and the Host
header keep the name. Proxies of the environment are not used: they would dial for us, unchecked.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urljoin

import anyio
import anyio.to_thread
import httpcore

from imagery.addresses import ParsedUrl, check_url, is_ip, is_public
from imagery.errors import AddressRefused, BadReference, FetchFailed, ImageTooLarge
from imagery.limits import Limits

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host, as text. Raises OSError when there are none."""

MAX_REDIRECTS = 3
MAX_DIALS = 4
CONNECT_S = 5.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def system_resolver(host: str, port: int) -> list[str]:
    """The addresses this machine knows for a host, in the order it prefers them."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses only."""

    def __init__(self, resolve: Resolver, inner: httpcore.AsyncNetworkBackend) -> None:
        self._resolve = resolve
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check every answer, dial a checked address."""
        failure: httpcore.ConnectError | httpcore.ConnectTimeout
        failure = httpcore.ConnectError("no address")
        for address in (await self._addresses(host, port))[:MAX_DIALS]:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a socket file is always of this machine."""
        raise AddressRefused(f"{path} is a socket of this machine, so it is not contacted")

    async def sleep(self, seconds: float) -> None:
        """Wait, as httpcore does between its attempts."""
        await self._inner.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = [host] if is_ip(host) else await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"{host} was not found: its name has no address") from error
        if not addresses:
            raise FetchFailed(f"{host} was not found: its name has no address")
        if not all(is_public(address) for address in addresses):
            raise AddressRefused(f"{host} is not at a public address, so it is not contacted")
        return addresses


async def fetch(
    url: str,
    limits: Limits,
    *,
    resolve: Resolver = system_resolver,
    backend: httpcore.AsyncNetworkBackend | None = None,
) -> bytes:
    """The bytes at a URL, whatever their type is said to be.

    Args:
        url: https, or http where the limits allow it.
        limits: `max_bytes`, `fetch_s` and `allow_http` are heeded.
        resolve: finds the addresses of a host.
        backend: opens connections to addresses that were found public.

    Raises:
        BadReference: the URL, or one it redirects to, is not of the plain https kind.
        AddressRefused: a host is not at a public address.
        ImageTooLarge: more than `max_bytes`.
        FetchFailed: any other failure, the time limit included.
    """
    first = check_url(url, allow_http=limits.allow_http)
    guarded = GuardedBackend(resolve, backend or httpcore.AnyIOBackend())
    try:
        with anyio.fail_after(limits.fetch_s):
            return await _follow(first, limits, guarded)
    except TimeoutError as error:
        raise FetchFailed(f"{first.host} took longer than {limits.fetch_s:g} s") from error


async def _follow(url: ParsedUrl, limits: Limits, backend: GuardedBackend) -> bytes:
    # Reading the bundle of certificates takes tens of milliseconds.
    context = await anyio.to_thread.run_sync(httpcore.default_ssl_context)
    first = url.host
    async with httpcore.AsyncConnectionPool(
        ssl_context=context, network_backend=backend, max_keepalive_connections=0
    ) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await _get(pool, url, limits)
            if isinstance(answer, bytes):
                return answer
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
            headers={
                "Host": url.authority,
                "User-Agent": "swath",
                "Accept": "image/*",
                "Accept-Encoding": "identity",
            },
            extensions={"timeout": {"connect": min(CONNECT_S, limits.fetch_s)}},
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
    return check_url(target, allow_http=limits.allow_http)


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
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > limits.max_bytes:
            raise too_large
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
