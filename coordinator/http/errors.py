"""The error of a request without a usable response."""

from enum import Enum


class RequestErrorKind(Enum):
    """The reason; callers decide by it, people read the message."""

    REFUSED_ADDRESS = "refused_address"  # the host is, or resolves to, an address or port that is never called
    BAD_URL = "bad_url"  # not a valid http(s) address
    UNREACHABLE = "unreachable"  # no such host, or the connection is refused
    TIMEOUT = "timeout"  # the total deadline passed
    TOO_LARGE = "too_large"  # headers or decoded body beyond the cap
    TOO_HEAVY = "too_heavy"  # a browser takes more memory for the page than a look may
    TOO_MANY_REDIRECTS = "too_many_redirects"  # more hops than allowed
    PROTOCOL = "protocol"  # an invalid certificate, a truncated response, an undecodable body
    ROBOTS = "robots"  # the site's robots.txt forbids it, or could not be read
    BUSY = "busy"  # our own pace for this host leaves no time before the deadline; the host is not at fault


class RequestError(Exception):
    """There is no usable response.

    ``sent``: the request may have reached the receiver, so whether it took effect is unknown; False only when no byte
    of it was sent. ``retry_after``: seconds after which another attempt can succeed, when that is known.
    The message names the host, never path, query or headers: those may hold secrets.
    """

    def __init__(
        self, message: str, *, kind: RequestErrorKind, sent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.sent = sent
        self.retry_after = retry_after
