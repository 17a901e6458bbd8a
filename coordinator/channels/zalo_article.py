"""A bulletin as a Zalo article: pure."""

import html
import re
import unicodedata
from typing import Any

from campaigns.publishing.formatting import fit
from campaigns.publishing.transport import Act, Message
from coordinator.channels.zalo_settings import ZaloSettings

MOST_TITLE = 150  # characters, as are the next two
MOST_LEAD = 300
MOST_AUTHOR = 50


def article(message: Message, settings: ZaloSettings, article_id: str | None = None) -> dict[str, Any]:
    """The whole article; with ``article_id`` it takes the place of an earlier one (Zalo knows no partial change).

    Every paragraph is an item of its own without line breaks; the last one names the source and its canonical address.
    """
    paragraphs = [line for line in (_one_line(paragraph) for paragraph in message.paragraphs) if line]
    lead = message.lead.strip() or (paragraphs[0] if paragraphs else message.title)
    if message.act is Act.CORRECT and message.note.strip():
        paragraphs.append(f"Đính chính: {_one_line(message.note)}")
    paragraphs.append(source_line(message, settings))
    body: dict[str, Any] = {
        "type": "normal",
        "title": fit(message.title, MOST_TITLE),
        "author": fit(message.author or settings.author, MOST_AUTHOR),
        "description": fit(lead, MOST_LEAD),
        "cover": {"cover_type": "photo", "photo_url": message.cover_url or settings.cover_url, "status": "show"},
        "body": [
            {"type": "text", "content": html.escape(text, quote=False) if settings.escape_text else text}
            for text in paragraphs
        ],
        "status": "show",
        "comment": settings.comments,
    }
    if article_id is not None:
        body["id"] = article_id
    return body


def source_line(message: Message, settings: ZaloSettings) -> str:
    """``Nguồn: <author> – <canonical address>``; the address stands last, where readers and checks look for it."""
    return f"Nguồn: {_one_line(message.author or settings.author)} – {message.url}"


def same_title(ours: str, theirs: str) -> bool:
    """Whether a title on Zalo's list is the one we sent, whatever was done to spaces, case, entities or composition."""
    return _normal(fit(ours, MOST_TITLE)) == _normal(theirs)


def _normal(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", html.unescape(title)).casefold().split())


def _one_line(text: str) -> str:
    # Control characters are refused by Zalo and mean nothing to readers.
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())
