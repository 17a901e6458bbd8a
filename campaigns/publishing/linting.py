"""What a reader would stumble over and a channel refuse or cut, found while a text is written. Pure.

Nothing here keeps a text from being saved or approved: whoever writes and whoever approves sees the same list.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from campaigns.publishing.dressing import Dress
from campaigns.publishing.formatting import split_paragraphs, within_bytes
from campaigns.publishing.transport import Capabilities

COVER_LEAST = (640, 360)  # pixels; below that a cover is blurred wherever it fills a telephone's width
LEAST_WORDS = 12  # headline, lead and text together; copies of a shorter one are not told from chance
MOST_WORDS_SHOWN = 40  # characters of a text named in a finding

_IMAGES = re.compile(r"<img\b([^>]*)>")
_ALT = re.compile(r'\balt="\s*[^"\s]')
_LINKS = re.compile(r"<a\b[^>]*>.*?</a>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")
# An address typed as words, which readers cannot press; not the domain behind the @ of a mail address.
_ADDRESS = re.compile(
    r"(?<![\w@./-])(?:https?://|www\.)[^\s<>\"]+"
    r"|(?<![\w@./-])[\w-]+(?:\.[\w-]+)*\.(?:gov\.vn|com\.vn|vn|com)\b(?!@)"
)
_HERE = re.compile(r"\b(?:tại đây|ở đây|theo đường dẫn|đường dẫn sau|link sau|link dưới)\b", re.IGNORECASE)
# Words that belong to a text which is not to be published, or not yet.
_HELD = re.compile(
    r"\b(?:cấm phát trước|cấm phổ biến|không phổ biến|chưa được công bố|chưa công bố|lưu hành nội bộ|tuyệt mật|tối mật|"
    r"văn bản mật|dự thảo|bản nháp|embargo(?:ed)?|draft)\b",
    re.IGNORECASE,
)


class Kind(Enum):
    """One sort of finding. Those for one channel name it."""

    TITLE_CUT = "title_cut"  # longer than the channel takes
    LEAD_CUT = "lead_cut"
    BODY_CUT = "body_cut"  # more bytes than the channel takes
    NO_COVER = "no_cover"  # the channel shows none of ours but its default
    COVER_ALT = "cover_alt"
    COVER_SMALL = "cover_small"
    IMAGE_ALT = "image_alt"
    NO_LEAD = "no_lead"
    TOO_SHORT = "too_short"  # for its copies to be recognised
    HERE_WITHOUT_LINK = "here_without_link"
    ADDRESS_NOT_LINKED = "address_not_linked"
    HELD_WORDS = "held_words"
    OTHER_PLAN = "other_plan"  # filed under a plan that is not about its topic


_GRAVE = frozenset({Kind.COVER_ALT, Kind.IMAGE_ALT, Kind.HELD_WORDS, Kind.HERE_WITHOUT_LINK})


@dataclass(frozen=True)
class Finding:
    """One thing to look at. ``field`` is where it is mended, as forms name it; ``channel`` whom it concerns, '' = all;
    ``words`` what was found; ``number`` which picture, or how long; ``limit`` how much is taken."""

    kind: Kind
    field: str
    channel: str = ""
    words: str = ""
    number: int = 0
    limit: int = 0

    @property
    def grave(self) -> bool:
        """Whether a reader is harmed by it, not only less well served."""
        return self.kind in _GRAVE


@dataclass(frozen=True)
class Receiving:
    """One channel that will get the text."""

    code: str
    name: str
    capabilities: Capabilities


def lint(
    title: str,
    lead: str,
    body_html: str,
    body_text: str,
    dress: Dress,
    channels: Sequence[Receiving],
    sizes: Mapping[str, tuple[int, int]],
) -> tuple[Finding, ...]:
    """Everything worth a look, the grave first. ``sizes``: width and height of pictures by name."""
    found = [
        *_pictures(dress, body_html, sizes),
        *_words(title, lead, body_html, body_text, dress),
        *(finding for channel in channels for finding in _channel(title, lead, body_text, dress, channel)),
    ]
    return tuple(sorted(found, key=lambda one: not one.grave))


def misfiled(topic: str, plan: str, topics: Sequence[str]) -> list[Finding]:
    """Whether a text about ``topic`` would count for a plan (its number, '' = none) that is about other ``topics``; one
    without any is about all."""
    return (
        [Finding(Kind.OTHER_PLAN, "campaign", words=plan)] if plan and topic and topics and topic not in topics else []
    )


def _pictures(dress: Dress, body_html: str, sizes: Mapping[str, tuple[int, int]]) -> list[Finding]:
    found = []
    if dress.cover is not None:
        if not dress.cover.alt.strip():
            found.append(Finding(Kind.COVER_ALT, "cover_alt"))
        width, height = sizes.get(dress.cover.picture, COVER_LEAST)
        if width < COVER_LEAST[0] or height < COVER_LEAST[1]:
            found.append(Finding(Kind.COVER_SMALL, "picture", number=width, limit=COVER_LEAST[0]))
    for number, image in enumerate(_IMAGES.findall(body_html), start=1):
        if not _ALT.search(image):
            found.append(Finding(Kind.IMAGE_ALT, "body_html", number=number))
    return found


def _words(title: str, lead: str, body_html: str, body_text: str, dress: Dress) -> list[Finding]:
    found = [] if lead.strip() else [Finding(Kind.NO_LEAD, "lead")]
    if 0 < (count := len(f"{title} {lead} {body_text}".split())) < LEAST_WORDS:
        found.append(Finding(Kind.TOO_SHORT, "body_html", number=count, limit=LEAST_WORDS))
    unlinked = _TAGS.sub(" ", _LINKS.sub(" ", body_html))
    if (here := _HERE.search(unlinked)) and "<a " not in body_html:
        found.append(Finding(Kind.HERE_WITHOUT_LINK, "body_html", words=here[0]))
    if address := _ADDRESS.search(unlinked):
        found.append(Finding(Kind.ADDRESS_NOT_LINKED, "body_html", words=address[0][:MOST_WORDS_SHOWN]))
    places = [("title", title), ("lead", lead), ("body_html", body_text)]
    for code, variant in dress.variants.items():
        places += [(f"variants.{code}.{name}", getattr(variant, name)) for name in ("title", "lead", "text")]
    for field, text in places:
        if held := _HELD.search(text):
            found.append(Finding(Kind.HELD_WORDS, field, words=held[0]))
    return found


def _channel(title: str, lead: str, body_text: str, dress: Dress, channel: Receiving) -> list[Finding]:
    can, own = channel.capabilities, dress.for_channel(channel.code)
    found = []

    def cut(kind: Kind, name: str, has_own: bool, length: int, limit: int) -> None:
        field = f"variants.{channel.code}.{name}" if has_own else {"text": "body_html"}.get(name, name)
        found.append(Finding(kind, field, channel.name, number=length, limit=limit))

    shown_title, shown_lead = " ".join((own.title or title).split()), " ".join((own.lead or lead).split())
    if can.max_title is not None and len(shown_title) > can.max_title:
        cut(Kind.TITLE_CUT, "title", bool(own.title), len(shown_title), can.max_title)
    if can.max_lead is not None and len(shown_lead) > can.max_lead:
        cut(Kind.LEAD_CUT, "lead", bool(own.lead), len(shown_lead), can.max_lead)
    paragraphs = split_paragraphs(own.text or body_text)
    if can.max_body_bytes is not None and within_bytes(paragraphs, can.max_body_bytes) != paragraphs:
        size = sum(len(one.encode()) for one in paragraphs)
        cut(Kind.BODY_CUT, "text", bool(own.text), size, can.max_body_bytes)
    if can.needs_cover and dress.cover is None:
        found.append(Finding(Kind.NO_COVER, "picture", channel.name))
    return found
