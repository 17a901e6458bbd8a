"""``HttpClient``, which makes every outgoing request of this product."""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

import certifi
import requests
import urllib3

from coordinator.http import connections, robots
from coordinator.http.addresses import DEFAULT_PORT, AllowList, Target, parse_target, redirect_url
from coordinator.http.browser_proxy import NORMAL_LIMITS, BrowserProxy, VisitLimits
from coordinator.http.connections import ConnectionGuard, Resolver, system_resolver
from coordinator.http.errors import RequestError, RequestErrorKind
from coordinator.http.pacing import HostLocks, HostPacing
from coordinator.http.responses import Headers, HttpResponse

READ_CHUNK_BYTES = 16_384  # decoded bytes
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
PERMANENT_REDIRECTS = frozenset({301, 308})
# Brotli, which some sites send unasked, is decoded where its library is installed.
_ENCODINGS = frozenset({"", "identity", *urllib3.HTTPResponse.CONTENT_DECODERS})
NO_HOSTS: frozenset[str] = frozenset()

# What a reader's browser sends with the request for a page.
READER_HEADERS = {
    "User-Agent": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/149.0.0.0 Safari/537.36"
    ),
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language": "vi-VN,vi;q=0.9,en-US;q=0.6,en;q=0.5",
}

# What the libraries raise for an invalid response; a chunk with a negative size is a ``ValueError``.
_TRANSPORT_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
# Messages by the libraries' exceptions; the first match is used.
_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((urllib3.exceptions.DecodeError,), "answer cannot be decompressed"),
    ((http.client.RemoteDisconnected,), "closed the connection without an answer"),
    ((urllib3.exceptions.IncompleteRead, http.client.IncompleteRead), "answer was cut short"),
    ((ConnectionError,), "broke the connection"),
)


@dataclass(frozen=True)
class _RequestOptions:
    """The options of a request that are the same on every hop."""

    headers: Mapping[str, str]
    cap: int
    began: float  # monotonic
    ends: float  # monotonic
    truncate: bool = False
    method: str = "GET"

    @property
    def start_by(self) -> float:
        # Waiting for the host may use half of the time, so that a request that begins has the other half.
        return self.began + (self.ends - self.began) / 2


@cache
def _default_tls_context() -> ssl.SSLContext:
    """A context with the authorities of ``certifi``. Read once and never changed."""
    return ssl.create_default_context(cafile=certifi.where())


class HttpClient:
    """Makes requests to other machines and reads their responses, including hostile ones.

    Every request uses only http and https, ports 80 and 443, and public addresses (checked on the IP address that is
    connected to, at every hop); certificates are verified for the name; everything ends by the deadline, name lookup
    and slow bodies included; no more decoded bytes than the cap are read; one request to a host is made at a time; no
    cookies, no proxies and no settings of the environment are used. Safe to use from many threads.
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
        turns: HostLocks | None = None,
        own_page: Callable[[str], bool] = lambda _url: False,
    ) -> None:
        """``user_agent``: product token with or without a version (``LanToa/1.0``), by whose name robots.txt addresses
        us. ``contact``: a URL that tells a site's owner who makes the requests. ``allow_hosts``: ``host`` or
        ``host:port`` exempt from the block on private addresses and the limit on ports. ``pace``: seconds between two
        ``get`` of one host, at least; other methods are paced by their callers' quotas. ``tls``: trusted authorities,
        default those of ``certifi``. ``turns``: locks shared with other processes that ``get`` from the same hosts.
        ``own_page``: whether an address is a page of this product itself that ``get`` may fetch wherever it is; asked
        for the address of every hop, so that a redirect from such a page leads nowhere else.
        """
        self._allowed = AllowList(allow_hosts)
        self._agent = f"{user_agent} (+{contact})" if contact else user_agent
        self._product = user_agent.partition("/")[0].strip()
        self._resolver = resolver
        self._pacing = HostPacing(pace, turns)
        self._robots = robots.RobotsCache()
        self._tls = tls or _default_tls_context()
        self._sessions = threading.local()
        self._own_page = own_page

    @property
    def agent(self) -> str:
        """The user agent by which sites know this product."""
        return self._agent

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
        as_reader: bool = False,
        max_redirects: int = 3,
    ) -> HttpResponse:
        """Fetch a page, feed or file, following redirects.

        ``cap``: decoded bytes. ``deadline``: seconds for everything. ``etag``, ``last_modified``: from the
        response before; the new one may then be a 304. ``robots``: obey the site's robots.txt and its
        Crawl-delay. ``as_reader``: with the headers of a reader's browser, to learn what the site shows readers. A
        response of any status is returned. Raises ``RequestError`` when there is none.
        """
        headers = {
            "Accept": accept or "*/*",
            "If-None-Match": etag or "",
            "If-Modified-Since": last_modified or "",
        }
        began = time.monotonic()
        fields = {**_header_fields(headers), **(READER_HEADERS if as_reader else {})}
        options = _RequestOptions(fields, cap, began, began + deadline)
        target = parse_target(url, self._allowed_for(url))
        return self._follow(target, options, obey=robots, paced=True, hops=max_redirects)

    def head(self, url: str, *, deadline: float = 10.0, max_redirects: int = 3) -> HttpResponse:
        """Ask for the headers of a file, following redirects, with the pace and the robots.txt of its host. Raises as
        ``get``."""
        began = time.monotonic()
        options = _RequestOptions({"Accept": "*/*"}, 0, began, began + deadline, method="HEAD")
        target = parse_target(url, self._allowed_for(url))
        return self._follow(target, options, obey=True, paced=True, hops=max_redirects)

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], deadline: float = 15.0, cap: int = 65_536
    ) -> HttpResponse:
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
    ) -> HttpResponse:
        """One request by any method. Redirects are never followed: a 3xx is returned as it is, so that neither body nor
        headers (signatures, tokens) reach another host than the intended one.

        ``deadline``: seconds for everything. ``cap``: decoded bytes of the response. A response of any status is
        returned. Raises ``RequestError``; its ``sent`` says whether the receiver may have got the request.
        """
        began = time.monotonic()
        options = _RequestOptions(headers or {}, cap, began, began + deadline)
        target = parse_target(url, self._allowed)
        with self._pacing.turn(target.place, until=options.start_by, paced=False):
            return self._exchange(method, target, options, body)

    def vet(self, url: str, *, deadline: float = 5.0) -> None:
        """Raise ``RequestError`` for an address that would be refused now. Nothing is sent; every request checks again,
        since names come to resolve to other machines."""
        target = parse_target(url, self._allowed)
        guard = ConnectionGuard(
            target.host, ends=time.monotonic() + deadline, cap=0, allowed=self._allowed, resolver=self._resolver
        )
        guard.vet(target.host, target.port)

    @contextmanager
    def visit(self, url: str, *, deadline: float, limits: VisitLimits = NORMAL_LIMITS) -> Iterator[BrowserProxy]:
        """Hold the turn of a page's host while a browser visits the page through the proxy that this yields.

        robots.txt and the pace of the host are obeyed as by ``get``; further requests of the page are part of the same
        visit. ``deadline``: seconds for everything. Raises ``RequestError`` for an address that may not be visited.
        """
        target = parse_target(url, self._allowed)
        began = time.monotonic()
        options = _RequestOptions({}, robots.MAX_BYTES, began, began + deadline)
        guard = ConnectionGuard(target.host, ends=options.ends, cap=0, allowed=self._allowed, resolver=self._resolver)
        guard.vet(target.host, target.port)
        delay = self._permission(target, options)
        turn = self._pacing.turn(target.place, until=options.start_by, paced=True, interval=delay, ends=options.ends)
        with turn, BrowserProxy(self._allowed, self._resolver, options.ends, limits) as proxy:
            yield proxy

    def _allowed_for(self, url: str) -> AllowList:
        """The exempt hosts for one address: for a page of this product, its own host too."""
        if not self._own_page(url):
            return self._allowed
        parts = urllib3.util.parse_url(url)
        port = parts.port if parts.port is not None else DEFAULT_PORT[parts.scheme or "http"]
        host = (parts.host or "").strip("[]")
        return AllowList(frozenset({f"[{host}]:{port}" if ":" in host else f"{host}:{port}"}))

    def _follow(self, target: Target, options: _RequestOptions, *, obey: bool, paced: bool, hops: int) -> HttpResponse:
        redirects: list[str] = []
        permanent, from_place = True, ""
        while True:
            own = self._own_page(target.url)  # needs no permission of its own robots.txt
            delay = self._permission(target, options) if obey and not own else None
            # A hop within one host is part of the same visit and needs no new pause.
            pause = paced and (not redirects or from_place != target.place)
            with self._pacing.turn(
                target.place, until=options.start_by, paced=pause, interval=delay, ends=options.ends
            ):
                answer = self._exchange(options.method, target, options)
            location = answer.headers.get("location")
            if answer.status not in REDIRECT_STATUSES or not location:
                return replace(answer, redirects=tuple(redirects), permanent=bool(redirects) and permanent)
            redirects.append(target.url)
            from_place = target.place
            permanent = permanent and answer.status in PERMANENT_REDIRECTS
            if len(redirects) > hops:
                raise RequestError(
                    f"{target.host}: redirects more than {hops} times",
                    kind=RequestErrorKind.TOO_MANY_REDIRECTS,
                    sent=True,
                )
            following = redirect_url(target.url, location)
            target = parse_target(following, self._allowed_for(following))

    def _permission(self, target: Target, options: _RequestOptions) -> float | None:
        """The Crawl-delay of the site, in seconds. Raises ``RequestError`` when robots.txt forbids the page."""
        rules = self._robots.rules_of(target.origin, lambda: self._fetch_robots(target, options))
        if not rules.allow(target.url):
            what = "robots.txt forbids this page" if rules.parsed else "robots.txt cannot be read"
            raise RequestError(f"{target.host}: {what}", kind=RequestErrorKind.ROBOTS)
        return rules.delay

    def _fetch_robots(self, target: Target, options: _RequestOptions) -> robots.RobotsRules:
        options = replace(
            options, headers=_header_fields({"Accept": "text/plain, */*;q=0.1"}), cap=robots.MAX_BYTES, truncate=True
        )
        try:
            robots_target = parse_target(f"{target.origin}/robots.txt", self._allowed)
            answer = self._follow(robots_target, options, obey=False, paced=False, hops=robots.MAX_REDIRECTS)
        except RequestError as error:
            if error.kind is RequestErrorKind.BUSY:
                raise  # caused by our own pace, not by the site
            if error.kind is RequestErrorKind.TOO_MANY_REDIRECTS:
                return robots.parse_rules(self._product, 404)  # RFC 9309 §2.3.1.2: as if there were none
            return robots.parse_rules(self._product, None)
        return robots.parse_rules(self._product, answer.status, answer.body)

    def _exchange(
        self, method: str, target: Target, options: _RequestOptions, body: bytes | None = None
    ) -> HttpResponse:
        """One request and its response, without redirects. Only a page is fetched from an own address: a request with
        another method, which may carry a body, is not exempt."""
        allowed = self._allowed_for(target.url) if method == "GET" else self._allowed
        guard = ConnectionGuard(
            target.host, ends=options.ends, cap=options.cap, allowed=allowed, resolver=self._resolver
        )
        session, adapter = self._session()
        adapter.guard = guard
        fields = {
            "User-Agent": self._agent,
            "Accept-Encoding": "gzip, deflate",
            **options.headers,
            "Connection": "close",
        }
        try:
            prepared = session.prepare_request(requests.Request(method, target.url, headers=fields, data=body))
            response = session.send(
                prepared, stream=True, timeout=guard.remaining(), allow_redirects=False, verify=True, proxies={}
            )
            _check_encoding(response, guard)
            content = _read_body(response, guard, options)
        except requests.exceptions.InvalidURL as error:
            raise guard.error("address cannot be asked for", RequestErrorKind.BAD_URL) from error
        except _TRANSPORT_ERRORS as error:
            guard.remaining()  # raises when the deadline has passed, which is then the reason
            raise guard.error(_reason(error), RequestErrorKind.PROTOCOL) from error
        finally:
            guard.close()
        elapsed = time.monotonic() - options.began
        return HttpResponse(
            str(prepared.url),
            response.status_code,
            Headers(response.headers),
            content,
            elapsed=elapsed,
            reason=response.reason or "",
            fields=tuple(response.raw.headers.items()),
            asked=tuple((name, str(value)) for name, value in prepared.headers.items()),
            address=guard.ip_address,
        )

    def _session(self) -> tuple[requests.Session, connections.GuardedAdapter]:
        """This thread's own session: ``requests`` does not promise that a session may be shared."""
        try:
            own: tuple[requests.Session, connections.GuardedAdapter] = self._sessions.own
        except AttributeError:
            own = self._sessions.own = connections.new_session(self._tls)
        return own


def _check_encoding(response: requests.Response, guard: ConnectionGuard) -> None:
    """Raises ``RequestError`` for an unknown content encoding: an undecoded page would seem not to carry our text."""
    encodings = {name.strip().lower() for name in response.headers.get("Content-Encoding", "").split(",")}
    if not encodings <= _ENCODINGS:
        raise guard.error("answer is encoded in a way that was not asked for", RequestErrorKind.PROTOCOL)


def _read_body(response: requests.Response, guard: ConnectionGuard, options: _RequestOptions) -> bytes:
    """The decoded body. Raises ``RequestError`` beyond the cap, unless the body may be truncated."""
    content = bytearray()
    for piece in response.raw.stream(READ_CHUNK_BYTES, decode_content=True):
        content += piece
        if len(content) > options.cap:
            if not options.truncate:
                raise guard.error(f"answer is larger than {options.cap} bytes", RequestErrorKind.TOO_LARGE)
            return bytes(content[: options.cap])
    return bytes(content)


def _header_fields(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with a value; one with a line break, which would begin another header, is left out."""
    return {name: value for name, value in headers.items() if value and value.isprintable() and value.isascii()}


def _reason(error: Exception) -> str:
    """The reason of a failure, in words that contain nothing of the request."""
    causes = _causes(error)
    for types, message in _REASONS:
        if any(isinstance(cause, types) for cause in causes):
            return message
    return "answer is not valid HTTP"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and every exception that it wraps: by argument, by cause, by context."""
    causes: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        value = waiting.pop()
        if isinstance(value, BaseException) and value not in causes:
            causes.append(value)
            waiting += [*value.args, getattr(value, "reason", None), value.__cause__, value.__context__]
    return causes
