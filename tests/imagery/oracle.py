"""Which addresses may be dialled, written from the registries and not from `imagery`.

Sources, by their RFCs: every row that is not "Globally Reachable: True" of
https://www.iana.org/assignments/iana-ipv4-special-registry/ and
https://www.iana.org/assignments/iana-ipv6-special-registry/; what is multicast of
https://www.iana.org/assignments/ipv4-address-space/; what is not "Global Unicast" of
https://www.iana.org/assignments/ipv6-address-space/. Then networks that tunnel.
Numbers are compared, so that no property of `ipaddress` decides.
"""

from __future__ import annotations

import re
import socket

V4_REFUSED = (
    ("0.0.0.0", 8),  # "this network", RFC 791
    ("10.0.0.0", 8),  # private use, RFC 1918
    ("100.64.0.0", 10),  # shared address space, RFC 6598
    ("127.0.0.0", 8),  # loopback, RFC 1122
    ("168.63.129.16", 32),  # Azure's platform
    ("169.254.0.0", 16),  # link local, RFC 3927
    ("172.16.0.0", 12),  # private use, RFC 1918
    ("192.0.0.0", 29),  # IPv4 service continuity, RFC 7335
    ("192.0.0.8", 32),  # dummy address, RFC 7600
    ("192.0.0.170", 31),  # NAT64 discovery, RFC 8880
    ("192.0.2.0", 24),  # documentation, RFC 5737
    ("192.88.99.0", 24),  # 6to4 relays, deprecated, RFC 7526
    ("192.168.0.0", 16),  # private use, RFC 1918
    ("198.18.0.0", 15),  # benchmarking, RFC 2544
    ("198.51.100.0", 24),  # documentation, RFC 5737
    ("203.0.113.0", 24),  # documentation, RFC 5737
    ("224.0.0.0", 4),  # multicast, RFC 1112
    ("240.0.0.0", 4),  # reserved and limited broadcast, RFC 1112 and RFC 919
)
V6_REFUSED = (
    ("2001::", 32),  # Teredo, RFC 4380
    ("2001:2::", 48),  # benchmarking, RFC 5180
    ("2001:10::", 28),  # ORCHID, deprecated, RFC 4843
    ("2001:db8::", 32),  # documentation, RFC 3849
    ("2002::", 16),  # 6to4, RFC 3056
    ("3fff::", 20),  # documentation, RFC 9637
)
# All else is loopback, mapped, NAT64, discard-only, unique local, link or site local, multicast,
# or not given to anybody.
V6_GLOBAL_UNICAST = (("2000::", 3),)
V6_MAPPED = (("::ffff:0:0", 96),)

_V4 = re.compile(r"(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}")
_V6 = re.compile(r"[0-9a-fA-F:]+(:[0-9.]+)?")


def may_be_dialled(address: str) -> bool:
    """Whether an address, as it is handed to the dialler, is one of the open internet."""
    if _V4.fullmatch(address):
        return _v4_may(_number(socket.AF_INET, address))
    if not _V6.fullmatch(address):  # no name, no zone, no other spelling is ever dialled
        return False
    number = _number(socket.AF_INET6, address)
    if _within(number, V6_MAPPED, socket.AF_INET6):
        return _v4_may(number & 0xFFFF_FFFF)
    return _within(number, V6_GLOBAL_UNICAST, socket.AF_INET6) and not _within(
        number, V6_REFUSED, socket.AF_INET6
    )


def _v4_may(number: int) -> bool:
    return not _within(number, V4_REFUSED, socket.AF_INET)


def _number(family: int, address: str) -> int:
    return int.from_bytes(socket.inet_pton(family, address))


def _within(number: int, networks: tuple[tuple[str, int], ...], family: int) -> bool:
    bits = 32 if family == socket.AF_INET else 128
    return any(
        number >> (bits - length) == _number(family, start) >> (bits - length)
        for start, length in networks
    )
