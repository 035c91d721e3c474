"""Addresses and URLs in all the ways in which people have tried to reach inside.

Everything is drawn from a `Random`, so that a seed repeats a case and hypothesis can shrink one.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from random import Random
from urllib.parse import quote

NOTABLE_V4 = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.32.0.1",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16",
    "168.63.129.17", "192.0.0.8", "192.0.0.170", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "1.1.1.1", "8.8.8.8", "93.184.216.34", "11.0.0.1", "223.255.255.255",
)  # fmt: skip
V6_NETWORKS = (
    "::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "100::", "100:0:0:1::",
    "2000::", "2001::", "2001:2::", "2001:10::", "2001:20::", "2001:db8::", "2002::",
    "2606:4700::", "2620:4f:8000::", "3fff::", "3fff:1000::", "4000::", "5f00::", "fc00::",
    "fd00:ec2::", "fe80::", "febf::", "fec0::", "ff02::", "ff0e::",
)  # fmt: skip
INSIDE_NAMES = (
    "localhost", "LocalHost", "localhost.", "a.localhost", "localhost.localdomain",
    "metadata.google.internal", "printer.local", "router.lan", "intranet", "kubernetes.default.svc",
    "host.docker.internal", "home.arpa", "ip6-localhost",
)  # fmt: skip
NAMES = (
    "example.com",
    "cdn.example.org",
    "Tiles.Example.NET",
    "bücher.example",
    "xn--bcher-kva.de",
)
_DOTS = ".。．｡"
_LOOKALIKES = str.maketrans("aceoplh", "асеорⅼһ")
_CIRCLED = {"0": "⓪"} | {str(i): chr(0x2460 + i - 1) for i in range(1, 10)}


def v4(random: Random) -> str:
    if random.random() < 0.6:
        return random.choice(NOTABLE_V4)
    return str(IPv4Address(random.getrandbits(32)))


def v6(random: Random) -> str:
    start = int(IPv6Address(random.choice(V6_NETWORKS)))
    inner = int(IPv4Address(v4(random)))
    shape = random.randrange(6)
    if shape == 0:
        number = random.getrandbits(128)
    elif shape == 1:  # mapped, compatible, NAT64: at the end
        number = start | inner
    elif shape == 2:  # 6to4: behind the first 16 bits
        number = start | inner << 80
    elif shape == 3:  # Teredo: its server, and its client inverted
        number = start | inner << 64 | (inner ^ 0xFFFF_FFFF)
    else:
        number = start | random.getrandbits(random.choice((1, 8, 64)))
    return str(IPv6Address(number))


def address(random: Random) -> str:
    """An address as a resolver may give it, with what no resolver should."""
    odd = random.random()
    if odd < 0.04:
        return random.choice(("", "localhost", "127.1", "0x7f.1", "1.1.1.1%lo", "1.1.1.1:80", " "))
    if odd < 0.08:
        return v6(random) + random.choice(("%eth0", "%1", "%25lo"))
    return v4(random) if random.random() < 0.6 else v6(random)


def v4_spelling(random: Random) -> str:
    """An IPv4 address in one of the spellings that inet_aton takes, or nearly takes."""
    plain = v4(random)
    number = int(IPv4Address(plain))
    parts = [int(part) for part in plain.split(".")]
    bases: tuple[Callable[[int], str], ...] = (
        str,
        hex,
        "0{:o}".format,
        "0X{:X}".format,
        "{:04d}".format,
    )
    base = random.choice(bases)
    return random.choice(
        (
            plain,
            base(number),
            ".".join(random.choice(bases)(part) for part in parts),
            f"{parts[0]}.{base(number & 0xFF_FFFF)}",
            f"{parts[0]}.{parts[1]}.{base(number & 0xFFFF)}",
            "".join(_CIRCLED.get(c, c) for c in plain),
            "".join(chr(ord(c) + 0xFEE0) if c != "." else random.choice(_DOTS) for c in plain),
            plain + random.choice((".", "..", "%00", "%2e", "\u200b", "\u00ad")),
        )
    )


def v6_spelling(random: Random) -> str:
    plain = v6(random)
    number = IPv6Address(plain)
    inside = random.choice(
        (plain, number.exploded, plain.upper(), plain + "%25eth0", plain + "%1", f"v1.{plain}")
    )
    if random.random() < 0.2:
        inside = f"::ffff:{v4(random)}"
    return random.choice((f"[{inside}]", f"[{inside}]", f"[{inside}]", inside, f"[{inside}"))


def name(random: Random) -> str:
    """A host name; most are of the internet."""
    if random.random() < 0.25:
        host = random.choice(INSIDE_NAMES)
        trick = random.randrange(5)
        if trick == 0:
            return "".join(chr(ord(c) + 0xFEE0) if c.isalpha() and c.isascii() else c for c in host)
        if trick == 1:
            return host.translate(_LOOKALIKES)
        if trick == 2:
            at = random.randrange(len(host))
            return host[:at] + random.choice(("\u00ad", "\u200b", "%6c", "\t")) + host[at:]
        return host
    host = random.choice(NAMES)
    return random.choice((host, host, host, host + ".", host.upper(), v4(random) + ".nip.io"))


def host(random: Random) -> str:
    return random.choice((name, name, name, v4_spelling, v6_spelling))(random)


def url(random: Random) -> str:
    """A URL of any shape; half are plain, so that what comes after the first look is met."""
    if random.random() < 0.5:
        return f"https://{random.choice(NAMES)}{random.choice(('/x.png', ':443/', '?q'))}"
    where = host(random)
    if random.random() < 0.1:
        where = quote(where, safe=random.choice(("", ":[]", ".")))
    scheme = random.choice(
        ("https", "https", "https", "HTTPS", "hTTpS", "http", "HTTP", "ftp", "file", "gopher")
    )
    port = random.choice(("",) * 6 + (":443", ":80", ":22", ":", ":0443", ":8080", ":٤٤٣", ":-1"))
    path = random.choice(
        ("/x.png", "", "/", "?q", "#f", "/%2e%2e/", f"/@{host(random)}/", f"//{host(random)}")
    )
    if random.random() < 0.8:
        return f"{scheme}://{where}{port}{path}"
    inner = host(random)
    return random.choice(
        (
            f"{scheme}://{inner}@{where}{path}",
            f"{scheme}://{inner}:x@{where}{port}{path}",
            f"{scheme}://{inner}\\@{where}{path}",
            f"{scheme}://{where}\\.{inner}{path}",
            f"{scheme}://{inner}#@{where}{path}",
            f"{scheme}://{inner}?@{where}{path}",
            f"{scheme}:/{where}{path}",
            f"{scheme}:\\\\{where}{path}",
            f"{scheme}:///{where}{path}",
            f" {scheme}://{where}{path}",
            f"{scheme}://{where}\t{path}",
            f"{scheme}://{where}\r\nHost: {inner}{path}",
            f"{scheme}://{where} {inner}{path}",
            f"//{where}{path}",
            f"{scheme}://{inner},{where}{path}",
        )
    )  # fmt: skip


def answers(random: Random) -> list[str]:
    """What a resolver says of one name at one time: public, private or mixed."""
    if random.random() < 0.5:
        return [random.choice(("93.184.216.34", "1.1.1.1", "2606:4700::1111"))]
    return [address(random) for _ in range(random.choice((0, 1, 1, 2, 3, 6)))]


def as_the_system_reads(host: str) -> list[str] | None:
    """The address that getaddrinfo makes of a host without asking anybody, if it makes one."""
    if host.partition("%")[0].rstrip(".").lower().endswith(("localhost", "localdomain")):
        return ["127.0.0.1", "::1"]
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except (OSError, UnicodeError, ValueError):
        return None
