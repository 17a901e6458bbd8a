"""``requests`` made to travel by ``Trip``: every connection is new, checked when it is made, and bound to a deadline.

Connections are not kept open. A kept one would pass no check when used again, and when the other side had already
closed it nobody could tell whether a request had been received; at the pace of one request per host and second there
is little to win by it.
"""

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from coordinator.http.addresses import DEFAULT_PORT
from coordinator.http.errors import DoorErrorKind
from coordinator.http.trips import TimedSocket, Trip


class _TripConnection(HTTPConnection):
    """A connection whose socket comes from a trip."""

    def __init__(self, *args: Any, trip: Trip, **options: Any) -> None:
        self.trip = trip
        super().__init__(*args, **options)

    def _new_conn(self) -> Any:
        connected = self.trip.connect(self._dns_host, self.port)
        self.trip.keep(connected)
        return connected

    def connect(self) -> None:
        super().connect()
        _time(self)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.trip.sent = True
        super().send(data)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 overrides it
        response = super().getresponse()
        self.trip.headers_read = True
        return response


class _TripTLSConnection(_TripConnection, HTTPSConnection):
    """The same through TLS; the certificate is verified for the name that was asked for, not the number called."""

    def connect(self) -> None:
        try:
            HTTPSConnection.connect(self)
        except TimeoutError:
            raise self.trip.error("no TLS connection in time", DoorErrorKind.TIMEOUT) from None
        except ssl.SSLCertVerificationError as error:
            raise self.trip.error(f"certificate: {error.verify_message}", DoorErrorKind.PROTOCOL) from error
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise self.trip.error("no TLS connection", DoorErrorKind.PROTOCOL) from error
        except OSError as error:
            raise self.trip.error(error.strerror or "broke the connection", DoorErrorKind.UNREACHABLE) from error
        _time(self)


def _time(connection: HTTPConnection) -> None:
    trip = cast(_TripConnection, connection).trip
    trip.keep(connection.sock)
    connection.sock = TimedSocket(connection.sock, trip)


class _TripPool(HTTPConnectionPool):
    ConnectionCls = _TripConnection


class _TripTLSPool(HTTPSConnectionPool):
    ConnectionCls = _TripTLSConnection


class TripAdapter(HTTPAdapter):
    """Hands each request a pool of its own, with one connection that travels by ``trip``.

    Not shared between threads: ``trip`` is set before each request.
    """

    trip: Trip

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """The pool for one request; proxies are not used."""
        where, _ = self.build_connection_pool_key_attributes(request, verify, cert)
        scheme, host = str(where["scheme"]), str(where["host"])
        port = where["port"] or DEFAULT_PORT[scheme]  # without one, http.client takes the end of an IPv6 address for it
        if scheme == "https":
            return _TripTLSPool(host, port, ssl_context=self._tls, cert_reqs="CERT_REQUIRED", trip=self.trip)
        return _TripPool(host, port, trip=self.trip)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the context given to the pool verifies, and loading the same authorities again costs 20 ms each."""


class _Session(requests.Session):
    """One that sees no redirect: the library would read the body of each to its end, decoded and without any cap, and
    take its ``Location`` apart, before it is told not to follow."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None, whatever the answer says; whoever asked reads the header."""
        return None


def session(tls: ssl.SSLContext) -> tuple[requests.Session, TripAdapter]:
    """A session for one thread: no cookies, no proxy or password from the environment, no header of its own."""
    made = _Session()
    made.trust_env = False
    made.headers.clear()
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = TripAdapter(tls)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made, adapter
