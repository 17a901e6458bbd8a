"""The check of addresses, on the text of a URL and again on every IP address that its host resolves to.

The second check is decisive: it is made when connecting, on the very IP address that is connected to. Neither a second
parser that reads the text differently nor a name that resolves differently the next time can bypass it.
"""

import contextlib
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from coordinator.http.errors import RequestError, RequestErrorKind

PORTS = frozenset({80, 443})
DEFAULT_PORT = {"http": 80, "https": 443}
MAX_URL_LENGTH = 4000  # characters

# Python's is_global follows the IANA registries but was wrong about several of these for years, and counts forms that
# wrap an IPv4 address as global: NAT64, 6to4, mapped and compatible forms lead to the wrapped address.
_BLOCKED_NETWORKS = tuple(
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
_UNICAST_V6 = ipaddress.ip_network("2000::/3")  # all that IANA has assigned; outside are ::1, mapped, NAT64, fc00, fe80

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
        """``host:port``, the unit of pace and robots.txt."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a URL without a path."""
        return f"{self.scheme}://{self.place}"


class AllowList:
    """Hosts that an administrator exempts from the block on private addresses and from the limit on ports."""

    def __init__(self, entries: frozenset[str]) -> None:
        """``entries``: ``host`` (any port) or ``host:port``; IPv6 addresses in brackets when a port follows."""
        self._entries = frozenset(entry.strip().lower().rstrip(".") for entry in entries)

    def covers(self, host: str, port: int) -> bool:
        """Whether this host and port are exempt; no wildcards, no subdomains."""
        host = host.lower().strip("[]").rstrip(".")
        bracketed = f"[{host}]" if ":" in host else host
        return not self._entries.isdisjoint({host, bracketed, f"{bracketed}:{port}"})


def parse_target(url: str, allowed: AllowList) -> Target:
    """The target of a URL, without its fragment.

    Raises ``RequestError``: ``BAD_URL`` for another scheme than http(s), user names, backslashes, spaces and control
    characters, hosts that are IP addresses in another notation (``0x7f.1``, ``2130706433``); ``REFUSED_ADDRESS`` for
    other ports.
    """
    if len(url) > MAX_URL_LENGTH:
        raise _bad_url("address is too long")
    if _BAD_CHARACTER.search(url):
        raise _bad_url("address holds a space, a backslash or a control character")
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise _bad_url("address cannot be read") from error
    scheme = (parts.scheme or "").lower()
    if scheme not in DEFAULT_PORT or not url[len(scheme) :].startswith("://"):
        raise _bad_url("address must begin with http:// or https://")
    authority = re.split(r"[/?#]", url[len(scheme) + 3 :], maxsplit=1)[0]
    if parts.auth is not None or "@" in authority:
        raise _bad_url("address must not carry a user name")
    host = (parts.host or "").strip("[]").lower()
    if not host or "%" in authority:  # escapes and zone ids
        raise _bad_url("address has no usable host")
    last_label = host.rstrip(".").rpartition(".")[2]
    if ":" not in host and _NUMBER.match(last_label) and not _is_dotted_quad(host):
        raise _bad_url(f"{host}: not a host name")
    port = parts.port if parts.port is not None else DEFAULT_PORT[scheme]
    if port not in PORTS and not allowed.covers(host, port):
        raise RequestError(f"{host}: port {port} is not called", kind=RequestErrorKind.REFUSED_ADDRESS)
    return Target(url.partition("#")[0], scheme, host, port)


def redirect_url(url: str, location: str) -> str:
    """The address of a ``Location`` header at ``url``; spaces are encoded, as browsers do. Raises ``RequestError``."""
    with contextlib.suppress(UnicodeError):  # not UTF-8 read as Latin-1: used unchanged
        location = location.encode("latin-1").decode("utf-8")  # the HTTP library decodes all headers as Latin-1
    try:
        return urljoin(url, location.strip().replace(" ", "%20"))
    except ValueError as error:
        raise _bad_url("redirect leads to an address that cannot be read") from error


def check_ip_addresses(host: str, port: int, ip_addresses: list[str], allowed: AllowList) -> None:
    """Refuse ``host`` unless it is exempt or all of its ``ip_addresses`` are public. Raises ``RequestError``."""
    if allowed.covers(host, port):
        return
    if port not in PORTS:
        raise RequestError(f"{host}: port {port} is not called", kind=RequestErrorKind.REFUSED_ADDRESS)
    for ip_address in ip_addresses:
        if not is_public_ip(ip_address):
            raise RequestError(
                f"{host}: its address {ip_address} is not a public one", kind=RequestErrorKind.REFUSED_ADDRESS
            )


def is_public_ip(text: str) -> bool:
    """Whether an IP address in text form belongs to the public internet; False for an invalid one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == 6 and address not in _UNICAST_V6:
        return False
    if any(address in network for network in _BLOCKED_NETWORKS if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


# Names that no public name server answers for (RFC 2606, 6761, 6762, 8375, 9476), and habits of office networks.
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid", ".intranet")


def is_public_url(url: str) -> bool:
    """Whether an http(s) address can be opened from the internet, by its text alone: the host is neither a private IP
    address nor a name that only a private network knows. The name is not resolved."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        return False
    host = (parts.host or "").strip("[]").lower().rstrip(".")
    if (parts.scheme or "").lower() not in DEFAULT_PORT or not host:
        return False
    if ":" in host or _NUMBER.match(host.rpartition(".")[2]):
        return is_public_ip(host)
    return "." in host and not host.endswith(_PRIVATE_SUFFIXES)


def _is_dotted_quad(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _bad_url(message: str) -> RequestError:
    return RequestError(message, kind=RequestErrorKind.BAD_URL)
