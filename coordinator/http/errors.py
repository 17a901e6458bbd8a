"""Why a request brought no answer."""

from enum import Enum


class DoorErrorKind(Enum):
    """What stood in the way; callers decide by it, people read the message."""

    REFUSED_ADDRESS = "refused_address"  # the host is, or resolves to, an address or port that is never called
    BAD_URL = "bad_url"  # not an http(s) address that can be asked for as it stands
    UNREACHABLE = "unreachable"  # no such host, or nobody takes the connection
    TIMEOUT = "timeout"  # the total deadline passed
    TOO_LARGE = "too_large"  # headers or decoded body beyond the cap
    TOO_MANY_REDIRECTS = "too_many_redirects"  # more hops than allowed
    PROTOCOL = "protocol"  # an invalid certificate, a cut answer, an undecodable body: not HTTP as it must be
    ROBOTS = "robots"  # the site's robots.txt forbids it, or could not be read
    BUSY = "busy"  # our own pace for this host leaves no time before the deadline; nothing is wrong with the host


class DoorError(Exception):
    """There is no answer.

    ``sent``: the request may have reached the receiver, so whether it took effect is unknown; False only when no byte
    of it was put on a connection. ``retry_after``: seconds after which another try can succeed, when that is known.
    The message names the host, never path, query or headers: those may hold secrets.
    """

    def __init__(
        self, message: str, *, kind: DoorErrorKind, sent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.sent = sent
        self.retry_after = retry_after
