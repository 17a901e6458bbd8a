"""``Door``: the only way a request leaves this product."""

import http.client
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import certifi
import requests
import urllib3

from coordinator.http import connections, robots
from coordinator.http.addresses import AllowList, Target, next_url, target
from coordinator.http.answers import Answer, Headers
from coordinator.http.errors import DoorError, DoorErrorKind
from coordinator.http.pacing import Pacing, Turns
from coordinator.http.trips import Resolver, Trip, system_resolver

READ_AT_ONCE = 16_384  # decoded bytes
MOVED = frozenset({301, 302, 303, 307, 308})
MOVED_FOR_GOOD = frozenset({301, 308})
# Sites that send brotli to everybody are read where its library is there.
_ENCODINGS = frozenset({"", "identity", *urllib3.HTTPResponse.CONTENT_DECODERS})
NO_HOSTS: frozenset[str] = frozenset()

# What the libraries raise for an answer that is none; a chunk that says it has less than no bytes is a ``ValueError``.
_BROKEN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
# What a library's exception means in words, the first that fits.
_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((urllib3.exceptions.DecodeError,), "answer cannot be decompressed"),
    ((http.client.RemoteDisconnected,), "closed the connection without an answer"),
    ((urllib3.exceptions.IncompleteRead, http.client.IncompleteRead), "answer was cut short"),
    ((ConnectionError,), "broke the connection"),
)


@dataclass(frozen=True)
class _Ask:
    """What is asked for, apart from where: the same on every hop."""

    headers: Mapping[str, str]
    cap: int
    began: float  # monotonic
    ends: float  # monotonic
    truncate: bool = False

    @property
    def turn_by(self) -> float:
        # Waiting for a turn may use up half of the time, so that a request that did begin still has the other half.
        return self.began + (self.ends - self.began) / 2


@cache
def _authorities() -> ssl.SSLContext:
    """Trust in the authorities that come with ``certifi``. Read once, and never changed by whoever uses it."""
    return ssl.create_default_context(cafile=certifi.where())


class Door:
    """Asks other machines and reads their answers, whatever they do.

    It keeps these promises for every request: only http and https, ports 80 and 443, public addresses (checked on the
    very address that is connected to, at every hop); certificates verified for the name; everything over by the
    deadline, name lookup and dripping bodies included; no more decoded bytes than the cap; one request to a host at a
    time; no cookies, no proxies, nothing from the environment. Safe to use from many threads.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        contact: str = "",
        allow_hosts: frozenset[str] = NO_HOSTS,
        resolver: Resolver = system_resolver,
        pace: float = 1.0,
        tls: ssl.SSLContext | None = None,
        turns: Turns | None = None,
    ) -> None:
        """``user_agent``: product token with or without a version (``LanToa/1.0``); its name is what robots.txt may
        address. ``contact``: a URL where a site's owner learns who asks. ``allow_hosts``: ``host`` or ``host:port``
        exempt from the block on private addresses and the rule on ports. ``pace``: seconds between two ``get`` of one
        host, at least; other methods are paced by their callers' quotas. ``tls``: whom to trust, default the
        authorities that come with ``certifi``. ``turns``: shared with other processes that ``get`` from the same hosts.
        """
        self._allowed = AllowList(allow_hosts)
        self._agent = f"{user_agent} (+{contact})" if contact else user_agent
        self._product = user_agent.partition("/")[0].strip()
        self._resolver = resolver
        self._pacing = Pacing(pace, turns)
        self._robots = robots.RobotsBook()
        self._tls = tls or _authorities()
        self._sessions = threading.local()

    def get(
        self,
        url: str,
        *,
        cap: int = 2_000_000,
        deadline: float = 20.0,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
        robots: bool = False,
        max_redirects: int = 3,
    ) -> Answer:
        """Fetch a page, feed or file, following redirects.

        ``cap``: decoded bytes. ``deadline``: seconds for everything. ``etag``, ``last_modified``: from the
        answer before; the new one may then be a 304. ``robots``: ask the site's robots.txt first and
        keep its Crawl-delay. Any status is an answer. Raises ``DoorError`` when there is none.
        """
        wanted = {
            "Accept": accept or "*/*",
            "If-None-Match": etag or "",
            "If-Modified-Since": last_modified or "",
        }
        began = time.monotonic()
        ask = _Ask(_header_fields(wanted), cap, began, began + deadline)
        return self._follow(target(url, self._allowed), ask, obey=robots, paced=True, hops=max_redirects)

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], deadline: float = 15.0, cap: int = 65_536
    ) -> Answer:
        """Send ``body``; see ``request``."""
        return self.request("POST", url, body=body, headers=headers, deadline=deadline, cap=cap)

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float = 20.0,
        cap: int = 1_000_000,
    ) -> Answer:
        """One request by any method. Redirects are never followed: a 3xx is returned as it is, so that neither body nor
        headers (signatures, tokens) reach a host they were not meant for.

        ``deadline``: seconds for everything. ``cap``: decoded bytes of the answer. Any status is an answer. Raises
        ``DoorError``; its ``sent`` tells whether the receiver may have got the request.
        """
        began = time.monotonic()
        ask = _Ask(headers or {}, cap, began, began + deadline)
        place = target(url, self._allowed)
        with self._pacing.turn(place.place, until=ask.turn_by, paced=False):
            return self._exchange(method, place, ask, body)

    def vet(self, url: str, *, deadline: float = 5.0) -> None:
        """Raise ``DoorError`` for an address that would not be called as things are now. Nothing is sent; what holds
        is checked again at every call, since names come to mean other machines."""
        place = target(url, self._allowed)
        trip = Trip(place.host, ends=time.monotonic() + deadline, cap=0, allowed=self._allowed, resolver=self._resolver)
        trip.vet(place.host, place.port)

    def _follow(self, place: Target, ask: _Ask, *, obey: bool, paced: bool, hops: int) -> Answer:
        passed: list[str] = []
        for_good = True
        while True:
            delay = self._permission(place, ask) if obey else None
            # A hop within one host is part of the same visit and needs no new pause.
            pause = paced and (not passed or target(passed[-1], self._allowed).place != place.place)
            with self._pacing.turn(place.place, until=ask.turn_by, paced=pause, interval=delay, ends=ask.ends):
                answer = self._exchange("GET", place, ask)
            location = answer.headers.get("location")
            if answer.status not in MOVED or not location:
                return replace(answer, redirects=tuple(passed), permanent=bool(passed) and for_good)
            passed.append(place.url)
            for_good = for_good and answer.status in MOVED_FOR_GOOD
            if len(passed) > hops:
                raise DoorError(
                    f"{place.host}: redirects more than {hops} times", kind=DoorErrorKind.TOO_MANY_REDIRECTS, sent=True
                )
            place = target(next_url(place.url, location), self._allowed)

    def _permission(self, place: Target, ask: _Ask) -> float | None:
        """The Crawl-delay of the place, in seconds, if it lets us in. Raises ``DoorError`` when it does not."""
        rules = self._robots.rules_of(place.origin, lambda: self._ask_robots(place, ask))
        if not rules.allow(place.url):
            what = "robots.txt forbids this page" if rules.parsed else "robots.txt cannot be read"
            raise DoorError(f"{place.host}: {what}", kind=DoorErrorKind.ROBOTS)
        return rules.delay

    def _ask_robots(self, place: Target, ask: _Ask) -> robots.Rules:
        ask = replace(ask, headers=_header_fields({"Accept": "text/plain, */*;q=0.1"}), cap=robots.READ, truncate=True)
        try:
            there = target(f"{place.origin}/robots.txt", self._allowed)
            answer = self._follow(there, ask, obey=False, paced=False, hops=robots.REDIRECTS)
        except DoorError as error:
            if error.kind is DoorErrorKind.BUSY:
                raise  # our own doing, it says nothing of the site
            if error.kind is DoorErrorKind.TOO_MANY_REDIRECTS:
                return robots.rules(self._product, 404)  # RFC 9309 §2.3.1.2: as if there were none
            return robots.rules(self._product, None)
        return robots.rules(self._product, answer.status, answer.body)

    def _exchange(self, method: str, place: Target, ask: _Ask, body: bytes | None = None) -> Answer:
        """One request, one answer, no redirects."""
        trip = Trip(place.host, ends=ask.ends, cap=ask.cap, allowed=self._allowed, resolver=self._resolver)
        session, adapter = self._session()
        adapter.trip = trip
        fields = {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate", **ask.headers, "Connection": "close"}
        try:
            prepared = session.prepare_request(requests.Request(method, place.url, headers=fields, data=body))
            response = session.send(
                prepared, stream=True, timeout=trip.remaining(), allow_redirects=False, verify=True, proxies={}
            )
            _check_encoding(response, trip)
            content = _read(response, trip, ask)
        except requests.exceptions.InvalidURL as error:
            raise trip.error("address cannot be asked for", DoorErrorKind.BAD_URL) from error
        except _BROKEN as error:
            trip.remaining()  # past the deadline, that is the reason
            raise trip.error(_reason(error), DoorErrorKind.PROTOCOL) from error
        finally:
            trip.close()
        elapsed = time.monotonic() - ask.began
        return Answer(
            str(prepared.url),
            response.status_code,
            Headers(response.headers),
            content,
            elapsed=elapsed,
            reason=response.reason or "",
            fields=tuple(response.raw.headers.items()),
            asked=tuple((name, str(value)) for name, value in prepared.headers.items()),
            address=trip.number,
        )

    def _session(self) -> tuple[requests.Session, connections.TripAdapter]:
        """This thread's own: ``requests`` does not promise that a session may be shared."""
        try:
            own: tuple[requests.Session, connections.TripAdapter] = self._sessions.own
        except AttributeError:
            own = self._sessions.own = connections.session(self._tls)
        return own


def _check_encoding(response: requests.Response, trip: Trip) -> None:
    """Raises ``DoorError`` for a content encoding that cannot be undone: packed bytes are no page without our text."""
    named = {one.strip().lower() for one in response.headers.get("Content-Encoding", "").split(",")}
    if not named <= _ENCODINGS:
        raise trip.error("answer is encoded in a way that was not asked for", DoorErrorKind.PROTOCOL)


def _read(response: requests.Response, trip: Trip, ask: _Ask) -> bytes:
    """The decoded body. Raises ``DoorError`` beyond the cap, unless it is to be cut there."""
    content = bytearray()
    for piece in response.raw.stream(READ_AT_ONCE, decode_content=True):
        content += piece
        if len(content) > ask.cap:
            if not ask.truncate:
                raise trip.error(f"answer is larger than {ask.cap} bytes", DoorErrorKind.TOO_LARGE)
            return bytes(content[: ask.cap])
    return bytes(content)


def _header_fields(wanted: Mapping[str, str]) -> dict[str, str]:
    """Those that have a value; a stored validator with a line break in it would make another header and is left out."""
    return {name: value for name, value in wanted.items() if value and value.isprintable() and value.isascii()}


def _reason(error: Exception) -> str:
    """What went wrong, in words that hold nothing of the request."""
    causes = _causes(error)
    for kinds, words in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return words
    return "answer is not valid HTTP"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything it wraps: by argument, by cause, by context."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found
