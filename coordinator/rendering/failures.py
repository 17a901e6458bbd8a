"""Why a look at a page ended without a page."""

from enum import Enum

from coordinator.http.errors import RequestError, RequestErrorKind


class LookFailure(Enum):
    """The reason of a look that shows nothing."""

    TIMEOUT = "timeout"  # the page does not come to an end
    MEMORY = "memory"  # the browser takes more memory than a look may
    TOO_LARGE = "too_large"  # the page loads more than a look may
    CRASH = "crash"  # the page's process or the browser crashed
    REFUSED = "refused"  # the browser could not open the address: refused, unreachable, no valid certificate
    NO_PAGE = "no_page"  # the address is a download, or shows nothing


_KINDS = {
    LookFailure.TIMEOUT: RequestErrorKind.TIMEOUT,
    LookFailure.TOO_LARGE: RequestErrorKind.TOO_LARGE,
    LookFailure.MEMORY: RequestErrorKind.TOO_HEAVY,
}


class LookFailed(RequestError):
    """A browser opened the address and there is no page to read. ``failure``: why."""

    def __init__(self, failure: LookFailure, message: str) -> None:
        super().__init__(message, kind=_KINDS.get(failure, RequestErrorKind.PROTOCOL), sent=True)
        self.failure = failure
