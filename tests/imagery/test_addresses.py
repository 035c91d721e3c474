from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagery import AddressRefused, BadReference, ImageryError
from imagery.addresses import MAX_SHOWN_CHARS, check_url, is_public, shown
from tests.imagery.pictures import one_line

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.88.99.1", "192.0.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fc00::1", "fd00:ec2::254",
    "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "100::1",
    "", "localhost", "127.1", "0x7f.1", "1.1.1.1/32", "one.one.one.one",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_an_address_that_not_everybody_reaches_is_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(ip: str) -> None:
    assert is_public(ip)


@given(st.ip_addresses(v=6, network="::ffff:0:0/96"))
def test_a_mapped_address_is_as_public_as_the_one_inside(mapped: ipaddress.IPv6Address) -> None:
    assert is_public(str(mapped)) == is_public(str(mapped.ipv4_mapped))


@given(st.ip_addresses())
def test_no_public_address_is_private_by_python(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    private = ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast
    mapped = isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None
    assert mapped or not (is_public(str(ip)) and private)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.",
        "017700000001", "0x7f.0x0.0x0.0x1", "1.1.1.1.", "1.1.257", "256.256.256.256", "0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1%25eth0]", "[::]",
        "[v1.fe80::a]", "１２７.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①",
        "169.254.169.254", "localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local",
        "metadata.google.internal", "localhost.localdomain", "intranet", "router.home.arpa",
    ],
)  # fmt: skip
def test_a_host_of_this_network_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises((AddressRefused, BadReference)):
        check_url(f"https://{host}/x.png", allow_http=False)


@pytest.mark.parametrize(
    "url",
    [
        "", "https:", "https://", "https:///x.png", "https://:443/", "http://example.com/",
        "ftp://example.com/", "gs://bucket/x.tif", "//example.com/x.png", "example.com/x.png",
        "https://user:pw@example.com/", "https://@example.com/", "https://example.com:8443/",
        "https://example.com:80/", "https://example.com:x/", "https://example.com:99999/",
        "https://example.com\\@127.0.0.1/", "https://exa mple.com/", "https://example.com/a b",
        "https://example.com/\r\nHost: x", "https://exa\tmple.com/", "https://example.com/\x00",
        "https://example.com/\u202egnp.exe", "https://[::1/", "https://[2606:4700::1111]x/",
        "https://%31%32%37.0.0.1/", "https://exam%70le.com/", "https://a..com/", "https://-a.com/",
        "https://example.com\u2100/", f"https://{'a' * 64}.com/", f"https://{'a.' * 130}com/",
        "https://example.com/" + "a" * 5000, "https://example.com/\ud800", "https://☃\u200d.x-/",
    ],
)  # fmt: skip
def test_a_url_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(BadReference) as caught:
        check_url(url, allow_http=False)
    assert "\n" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_a_plain_url_is_taken_apart() -> None:
    parsed = check_url("HTTPS://Example.COM.:443/a%20b/ö.png?x=1&y=ü#part", allow_http=False)
    assert (parsed.scheme, parsed.host, parsed.port) == ("https", "example.com", 443)
    assert parsed.target == "/a%20b/%C3%B6.png?x=1&y=%C3%BC"


def test_a_name_in_another_script_becomes_its_ascii_form() -> None:
    assert check_url("https://bücher.example/", allow_http=False).host == "xn--bcher-kva.example"


def test_a_public_address_in_brackets_keeps_them_in_the_host_header() -> None:
    parsed = check_url("https://[2606:4700::1111]/x", allow_http=False)
    assert (parsed.host, parsed.authority) == ("2606:4700::1111", "[2606:4700::1111]")


def test_http_is_taken_where_it_is_allowed() -> None:
    assert check_url("http://example.com", allow_http=True).port == 80


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:pw@example.com/a.png?sig=secret#x", "https://example.com/a.png"),
        ("https://user:pa/ss@example.com/", "https://…"),
        ("https://example.com?token=1", "https://example.com"),
        ("https://example.com/a\x1b[31m\nb", "https://example.com/a?[31m?b"),
        ("data:image/png;base64,AAAA", "data:"),
        ("some text", "some text"),
    ],
)
def test_a_shown_url_holds_no_secret(url: str, expected: str) -> None:
    assert shown(url) == expected


@given(st.text())
def test_whatever_is_shown_is_one_short_printable_line(text: str) -> None:
    line = shown(text)
    assert line.isprintable()
    assert len(line) <= MAX_SHOWN_CHARS


@given(st.text(), st.booleans())
def test_any_text_is_a_url_or_one_of_our_errors(text: str, allow_http: bool) -> None:
    for url in (text, f"https://{text}", f"https://{text}.com/{text}?{text}"):
        try:
            parsed = check_url(url, allow_http=allow_http)
        except ImageryError as error:
            one_line(error)
        else:
            assert (parsed.host + parsed.target).isascii()
            assert " " not in parsed.url


@given(st.ip_addresses(v=4), st.sampled_from(["{:d}", "{:#x}", "0{:o}"]))
def test_an_address_as_one_number_is_refused(ip: ipaddress.IPv4Address, spelling: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(f"https://{spelling.format(int(ip))}/", allow_http=False)
