"""Which addresses may be called: checked on the text of a URL, and again on every number a name resolves to.

The check that counts is the second one, made at the moment of connecting on the very address that is connected to;
whatever two parsers make of the same text, and whatever a name answers the next time, cannot get around it.
"""

import contextlib
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from coordinator.http.errors import DoorError, DoorErrorKind

PORTS = frozenset({80, 443})
DEFAULT_PORT = {"http": 80, "https": 443}
LONGEST_URL = 4000  # characters; more is a trap, not an address

# Python's is_global follows the IANA registries but was wrong about several of these for years, and counts as global
# what only wraps an IPv4 address: NAT64, 6to4, mapped and compatible forms lead wherever the wrapped address leads.
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_UNICAST_V6 = ipaddress.ip_network("2000::/3")  # all that IANA gave out; outside lie ::1, mapped, NAT64, fc00, fe80

_BAD_CHARACTER = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """An address that passed the check on its text. ``host`` in lower case, without brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def place(self) -> str:
        """``host:port``: what pace and robots.txt are kept for."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and place, as a URL without a path."""
        return f"{self.scheme}://{self.place}"


class AllowList:
    """Hosts that an administrator exempts from the block on private addresses and from the rule on ports."""

    def __init__(self, entries: frozenset[str]) -> None:
        """``entries``: ``host`` (any port) or ``host:port``; IPv6 addresses in brackets when a port follows."""
        self._entries = frozenset(entry.strip().lower().rstrip(".") for entry in entries)

    def covers(self, host: str, port: int) -> bool:
        """Whether this very host and port are exempt; no wildcards, no subdomains."""
        host = host.lower().strip("[]").rstrip(".")
        shown = f"[{host}]" if ":" in host else host
        return not self._entries.isdisjoint({host, shown, f"{shown}:{port}"})


def target(url: str, allowed: AllowList) -> Target:
    """The target a URL names, its fragment dropped.

    Raises ``DoorError``: ``BAD_URL`` for another scheme than http(s), user names, backslashes, spaces and control
    characters, hosts that are numbers in disguise (``0x7f.1``, ``2130706433``); ``REFUSED_ADDRESS`` for other ports.
    """
    if len(url) > LONGEST_URL:
        raise _bad("address is too long")
    if _BAD_CHARACTER.search(url):
        raise _bad("address holds a space, a backslash or a control character")
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise _bad("address cannot be read") from error
    scheme = (parts.scheme or "").lower()
    if scheme not in DEFAULT_PORT or not url[len(scheme) :].startswith("://"):
        raise _bad("address must begin with http:// or https://")
    authority = re.split(r"[/?#]", url[len(scheme) + 3 :], maxsplit=1)[0]
    if parts.auth is not None or "@" in authority:
        raise _bad("address must not carry a user name")
    host = (parts.host or "").strip("[]").lower()
    if not host or "%" in authority:  # escapes and zone ids
        raise _bad("address has no usable host")
    last = host.rstrip(".").rpartition(".")[2]
    if ":" not in host and _NUMBER.match(last) and not _is_dotted_quad(host):
        raise _bad(f"{host}: not a host name")
    port = parts.port if parts.port is not None else DEFAULT_PORT[scheme]
    if port not in PORTS and not allowed.covers(host, port):
        raise DoorError(f"{host}: port {port} is not called", kind=DoorErrorKind.REFUSED_ADDRESS)
    return Target(url.partition("#")[0], scheme, host, port)


def next_url(url: str, location: str) -> str:
    """Where a ``Location`` header leads from ``url``; spaces are encoded, as browsers do. Raises ``DoorError``."""
    with contextlib.suppress(UnicodeError):  # not UTF-8 in disguise: taken as it came
        location = location.encode("latin-1").decode("utf-8")  # the HTTP library takes all headers for Latin-1
    try:
        return urljoin(url, location.strip().replace(" ", "%20"))
    except ValueError as error:
        raise _bad("redirect leads to an address that cannot be read") from error


def check_numbers(host: str, port: int, numbers: list[str], allowed: AllowList) -> None:
    """Refuse ``host`` unless it is exempt or EVERY address in ``numbers`` is a public one. Raises ``DoorError``."""
    if allowed.covers(host, port):
        return
    if port not in PORTS:
        raise DoorError(f"{host}: port {port} is not called", kind=DoorErrorKind.REFUSED_ADDRESS)
    for number in numbers:
        if not is_public(number):
            raise DoorError(f"{host}: its address {number} is not a public one", kind=DoorErrorKind.REFUSED_ADDRESS)


def is_public(number: str) -> bool:
    """Whether an IP address in text form is one of the public internet; False for anything unreadable."""
    try:
        address = ipaddress.ip_address(number)
    except ValueError:
        return False
    if address.version == 6 and address not in _UNICAST_V6:
        return False
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def _is_dotted_quad(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _bad(message: str) -> DoorError:
    return DoorError(message, kind=DoorErrorKind.BAD_URL)
