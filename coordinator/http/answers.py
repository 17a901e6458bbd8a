"""What came back: a frozen value that can be built by hand, so readers and adapters can be tried without a network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from coordinator.http.charsets import decode

LONGEST_ETAG = 300  # characters; more is not kept, and the answer then comes whole the next time
LONGEST_DATE = 60  # characters; an HTTP date has 29
LONGEST_WAIT = 86_400.0  # seconds; a receiver that asks for more is asked again after a day


class Headers(Mapping[str, str]):
    """Header fields, immutable; a name is found in any case."""

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
class Answer:
    """One answer, complete: the whole body was read and decoded (content encoding undone), within the cap.

    ``url``: the address that answered, after redirects, without a fragment. ``redirects``: the addresses that sent us
    on, in order, the first being the one asked for. ``permanent``: there were redirects and all were 301 or 308, so
    ``url`` may replace what was asked for. ``elapsed``: seconds from the call to the last byte, waiting included.
    For the record: ``reason`` as the status line had it, ``fields`` the headers one by one in their order, ``asked``
    those of the request, ``address`` the number that was connected to.
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
        """304: what we have from last time still holds."""
        return self.status == 304

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case; empty when none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait from when the answer came, 0–86400, as ``Retry-After`` says (RFC 9110 §10.2.3).

        None when the header is absent or says neither a number of seconds nor a date.
        """
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            # Ten digits are already more than a day; int() of a hostile megabyte of digits would take its time.
            return min(float(int(value[:10])), LONGEST_WAIT)
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        if moment.tzinfo is None:  # "-0000": UTC of unknown origin
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - self.received_at).total_seconds(), 0.0), LONGEST_WAIT)

    @property
    def max_age(self) -> float | None:
        """Seconds for which ``Cache-Control`` says that the answer holds, 1–86400; None when it does not say so, or
        says that it must be asked for each time."""
        fields = [one.strip().lower() for one in self.headers.get("cache-control", "").split(",")]
        if {"no-cache", "no-store"} & set(fields):
            return None
        for one in fields:
            name, _, value = one.partition("=")
            value = value.strip('" ')
            if name.strip() == "max-age" and value.isascii() and value.isdigit() and int(value[:10]) > 0:
                return min(float(int(value[:10])), LONGEST_WAIT)
        return None

    @property
    def etag(self) -> str | None:
        """The entity tag to be sent back the next time; None without one, and for one longer than is kept."""
        return _validator(self.headers.get("etag", ""), LONGEST_ETAG)

    @property
    def last_modified(self) -> str | None:
        """The date to be sent back the next time, as it was written; None without one, and for what is too long."""
        return _validator(self.headers.get("last-modified", ""), LONGEST_DATE)

    def text(self) -> str:
        """The body as text; see ``charsets.decode`` for how its encoding is found. Never raises."""
        return decode(self.body, self.headers.get("content-type", ""))


def _validator(value: str, longest: int) -> str | None:
    return value if 0 < len(value) <= longest and value.isascii() and value.isprintable() else None
