from __future__ import annotations

import ssl

import httpcore
import pytest

from imagery import AddressRefused, BadReference, FetchFailed, ImageTooLarge, Limits
from imagery.fetch import GuardedBackend, fetch, system_resolver
from tests.imagery.network import PUBLIC, Names, Network, answer, nobody

pytestmark = pytest.mark.anyio
URL = "https://example.com/x.png"
LIMITS = Limits()


async def test_the_bytes_of_a_url_arrive() -> None:
    network = Network(answer(body=b"picture"))
    assert await fetch(URL, LIMITS, resolve=Names(), backend=network) == b"picture"


async def test_the_checked_address_is_dialled_and_the_name_kept_for_tls_and_host() -> None:
    network, names = Network(answer(body=b"x")), Names()
    await fetch(URL + "?a=1", LIMITS, resolve=names, backend=network)
    assert names.asked == ["example.com"]
    assert network.dialled == [(PUBLIC, 443)]
    assert network.tls_names == ["example.com"]
    assert network.verifies
    head = network.written.decode().lower()
    assert head.startswith("get /x.png?a=1 http/1.1\r\nhost: example.com\r\n")
    assert "user-agent: swath\r\n" in head
    assert "accept-encoding: identity\r\n" in head


async def test_one_private_answer_among_public_ones_refuses_the_host() -> None:
    network, names = Network(), Names(example__com=[PUBLIC, "10.0.0.1"])
    with pytest.raises(AddressRefused, match=r"example\.com is not at a public address"):
        await fetch(URL, LIMITS, resolve=names, backend=network)
    assert network.dialled == []


async def test_a_private_address_in_the_url_is_never_dialled() -> None:
    network = Network()
    with pytest.raises(AddressRefused):
        await fetch("https://169.254.169.254/", LIMITS, resolve=Names(), backend=network)
    assert network.dialled == []


async def test_a_public_address_in_the_url_needs_no_resolver() -> None:
    network = Network(answer(body=b"x"))
    await fetch("https://1.1.1.1/", LIMITS, resolve=nobody, backend=network)
    assert network.dialled == [("1.1.1.1", 443)]


async def test_an_address_that_is_down_is_followed_by_the_next() -> None:
    network = Network(answer(body=b"x"), down=("1.1.1.1",))
    names = Names(example__com=["1.1.1.1", PUBLIC])
    assert await fetch(URL, LIMITS, resolve=names, backend=network) == b"x"


async def test_a_host_that_is_down_is_said_so() -> None:
    with pytest.raises(FetchFailed, match=r"example\.com: no connection could be made"):
        await fetch(URL, LIMITS, resolve=Names(), backend=Network(down=(PUBLIC,)))


async def test_a_name_without_address_is_said_so() -> None:
    with pytest.raises(FetchFailed, match=r"example\.com was not found"):
        await fetch(URL, LIMITS, resolve=nobody, backend=Network())
    with pytest.raises(FetchFailed, match=r"example\.com was not found"):
        await fetch(URL, LIMITS, resolve=Names(example__com=[]), backend=Network())


async def test_a_status_other_than_200_is_said() -> None:
    with pytest.raises(FetchFailed, match=r"^example\.com answered 404$"):
        await fetch(URL, LIMITS, resolve=Names(), backend=Network(answer("404 Not Found")))


async def test_a_redirect_is_followed_on_a_connection_checked_anew() -> None:
    network = Network(
        answer("302 Found", location="/elsewhere"),
        answer("301 Moved", location="https://cdn.example.org/y.png"),
        answer(body=b"x"),
    )
    names = Names()
    assert await fetch(URL, LIMITS, resolve=names, backend=network) == b"x"
    assert names.asked == ["example.com", "example.com", "cdn.example.org"]


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("https://127.0.0.1/", AddressRefused),
        ("https://inside.example/", AddressRefused),
        ("http://example.com/", BadReference),
        ("file:///etc/passwd", BadReference),
        ("https://user:pw@example.com/", BadReference),
        ("https://[", BadReference),
        ("", FetchFailed),
    ],
)
async def test_a_redirect_is_checked_like_the_first_url(
    location: str, error: type[Exception]
) -> None:
    network = Network(answer("302 Found", location=location))
    names = Names(inside__example=["192.168.0.1"])
    with pytest.raises(error):
        await fetch(URL, LIMITS, resolve=names, backend=network)
    assert len(network.dialled) == 1


async def test_a_fourth_redirect_is_not_followed() -> None:
    network = Network(*[answer("302 Found", location=URL)] * 5)
    with pytest.raises(FetchFailed, match="redirects more than 3 times"):
        await fetch(URL, LIMITS, resolve=Names(), backend=network)
    assert len(network.dialled) == 4


async def test_a_file_said_to_be_too_large_is_not_read() -> None:
    network = Network(answer(body=b"", content_length="1000"))
    with pytest.raises(ImageTooLarge, match="more than 100 bytes"):
        await fetch(URL, Limits(max_bytes=100), resolve=Names(), backend=network)


async def test_a_file_that_grows_too_large_is_left_while_it_streams() -> None:
    chunks = [b"40\r\n" + b"a" * 64 + b"\r\n"] * 50
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    network = Network([head, *chunks])
    with pytest.raises(ImageTooLarge):
        await fetch(URL, Limits(max_bytes=100), resolve=Names(), backend=network)
    assert network.pieces_read < 10
    assert network.closed == 1


async def test_a_host_that_never_finishes_is_left_after_the_time_limit() -> None:
    network = Network(answer(body=b"x", content_length="10"), stalls=True)
    with pytest.raises(FetchFailed, match=r"example\.com took longer than 0\.05 s"):
        await fetch(URL, Limits(fetch_s=0.05), resolve=Names(), backend=network)


async def test_a_connection_that_breaks_off_is_said_so() -> None:
    network = Network(answer(body=b"x", content_length="10"))
    with pytest.raises(FetchFailed):
        await fetch(URL, LIMITS, resolve=Names(), backend=network)


async def test_an_answer_that_is_not_http_is_said_so() -> None:
    with pytest.raises(FetchFailed, match="did not answer in HTTP"):
        await fetch(URL, LIMITS, resolve=Names(), backend=Network([b"SSH-2.0-OpenSSH\r\n"]))


async def test_a_compressed_answer_is_not_unpacked() -> None:
    network = Network(answer(body=b"x", content_encoding="gzip"))
    with pytest.raises(FetchFailed, match="compressed"):
        await fetch(URL, LIMITS, resolve=Names(), backend=network)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLCertVerificationError(1, "bad"), "certificate is not valid"),
        (ssl.SSLError(1, "bad"), "no secure connection"),
    ],
)
async def test_a_failing_handshake_is_said_so(error: ssl.SSLError, words: str) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "expired"
    with pytest.raises(FetchFailed, match=words):
        await fetch(URL, LIMITS, resolve=Names(), backend=Network(tls_error=error))


async def test_a_connection_that_times_out_is_said_so() -> None:
    class Slow(Network):
        async def connect_tcp(
            self, *args: object, **options: object
        ) -> httpcore.AsyncNetworkStream:
            raise httpcore.ConnectTimeout

    with pytest.raises(FetchFailed, match="did not answer in time"):
        await fetch(URL, LIMITS, resolve=Names(), backend=Slow())


async def test_http_where_allowed_is_dialled_on_its_port_without_tls() -> None:
    network = Network(answer(body=b"x"))
    url = "http://example.com/"
    await fetch(url, Limits(allow_http=True), resolve=Names(), backend=network)
    assert network.dialled == [(PUBLIC, 80)]
    assert network.tls_names == []


async def test_a_socket_file_is_never_opened() -> None:
    with pytest.raises(AddressRefused):
        await GuardedBackend(Names(), Network()).connect_unix_socket("/run/docker.sock")


async def test_the_system_resolver_gives_addresses_as_text() -> None:
    assert await system_resolver("127.0.0.1", 443) == ["127.0.0.1"]
