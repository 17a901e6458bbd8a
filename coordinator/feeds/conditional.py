"""HTTP around a feed: validators, 304, compression and the headers that go with them. Pure.

Source: RFC 9110, sections 8.8 (validators), 12.5.3 (Accept-Encoding) and 13 (conditional requests).
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from coordinator.feeds.dates import http_date, last_modified, parse_http_date
from coordinator.feeds.links import link_header

# A shared cache may keep a public feed for a minute: a recall must not wait longer than that.
PUBLIC = "public, max-age=60, must-revalidate"
# A partner's own feed: every fetch is logged, so every fetch has to reach us.
PRIVATE = "private, no-cache"

LEAST_ZIPPED = 500  # bytes; below it the gzip frame and the work are not worth it
_LEVEL = 6  # zlib's own default: the higher ones take twice the time for one hundredth less
_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True)
class Asked:
    """What a request said, header by header, None where it said nothing."""

    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None


@dataclass(frozen=True)
class Validators:
    """What tells this state of a feed from others. ``changed_at``: None while there is nothing in it."""

    etag: str
    changed_at: datetime | None


@dataclass(frozen=True)
class FeedReply:
    """What to answer. ``body`` is empty for a 304."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def weak_etag(*parts: object) -> str:
    """A weak entity tag from what a feed is made of, without writing it: newest change, count, query, base address.

    Weak, because the same tag stands for the plain and the compressed form. The parts are told apart, so that
    ``("a", "bc")`` and ``("ab", "c")`` differ. The product's version belongs among them: another version may write
    the same items differently.
    """
    told = "\x1f".join(part.isoformat() if isinstance(part, datetime) else repr(part) for part in parts)
    return f'W/"{hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()}"'


def strong_etag(body: bytes) -> str:
    """A strong entity tag of exactly these bytes."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def _opaque(tag: str) -> str:
    return tag.removeprefix("W/")


def not_modified(request_etag: str | None, request_since: str | None, etag: str, changed_at: datetime | None) -> bool:
    """Whether the reader of a GET already has it, from ``If-None-Match`` and ``If-Modified-Since`` as received.

    ``If-None-Match`` decides alone when it is there, by weak comparison, as a list or ``*``; the date counts only
    without it, in whole seconds. Anything malformed is taken as not known: the reader then gets the whole feed.
    """
    if request_etag is not None:
        if request_etag.strip() == "*":
            return True
        return any(f'"{found}"' == _opaque(etag) for found in _TAG.findall(request_etag))
    if request_since is None or changed_at is None:
        return False
    since = parse_http_date(request_since)
    return since is not None and changed_at.replace(microsecond=0) <= since


def _qualities(header: str) -> dict[str, float]:
    """Coding → quality. A quality that is none counts as 0: the plain form is always right."""
    told: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = float(value) if _QUALITY.fullmatch(value := value.strip()) else 0.0
        if coding:
            told[coding] = quality
    return told


def wants_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is acceptable to the reader and not liked less than the plain form."""
    if not accept_encoding:
        return False
    told = _qualities(accept_encoding)
    anything = told.get("*", 0.0)
    zipped = told.get("gzip", told.get("x-gzip", anything))
    # Plain is always acceptable unless forbidden; named without a quality it is liked as much, and gzip is smaller.
    return zipped > 0 and zipped >= told.get("identity", 0.0)


def zip_body(body: bytes) -> bytes:
    """``body`` as gzip: the same bytes for the same body, as no time is written into it."""
    return gzip.compress(body, _LEVEL, mtime=0)


def unchanged(asked: Asked, validators: Validators, *, cache_control: str) -> FeedReply | None:
    """The 304 for a reader who has it already, else None. Ask before the feed is put together."""
    if not not_modified(asked.if_none_match, asked.if_modified_since, validators.etag, validators.changed_at):
        return None
    headers = (("ETag", validators.etag), ("Cache-Control", cache_control), ("Vary", "Accept-Encoding"))
    return FeedReply(304, headers, b"")


def full(
    asked: Asked,
    validators: Validators,
    body: bytes,
    *,
    media_type: str,
    cache_control: str,
    self_url: str,
    hub_url: str | None = None,
    next_url: str | None = None,
    zipped: Callable[[bytes], bytes] = zip_body,
    now: datetime,
) -> FeedReply:
    """The 200 with everything a feed says about itself, compressed when the reader wants it.

    ``zipped`` may look into a cache first; it is only called when compressed bytes will be sent. A strong tag becomes
    weak on the compressed form, because that is another sequence of bytes.
    """
    compress = len(body) >= LEAST_ZIPPED and wants_gzip(asked.accept_encoding)
    etag = f"W/{_opaque(validators.etag)}" if compress else validators.etag
    headers = [
        ("Content-Type", media_type),
        ("ETag", etag),
        ("Cache-Control", cache_control),
        ("Vary", "Accept-Encoding"),
        ("Link", link_header(self_url=self_url, hub_url=hub_url, next_url=next_url)),
    ]
    if validators.changed_at is not None:
        headers.append(("Last-Modified", http_date(last_modified(validators.changed_at, now))))
    if compress:
        headers.append(("Content-Encoding", "gzip"))
        body = zipped(body)
    headers.append(("Content-Length", str(len(body))))
    return FeedReply(200, tuple(headers), body)
