"""Which addresses may be contacted: pure functions, no network.

A server that fetches what strangers name must not become their way into its own network (SSRF).
Two checks stand here: `check_url` on the text of a URL, `is_public` on each address its host
resolves to. `imagery.fetch` dials only addresses that passed the second.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit

import idna

from imagery.errors import AddressRefused, BadReference

MAX_URL_CHARS = 4096
MAX_SHOWN_CHARS = 200
MAX_HOST_CHARS = 253
PORTS = {"https": 443, "http": 80}

# Beyond what `is_global` knows of the IANA special-purpose registries.
REFUSED_NETWORKS = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's platform address, global by its number
        "192.0.0.0/24",  # protocol assignments: older Pythons know only parts of it
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them: carries an IPv4 address inside
        "2002::/16",  # 6to4: the same
        "3fff::/20",  # documentation, RFC 9637
    )
)
# RFC 4291: the only global unicast space given out. Leaves out NAT64, site-local, multicast, ...
GLOBAL_UNICAST_V6 = ip_network("2000::/3")

PRIVATE_SUFFIXES = (
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
)

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# The URL standard: a host whose last label is a number is an IPv4 address in some spelling.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BRACKETS = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
# Control, format and surrogate characters; every kind of space.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_SAFE_IN_TARGET = "/:@!$&'()*+,;=-._~%?[]|^"


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """A URL that may be fetched, if its host also resolves to public addresses.

    Attributes:
        host: in ASCII and lower case, without brackets.
        target: path and query in ASCII, as they stand on the request line.
    """

    scheme: str
    host: str
    target: str

    @property
    def port(self) -> int:
        """The scheme's own port: no other is fetched from."""
        return PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """The host as it stands in a URL and in the Host header."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def url(self) -> str:
        """The whole URL, query included: for requests, not for messages."""
        return f"{self.scheme}://{self.authority}{self.target}"


def is_public(ip: str) -> bool:
    """Whether an address, in its usual spelling, is one that anybody on the internet reaches."""
    if "%" in ip:  # a zone id names an interface of this machine
        return False
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        return address in GLOBAL_UNICAST_V6 and _is_public(address)
    return _is_public(address)


def check_url(url: str, *, allow_http: bool) -> ParsedUrl:
    """Take a URL apart, or say why it is not fetched.

    Raises:
        BadReference: not an https URL of the plain kind.
        AddressRefused: the host is no public address, or an address in a strange spelling.
    """
    name = shown(url)
    if len(url) > MAX_URL_CHARS:
        raise BadReference(f"the URL has {len(url):,} characters; at most {MAX_URL_CHARS:,} fit")
    if any(c == "\\" or unicodedata.category(c) in _REFUSED_CATEGORIES for c in url):
        raise BadReference(
            f"{name} holds a space, a backslash or a control character",
            hint="write a space in a URL as %20",
        )
    parts = _split(url, name)
    if parts.scheme == "http" and not allow_http:
        raise BadReference(f"{name} is not encrypted", hint="use the https:// address")
    if parts.scheme not in PORTS:
        raise BadReference(f"{name} is not an https URL")
    if "@" in parts.netloc:
        raise BadReference(f"{name} carries a user name or password: leave it out")
    _check_port(parts, name)
    host = _checked_host(parts, name)
    path = quote(parts.path or "/", safe=_SAFE_IN_TARGET)
    query = "?" + quote(parts.query, safe=_SAFE_IN_TARGET) if parts.query else ""
    return ParsedUrl(parts.scheme, host, path + query)


def check_allowed(host: str, allowed_hosts: tuple[str, ...]) -> None:
    """Refuse a host outside the list; an empty list allows every host.

    Args:
        host: as `check_url` gives it.
        allowed_hosts: names, or `*.example.com` for every name below example.com, not itself.

    Raises:
        AddressRefused: the host is not on the list.
    """
    for entry in allowed_hosts:
        name = entry.strip().rstrip(".").lower()
        if name == host or (name.startswith("*.") and host.endswith(name[1:]) and not is_ip(host)):
            return
    if allowed_hosts:
        raise AddressRefused(
            f"{host} is not among the hosts that pictures are fetched from",
            hint="ask who runs this service to allow it",
        )


def shown(url: str) -> str:
    """A URL for messages and logs: no user name, query or fragment, printable, not long."""
    text = re.split(r"[?#]", url[: 4 * MAX_SHOWN_CHARS], maxsplit=1)[0]
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*:)[/\\]{2}([^/\\]*)(.*)", text, re.DOTALL)
    if match:
        scheme, netloc, path = match.groups()
        host = netloc.rpartition("@")[2]
        # "user:pass/word@host" parts in the wrong place: what looks like a port is a secret.
        plain = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?", host)
        text = f"{scheme}//{host}{path}" if plain else f"{scheme}//…"
    elif text[:5].lower() == "data:":
        text = "data:"
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= MAX_SHOWN_CHARS else text[: MAX_SHOWN_CHARS - 1] + "…"


def is_ip(host: str) -> bool:
    """Whether a checked host is an address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in REFUSED_NETWORKS)
    )


def _split(url: str, name: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:  # brackets that do not close, look-alikes of / and @
        raise BadReference(f"{name} is not a URL") from error


def _check_port(parts: SplitResult, name: str) -> None:
    try:
        port = parts.port
    except ValueError as error:
        raise BadReference(f"{name} has a port that is no number") from error
    if port not in (None, PORTS[parts.scheme]):
        raise BadReference(f"{name}: only port {PORTS[parts.scheme]} is contacted")


def _checked_host(parts: SplitResult, name: str) -> str:
    host = parts.hostname or ""
    if not host:
        raise BadReference(f"{name} names no host")
    if "[" in parts.netloc:
        if not _BRACKETS.fullmatch(parts.netloc):
            raise BadReference(f"{name} has a host name that cannot be")
        return _checked_address(host, host, name)
    host = _ascii(host, name)
    bare = host.removesuffix(".")
    labels = bare.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _checked_address(bare, host, name)
    if len(bare) > MAX_HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadReference(f"{name} has a host name that cannot be")
    if len(labels) == 1 or any(f".{bare}".endswith(f".{end}") for end in PRIVATE_SUFFIXES):
        raise AddressRefused(f"{name}: the host is a name of this network, not of the internet")
    return bare


def _ascii(host: str, name: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(unicodedata.normalize("NFKC", host), uts46=True).decode("ascii").lower()
    except UnicodeError as error:  # idna.IDNAError is one
        raise BadReference(f"{name} has a host name that cannot be") from error


def _checked_address(text: str, spelling: str, name: str) -> str:
    try:
        address = ip_address(text)
    except ValueError as error:
        raise AddressRefused(f"{name}: the host is no usual spelling of an address") from error
    if isinstance(address, IPv4Address) and str(address) != spelling:
        raise AddressRefused(f"{name}: the host is no usual spelling of an address")
    if not is_public(text):
        raise AddressRefused(f"{name}: the host is not a public address, so it is not contacted")
    return str(address)
