"""Warnings about a text: what is hard for readers, and what a channel would refuse or cut. Pure functions.

Warnings prevent neither saving nor approval; writer and approver see the same list.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from campaigns.bulletins.body_items import BodyItemKind, body_items
from campaigns.bulletins.formatting import split_paragraphs, within_bytes
from campaigns.bulletins.presentation import Presentation
from campaigns.channels.transport import Capabilities

LONGEST_TITLE = 300  # characters
LONGEST_LEAD = 2000  # characters
COVER_LEAST = (640, 360)  # pixels; a smaller cover is blurred on a telephone's full width
LEAST_WORDS = 12  # of title, lead and text together; copies of a shorter text cannot be recognised
MOST_WORDS_SHOWN = 40  # characters of a text named in a finding

_IMAGES = re.compile(r"<img\b([^>]*)>")
_ALT = re.compile(r'\balt="\s*[^"\s]')
_LINKS = re.compile(r"<a\b[^>]*>.*?</a>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")
# An address typed as text without a link; not the domain of a mail address.
_ADDRESS = re.compile(
    r"(?<![\w@./-])(?:https?://|www\.)[^\s<>\"]+"
    r"|(?<![\w@./-])[\w-]+(?:\.[\w-]+)*\.(?:gov\.vn|com\.vn|vn|com)\b(?!@)"
)
_HERE = re.compile(r"\b(?:tại đây|ở đây|theo đường dẫn|đường dẫn sau|link sau|link dưới)\b", re.IGNORECASE)
# Words of texts that must not be published, or not yet.
_HELD = re.compile(
    r"\b(?:cấm phát trước|cấm phổ biến|không phổ biến|chưa được công bố|chưa công bố|lưu hành nội bộ|tuyệt mật|tối mật|"
    r"văn bản mật|dự thảo|bản nháp|embargo(?:ed)?|draft)\b",
    re.IGNORECASE,
)


class TextIssueKind(Enum):
    """Kind of a warning."""

    TITLE_CUT = "title_cut"  # longer than the channel takes
    LEAD_CUT = "lead_cut"
    BODY_CUT = "body_cut"  # more bytes than the channel takes
    NO_COVER = "no_cover"  # the channel shows its default picture
    COVER_ALT = "cover_alt"
    COVER_SMALL = "cover_small"
    COVER_NOT_PUBLIC = "cover_not_public"  # the channel cannot download it and shows its default picture
    IMAGES_NOT_PUBLIC = "images_not_public"  # pictures in the text that the channel cannot download
    IMAGES_HEAVY = "images_heavy"  # pictures in the text with more bytes than the channel takes
    IMAGE_ALT = "image_alt"
    NO_LEAD = "no_lead"
    TOO_SHORT = "too_short"  # its copies cannot be recognised
    HERE_WITHOUT_LINK = "here_without_link"
    ADDRESS_NOT_LINKED = "address_not_linked"
    HELD_WORDS = "held_words"
    OTHER_PLAN = "other_plan"  # filed under a plan that is not about its topic


_GRAVE_KINDS = frozenset(
    {TextIssueKind.COVER_ALT, TextIssueKind.IMAGE_ALT, TextIssueKind.HELD_WORDS, TextIssueKind.HERE_WITHOUT_LINK}
)


@dataclass(frozen=True)
class TextIssue:
    """One warning. ``field``: the form field to correct; ``channel``: the channel concerned, '' = all; ``words``: the
    words found; ``number``: which picture, or the length; ``limit``: the greatest length."""

    kind: TextIssueKind
    field: str
    channel: str = ""
    words: str = ""
    number: int = 0
    limit: int = 0

    @property
    def grave(self) -> bool:
        """Whether it harms readers."""
        return self.kind in _GRAVE_KINDS


@dataclass(frozen=True)
class PictureFacts:
    """What is known of the pictures of a text. ``sizes``: width and height of kept pictures by identifier; ``lengths``:
    their bytes by address. ``cover_url``: the address of the cover, '' for none. ``not_public``: the addresses, of the
    cover and in the text, that cannot be opened from the internet."""

    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)
    cover_url: str = ""
    not_public: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReceivingChannel:
    """A channel that will receive the text."""

    code: str
    name: str
    capabilities: Capabilities


def text_issues(
    title: str,
    lead: str,
    body_html: str,
    body_text: str,
    presentation: Presentation,
    channels: Sequence[ReceivingChannel],
    pictures: PictureFacts,
) -> tuple[TextIssue, ...]:
    """All warnings, the grave first."""
    images = [item.url for item in body_items(body_html) if item.kind is BodyItemKind.IMAGE]
    found = [
        *_picture_issues(presentation, body_html, pictures.sizes),
        *_word_issues(title, lead, body_html, body_text, presentation),
        *(
            finding
            for channel in channels
            for finding in (
                *_channel_issues(title, lead, body_text, presentation, channel),
                *_download_issues([] if presentation.for_channel(channel.code).text else images, pictures, channel),
            )
        ),
    ]
    return tuple(sorted(found, key=lambda issue: not issue.grave))


def filing_issues(topic: str, plan: str, topics: Sequence[str]) -> list[TextIssue]:
    """A warning when a text about ``topic`` would count for a plan (number, '' = none) with other ``topics``; a plan
    without topics is about all."""
    return (
        [TextIssue(TextIssueKind.OTHER_PLAN, "campaign", words=plan)]
        if plan and topic and topics and topic not in topics
        else []
    )


def _picture_issues(
    presentation: Presentation, body_html: str, sizes: Mapping[str, tuple[int, int]]
) -> list[TextIssue]:
    found = []
    if presentation.cover is not None:
        if not presentation.cover.alt.strip():
            found.append(TextIssue(TextIssueKind.COVER_ALT, "cover_alt"))
        width, height = sizes.get(presentation.cover.picture, COVER_LEAST)
        if width < COVER_LEAST[0] or height < COVER_LEAST[1]:
            found.append(TextIssue(TextIssueKind.COVER_SMALL, "picture", number=width, limit=COVER_LEAST[0]))
    for number, image in enumerate(_IMAGES.findall(body_html), start=1):
        if not _ALT.search(image):
            found.append(TextIssue(TextIssueKind.IMAGE_ALT, "body_html", number=number))
    return found


def _word_issues(title: str, lead: str, body_html: str, body_text: str, presentation: Presentation) -> list[TextIssue]:
    found = [] if lead.strip() else [TextIssue(TextIssueKind.NO_LEAD, "lead")]
    if 0 < (count := len(f"{title} {lead} {body_text}".split())) < LEAST_WORDS:
        found.append(TextIssue(TextIssueKind.TOO_SHORT, "body_html", number=count, limit=LEAST_WORDS))
    unlinked = _TAGS.sub(" ", _LINKS.sub(" ", body_html))
    if (here := _HERE.search(unlinked)) and "<a " not in body_html:
        found.append(TextIssue(TextIssueKind.HERE_WITHOUT_LINK, "body_html", words=here[0]))
    if address := _ADDRESS.search(unlinked):
        found.append(TextIssue(TextIssueKind.ADDRESS_NOT_LINKED, "body_html", words=address[0][:MOST_WORDS_SHOWN]))
    places = [("title", title), ("lead", lead), ("body_html", body_text)]
    for code, variant in presentation.variants.items():
        places += [(f"variants.{code}.{name}", getattr(variant, name)) for name in ("title", "lead", "text")]
    for place, text in places:
        if held := _HELD.search(text):
            found.append(TextIssue(TextIssueKind.HELD_WORDS, place, words=held[0]))
    return found


def _channel_issues(
    title: str, lead: str, body_text: str, presentation: Presentation, channel: ReceivingChannel
) -> list[TextIssue]:
    can, own = channel.capabilities, presentation.for_channel(channel.code)
    found = []

    def cut(kind: TextIssueKind, name: str, has_own: bool, length: int, limit: int) -> None:
        field = f"variants.{channel.code}.{name}" if has_own else {"text": "body_html"}.get(name, name)
        found.append(TextIssue(kind, field, channel.name, number=length, limit=limit))

    shown_title, shown_lead = " ".join((own.title or title).split()), " ".join((own.lead or lead).split())
    if can.max_title is not None and len(shown_title) > can.max_title:
        cut(TextIssueKind.TITLE_CUT, "title", bool(own.title), len(shown_title), can.max_title)
    if can.max_lead is not None and len(shown_lead) > can.max_lead:
        cut(TextIssueKind.LEAD_CUT, "lead", bool(own.lead), len(shown_lead), can.max_lead)
    paragraphs = split_paragraphs(own.text or body_text)
    if can.max_body_bytes is not None and within_bytes(paragraphs, can.max_body_bytes) != paragraphs:
        size = sum(len(paragraph.encode()) for paragraph in paragraphs)
        cut(TextIssueKind.BODY_CUT, "text", bool(own.text), size, can.max_body_bytes)
    if can.needs_cover and presentation.cover is None:
        found.append(TextIssue(TextIssueKind.NO_COVER, "picture", channel.name))
    return found


def _download_issues(images: Sequence[str], pictures: PictureFacts, channel: ReceivingChannel) -> list[TextIssue]:
    """Warnings about the pictures that a channel downloads. ``images``: the addresses of those in its text."""
    can = channel.capabilities
    if not can.fetches_pictures:
        return []
    found = []
    if pictures.cover_url in pictures.not_public:
        found.append(TextIssue(TextIssueKind.COVER_NOT_PUBLIC, "picture", channel.name))
    if count := sum(image in pictures.not_public for image in images):
        found.append(TextIssue(TextIssueKind.IMAGES_NOT_PUBLIC, "body_html", channel.name, number=count))
    limit = can.max_picture_bytes
    heavy = [length for image in images if limit and (length := pictures.lengths.get(image, 0)) > limit]
    if limit and heavy:
        found.append(TextIssue(TextIssueKind.IMAGES_HEAVY, "body_html", channel.name, number=max(heavy), limit=limit))
    return found
