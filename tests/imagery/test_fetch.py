from __future__ import annotations

import ssl

import httpcore
import pytest

from imagery import (
    AddressRefused,
    BadReference,
    FetchFailed,
    ImageryError,
    ImageTooLarge,
    Limits,
)
from imagery.dialling import GuardedBackend, system_resolver
from imagery.fetch import CRUMBS, FRAMING_BYTES, Fetched, fetch
from tests.imagery.network import PUBLIC, Names, Network, answer, nobody

pytestmark = pytest.mark.anyio
URL = "https://example.com/x.png"
LIMITS = Limits()


async def test_the_bytes_of_a_url_arrive() -> None:
    network = Network(answer(body=b"picture"))
    fetched = await fetch(URL, LIMITS, resolve=Names(), backend=network)
    assert fetched == Fetched(b"picture", URL)


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
    assert (await fetch(URL, LIMITS, resolve=names, backend=network)).data == b"x"


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
    fetched = await fetch(URL, LIMITS, resolve=names, backend=network)
    assert fetched == Fetched(b"x", "https://cdn.example.org/y.png")
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
    network = Network(*[answer("302 Found", location=f"/{i}.png") for i in range(5)])
    with pytest.raises(FetchFailed, match="redirects more than 3 times"):
        await fetch(URL, LIMITS, resolve=Names(), backend=network)
    assert len(network.dialled) == 4


async def test_redirects_in_a_circle_are_left_at_the_first_repeat() -> None:
    network = Network(
        answer("302 Found", location="/other.png"), answer("307 Again", location=URL + "#part")
    )
    with pytest.raises(FetchFailed, match=r"^example\.com redirects in a circle$"):
        await fetch(URL, LIMITS, resolve=Names(), backend=network)
    assert len(network.dialled) == 2


async def test_http_and_https_may_redirect_to_each_other_where_http_is_allowed() -> None:
    network = Network(
        answer("302 Found", location="http://example.com/y.png"),
        answer("302 Found", location="//cdn.example.org/z.png"),
        answer("302 Found", location="https://example.com/z.png"),
        answer(body=b"x"),
    )
    await fetch(URL, Limits(allow_http=True), resolve=Names(), backend=network)
    assert [port for _, port in network.dialled] == [443, 80, 80, 443]


async def test_a_name_that_moves_to_a_private_address_between_redirects_is_refused() -> None:
    class Rebinding(Names):
        async def __call__(self, host: str, port: int) -> list[str]:
            self.asked.append(host)
            return [PUBLIC] if len(self.asked) == 1 else ["127.0.0.1"]

    network = Network(answer("302 Found", location="/again.png"))
    with pytest.raises(AddressRefused):
        await fetch(URL, LIMITS, resolve=Rebinding(), backend=network)
    assert network.dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize("host", ["example.com", "a.example.org", "a.b.example.org", "1.1.1.1"])
async def test_a_host_on_the_list_is_fetched_from(host: str) -> None:
    limits = Limits(allowed_hosts=("Example.COM.", "*.example.org", "1.1.1.1"))
    network = Network(answer(body=b"x"))
    await fetch(f"https://{host}/", limits, resolve=Names(), backend=network)
    assert len(network.dialled) == 1


@pytest.mark.parametrize(
    "host", ["sub.example.com", "example.org", "badexample.org", "example.net", "9.9.9.9"]
)
async def test_a_host_off_the_list_is_refused_before_its_name_is_looked_up(host: str) -> None:
    limits = Limits(allowed_hosts=("example.com", "*.example.org", "*.9.9.9"))
    names, network = Names(), Network()
    with pytest.raises(AddressRefused, match="not among the hosts"):
        await fetch(f"https://{host}/", limits, resolve=names, backend=network)
    assert (names.asked, network.dialled) == ([], [])


async def test_a_redirect_off_the_list_is_refused() -> None:
    network = Network(answer("302 Found", location="https://example.net/"))
    with pytest.raises(AddressRefused, match=r"^example\.net is not among the hosts"):
        await fetch(URL, Limits(allowed_hosts=("example.com",)), resolve=Names(), backend=network)


async def test_a_host_on_the_list_still_has_to_be_at_a_public_address() -> None:
    names = Names(example__com=["10.0.0.1"])
    with pytest.raises(AddressRefused, match="not at a public address"):
        await fetch(URL, Limits(allowed_hosts=("example.com",)), resolve=names, backend=Network())


async def test_the_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    network = Network(answer(body=b"x"))
    await fetch(URL, LIMITS, resolve=Names(), backend=network)
    assert network.dialled == [(PUBLIC, 443)]


async def test_the_body_of_an_error_and_of_a_redirect_is_never_repeated() -> None:
    for status in ("500 secret", "403 secret", "302 secret"):
        network = Network(answer(status, body=b"secret", location="ftp://example.com/?secret"))
        with pytest.raises(ImageryError) as caught:
            await fetch(URL, LIMITS, resolve=Names(), backend=network)
        assert "secret" not in str(caught.value) + caught.value.hint


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


async def test_a_host_that_falls_silent_is_left_before_the_time_limit() -> None:
    network = Network(answer(body=b"x", content_length="10"), stalls=True)
    with pytest.raises(FetchFailed, match=r"^example\.com sent nothing for 0\.05 s$"):
        await fetch(URL, Limits(stall_s=0.05), resolve=Names(), backend=network)
    assert network.closed == 1


async def test_a_body_that_drips_is_left() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"
    network = Network([head, *[b"x"] * 1000], pause_s=0.005)
    with pytest.raises(FetchFailed, match=r"sends less than 1,024 bytes a second"):
        await fetch(URL, Limits(stall_s=0.1), resolve=Names(), backend=network)
    assert network.pieces_read < 100


async def test_a_head_that_drips_is_left() -> None:
    network = Network([b"HTTP/1.1 200 OK\r\n", *[b"a: b\r\n"] * 1000], pause_s=0.01)
    with pytest.raises(FetchFailed, match=r"sends less than 1,024 bytes a second"):
        await fetch(URL, Limits(stall_s=0.1), resolve=Names(), backend=network)


async def test_a_slow_host_that_keeps_the_pace_is_waited_for() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n"
    network = Network([head, *[b"x" * 1000] * 10], pause_s=0.03)
    fetched = await fetch(URL, Limits(stall_s=0.1), resolve=Names(), backend=network)
    assert len(fetched.data) == 10_000


async def test_a_file_sent_in_crumbs_is_left() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    network = Network([head, *[b"1\r\nx\r\n" * 1000] * 100])
    with pytest.raises(FetchFailed, match="in crumbs"):
        await fetch(URL, LIMITS, resolve=Names(), backend=network)
    assert network.pieces_read <= 2 + CRUMBS // 1000


async def test_answers_that_only_announce_an_answer_are_left_after_some() -> None:
    limits = Limits(max_bytes=100)
    piece = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000
    network = Network([piece] * (FRAMING_BYTES // len(piece) + 10))
    with pytest.raises(FetchFailed, match="far more than a picture"):
        await fetch(URL, limits, resolve=Names(), backend=network)


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


@pytest.fixture
def guarded() -> GuardedBackend:
    return GuardedBackend(Names(), Network(), stall_s=1, max_bytes=1000)


async def test_a_socket_file_is_never_opened(guarded: GuardedBackend) -> None:
    with pytest.raises(AddressRefused):
        await guarded.connect_unix_socket("/run/docker.sock")


async def test_no_port_but_those_of_https_and_http_is_dialled(guarded: GuardedBackend) -> None:
    with pytest.raises(AddressRefused):
        await guarded.connect_tcp("example.com", 22)


async def test_the_system_resolver_gives_addresses_as_text() -> None:
    assert await system_resolver("127.0.0.1", 443) == ["127.0.0.1"]
