"""The response: a frozen value that tests can build, so that readers and adapters are tested without a network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from coordinator.http.charsets import decode

MAX_ETAG_LENGTH = 300  # characters; a longer tag is not stored, and the next response is then complete
MAX_DATE_LENGTH = 60  # characters; an HTTP date has 29
MAX_RETRY_AFTER = 86_400.0  # seconds; a longer wait is shortened to a day


class Headers(Mapping[str, str]):
    """Header fields, immutable; names are case-insensitive."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): (name, value) for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"


@dataclass(frozen=True)
class HttpResponse:
    """One complete response: the whole body was read, within the cap, and its content encoding was undone.

    ``url``: the address that responded, after redirects, without a fragment. ``redirects``: the addresses that
    redirected, in order, the requested one first. ``permanent``: there were redirects and all were 301 or 308, so
    ``url`` may replace the requested address. ``elapsed``: seconds from the call to the last byte, waiting included.
    For the record: ``reason`` of the status line, ``fields``: the headers one by one in their order, ``asked``: those
    of the request, ``address``: the IP address that was connected to.
    """

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: Headers({}))
    body: bytes = b""
    redirects: tuple[str, ...] = ()
    elapsed: float = 0.0
    permanent: bool = False
    reason: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    address: str = ""
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if not isinstance(self.headers, Headers):
            object.__setattr__(self, "headers", Headers(self.headers))

    @property
    def ok(self) -> bool:
        """A 2xx status."""
        return 200 <= self.status < 300

    @property
    def not_modified(self) -> bool:
        """A 304 status: the stored copy is still valid."""
        return self.status == 304

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait after the response, 0–86400, from ``Retry-After`` (RFC 9110 §10.2.3).

        None when the header is absent or neither a number of seconds nor a date.
        """
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            # Ten digits are already more than a day; int() of a megabyte of digits would take long.
            return min(float(int(value[:10])), MAX_RETRY_AFTER)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        if moment.tzinfo is None:  # "-0000": UTC of unknown origin
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - self.received_at).total_seconds(), 0.0), MAX_RETRY_AFTER)

    @property
    def max_age(self) -> float | None:
        """Seconds for which the response is fresh, 1–86400, from ``Cache-Control``; None without ``max-age``, and where
        the header requires a request each time."""
        directives = [directive.strip().lower() for directive in self.headers.get("cache-control", "").split(",")]
        if {"no-cache", "no-store"} & set(directives):
            return None
        for directive in directives:
            name, _, value = directive.partition("=")
            value = value.strip('" ')
            if name.strip() == "max-age" and value.isascii() and value.isdigit() and int(value[:10]) > 0:
                return min(float(int(value[:10])), MAX_RETRY_AFTER)
        return None

    @property
    def etag(self) -> str | None:
        """The entity tag for the next request; None without one, and for one that is too long."""
        return _validator(self.headers.get("etag", ""), MAX_ETAG_LENGTH)

    @property
    def last_modified(self) -> str | None:
        """The date for the next request, unchanged; None without one, and for one that is too long."""
        return _validator(self.headers.get("last-modified", ""), MAX_DATE_LENGTH)

    def text(self) -> str:
        """The body as text, decoded by ``charsets.decode``. Never raises."""
        return decode(self.body, self.headers.get("content-type", ""))


def _validator(value: str, max_length: int) -> str | None:
    return value if 0 < len(value) <= max_length and value.isascii() and value.isprintable() else None
