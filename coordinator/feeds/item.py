"""Frozen values that every feed format renders."""

import math
import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlsplit

from campaigns.bulletins.formatting import media_words_html
from campaigns.core.clock import CITY, city_day

# The characters outside XML 1.0, section 2.2, which cannot be written there even when escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str) -> str:
    """``text`` without characters that XML 1.0 forbids, line ends as line feeds (section 2.11); nothing else changes.

    JSON feeds and calendars carry the same text: a NUL breaks many a reader's database.
    """
    return _FORBIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def rfc3339(moment: datetime) -> str:
    """``2026-11-24T07:30:00+07:00``, in the city's zone; with microseconds when there are any.

    Microseconds are kept so that a correction within the same second still raises a date that readers compare.
    """
    return moment.astimezone(CITY).isoformat()


def utc_time(moment: datetime) -> str:
    """``2026-11-24T00:30:00Z``; newsroom systems refuse times of other zones."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class _CleanText:
    """Base of the values below: cleans every text field, so that no format has to."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, clean_text(value))


@dataclass(frozen=True)
class FeedSource(_CleanText):
    """The publisher, as a copy has to name it. ``feed_url`` is the public RSS feed.

    It is never a partner's own feed: that address holds a key, and the content of an item is copied on.
    """

    name: str
    home_url: str
    feed_url: str


@dataclass(frozen=True)
class FeedImage(_CleanText):
    """A picture of a bulletin: absolute address, pixels, media type, size in bytes and its text alternative."""

    url: str
    width: int | None
    height: int | None
    mime: str
    length: int | None
    alt: str


@dataclass(frozen=True)
class FeedMedium(_CleanText):
    """A medium of a bulletin: its kind (``picture``, ``video``, ``audio``, ``document``), absolute address, media type,
    size in bytes and SHA-256.

    ``width``, ``height`` in pixels and ``seconds``: None for what has none. ``alt``: what it shows, in a sentence;
    ``text``: the words on a poster, or the transcript, with line feeds between paragraphs. ``poster``: the picture that
    stands for a video; ``captions_url``: its captions as WebVTT.
    """

    kind: str
    url: str
    mime: str
    length: int
    sha256: str
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    alt: str = ""
    text: str = ""
    poster: FeedImage | None = None
    captions_url: str | None = None

    @property
    def whole_seconds(self) -> int | None:
        """Its length in seconds, rounded up so that no sound is 0 seconds long; None for what has none."""
        return math.ceil(self.seconds) if self.seconds is not None else None


@dataclass(frozen=True)
class FeedItem(_CleanText):
    """One bulletin as outsiders may see it now.

    ``body_html`` is sanitised and has absolute addresses only; ``body_text`` separates paragraphs by blank lines, and
    the words of the media follow in it.
    ``topic`` is the code, ``topic_name`` its label. ``author`` is the name of the author.
    ``released_at``: first visible; ``updated_at``: release of the present revision; ``recalled_at``: withdrawn.
    ``note`` says what a correction changed. ``counter_url``: the counter image that full-text copies contain.
    All times are aware; raises ``ValueError`` for a naive one, which would be read in the machine's zone.
    """

    code: str
    revision: int
    title: str
    lead: str
    body_html: str
    body_text: str
    topic: str
    topic_name: str
    url: str
    republish_url: str
    json_url: str
    author: str
    source: FeedSource
    released_at: datetime
    updated_at: datetime
    note: str = ""
    recalled_at: datetime | None = None
    recall_reason: str = ""
    images: tuple[FeedImage, ...] = ()  # the cover first, where there is one, then those of the text and of the media
    cover: FeedImage | None = None
    lead_image: FeedImage | None = None  # the cover, or the first picture or poster among the media
    preview: FeedImage | None = None  # the lead image cut to 16:9, as pages that link to the bulletin show it
    media: tuple[FeedMedium, ...] = ()
    counter_url: str | None = None
    language: str = "vi"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("released_at", "updated_at", "recalled_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{self.code}: {name} has no time zone")

    @property
    def recalled(self) -> bool:
        """Whether it was withdrawn: then only a notice may be shown."""
        return self.recalled_at is not None

    @property
    def files(self) -> tuple[FeedMedium, ...]:
        """The videos, audio and documents among its media, in their order."""
        return tuple(medium for medium in self.media if medium.kind != "picture")

    @property
    def attachments(self) -> tuple[FeedImage | FeedMedium, ...]:
        """Its pictures, then its files."""
        return (*self.images, *self.files)

    @property
    def changed_at(self) -> datetime:
        """When what outsiders see last changed: release, correction or recall."""
        return self.updated_at if self.recalled_at is None else max(self.updated_at, self.recalled_at)

    @property
    def id(self) -> str:
        """A permanent identifier that is no address: a ``tag:`` URI (RFC 4151) of host, day of release and code."""
        host = urlsplit(self.url).hostname or "localhost"
        return f"tag:{host},{city_day(self.released_at).isoformat()}:{quote(self.code, safe='')}"


@dataclass(frozen=True)
class FeedInfo(_CleanText):
    """The description of a feed as a whole.

    ``self_url`` is the feed's address and its WebSub topic; ``next_url`` the next page. ``author`` is the department's
    name. ``updated_at``: aware, when anything in the feed last changed. ``id`` is an absolute URI.
    """

    title: str
    description: str
    home_url: str
    self_url: str
    hub_url: str
    author: str
    updated_at: datetime
    id: str
    next_url: str | None = None
    language: str = "vi"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.updated_at.tzinfo is None:
            raise ValueError(f"{self.self_url}: updated_at has no time zone")


def check_not_recalled(item: FeedItem) -> None:
    """Raises ``ValueError`` for a recalled bulletin, whose text must not be given out in any format."""
    if item.recalled:
        raise ValueError(f"{item.code} was recalled: its text is no longer to be shown")


def copy_html(item: FeedItem) -> str:
    """The body and media as HTML, followed by the correction, the source line with its link, and the counter image.

    Raises ``ValueError`` for a recalled bulletin.
    """
    check_not_recalled(item)
    parts = [body_with_media(item)]
    if item.note:
        parts.append(f"<p><strong>Đính chính:</strong> {escape(item.note, quote=False)}</p>")
    parts.append(f'<p>Nguồn: <a href="{escape(item.url)}">{escape(item.source.name, quote=False)}</a></p>')
    if item.counter_url:
        parts.append(f'<img src="{escape(item.counter_url)}" width="1" height="1" alt="">')
    return "\n".join(parts)


def body_with_media(item: FeedItem, shown: str = "") -> str:
    """The pictures and players of the media, the body, and the words of the media, as HTML.

    A picture at the address ``shown``, or in the body already, is not shown twice; its words are.
    """
    parts = [
        _figure(medium) for medium in item.media if medium.url != shown and escape(medium.url) not in item.body_html
    ]
    parts.append(item.body_html)
    parts += [media_words_html(medium.kind, medium.alt, medium.text) for medium in item.media]
    return "\n".join(part for part in parts if part)


def players_html(item: FeedItem) -> str:
    """The players of the videos and audio, as HTML; '' for a bulletin without any."""
    return "\n".join(_figure(medium) for medium in item.files if medium.seconds is not None)


def _figure(medium: FeedMedium) -> str:
    if medium.kind == "document":
        name = escape(medium.alt or "Tài liệu", quote=False)
        return f'<p><a href="{escape(medium.url)}" type="{medium.mime}">{name} (PDF)</a></p>'
    caption = f"<figcaption>{escape(medium.alt, quote=False)}</figcaption>" if medium.alt else ""
    return f"<figure>{_player(medium)}{caption}</figure>"


def _player(medium: FeedMedium) -> str:
    url, alt = escape(medium.url), escape(medium.alt)
    size = f' width="{medium.width}" height="{medium.height}"' if medium.width and medium.height else ""
    if medium.kind == "picture":
        return f'<img src="{url}" alt="{alt}"{size}>'
    # Captions on another host are read only by a player that asks for them without cookies (HTML, 4.8.11.11).
    captions = f'<track kind="captions" srclang="vi" label="Tiếng Việt" src="{escape(medium.captions_url or "")}">'
    shared, track = (' crossorigin="anonymous"', captions) if medium.captions_url else ("", "")
    poster = f' poster="{escape(medium.poster.url)}"' if medium.poster is not None else ""
    tag = "audio" if medium.kind == "audio" else "video"
    label = f' aria-label="{alt}"' if alt else ""
    return f'<{tag} controls preload="metadata" src="{url}"{size}{poster}{shared}{label}>{track}</{tag}>'


def copy_text(item: FeedItem) -> str:
    """The same as plain text, paragraphs separated by blank lines. Raises ``ValueError`` for a recalled bulletin."""
    check_not_recalled(item)
    note = f"\n\nĐính chính: {item.note}" if item.note else ""
    return f"{item.body_text}{note}\n\nNguồn: {item.source.name} – {item.url}"


def usage_terms(name: str) -> str:
    """The conditions of republishing, in one sentence. ``name``: the department's."""
    return f"Đăng lại nguyên văn, ghi rõ nguồn “{name}” và đặt liên kết tới bản gốc ở cuối bài."


def recall_notice(item: FeedItem) -> str:
    """The notice of a recall, which contains neither the title nor the text of the bulletin."""
    reason = f" Lý do: {item.recall_reason}" if item.recall_reason else ""
    return f"Bản tin {item.code} đã được thu hồi; đề nghị gỡ bản đã đăng lại.{reason}"
