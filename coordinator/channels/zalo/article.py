"""A bulletin as a Zalo article: pure functions."""

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from campaigns.bulletins.body_items import BodyItem, BodyItemKind, body_items
from campaigns.bulletins.formatting import fit_text
from campaigns.channels.transport import DeliveryAct, Message
from coordinator.channels.zalo.settings import ZaloSettings
from coordinator.http.addresses import is_public_url

MAX_AUTHOR_LENGTH = 50  # characters


def article_body(
    message: Message, settings: ZaloSettings, article_id: str | None = None, video_id: str | None = None
) -> dict[str, Any]:
    """Return the whole article; with ``article_id`` it replaces an earlier one (Zalo has no partial change). With
    ``video_id``, an uploaded video, the video is its cover.

    Every paragraph, entry of a list and row of a table is a separate item without line breaks, with pictures and videos
    among them; the last item names the source and its canonical address. A picture at an address that Zalo cannot open
    is left out; such a cover is replaced by the channel's default.
    """
    found = _items(message)
    items = [_article_item(item, message, settings) for item in found]
    texts = (item.text for item in found if item.kind is BodyItemKind.TEXT)
    lead = message.lead.strip() or next(texts, message.title)
    closing = [source_line(message, settings)]
    if message.act is DeliveryAct.CORRECT and message.note.strip():
        closing.insert(0, f"Đính chính: {_one_line(message.note)}")
    body: dict[str, Any] = {
        "type": "normal",
        "title": fit_text(message.title, settings.title_length),
        "author": fit_text(message.author or settings.author, MAX_AUTHOR_LENGTH),
        "description": fit_text(lead, settings.lead_length),
        "cover": {"cover_type": "photo", "photo_url": cover_url(message, settings), "status": "show"},
        "body": [item for item in items if item is not None] + [_text_item(text, settings) for text in closing],
        "status": "show",
        "comment": settings.comments,
    }
    if video_id is not None:
        body["cover"] = {"cover_type": "video", "video_id": video_id, "cover_view": _view(message), "status": "show"}
    if article_id is not None:
        body["id"] = article_id
    return body


def is_video_article(message: Message, settings: ZaloSettings) -> bool:
    """Whether a bulletin with a video becomes an article of type *video*. Such an article has no text but its
    description, so that a bulletin with more words of its own than fit there stays a normal one."""
    texts = [_one_line(item.text) for item in body_items(message.body_html) if item.kind is BodyItemKind.TEXT]
    words = " ".join([_description(message), *texts])
    return not any(texts) or len(words) <= _room(message, settings)


def video_body(
    message: Message, settings: ZaloSettings, video_id: str, article_id: str | None = None
) -> dict[str, Any]:
    """Return an article of type *video*: the description is lead and text, and ends with the source and its address."""
    texts = [_one_line(item.text) for item in body_items(message.body_html) if item.kind is BodyItemKind.TEXT]
    words = fit_text(" ".join(filter(None, [_description(message), *texts])) or message.title, _room(message, settings))
    body: dict[str, Any] = {
        "type": "video",
        "title": fit_text(message.title, settings.title_length),
        "description": f"{words} {source_line(message, settings)}",
        "video_id": video_id,
        "avatar": cover_url(message, settings),
        "status": "show",
        "comment": settings.comments,
    }
    if article_id is not None:
        body["id"] = article_id
    return body


def _description(message: Message) -> str:
    if message.act is DeliveryAct.CORRECT and message.note.strip():
        return f"Đính chính: {_one_line(message.note)} {_one_line(message.lead)}".strip()
    return _one_line(message.lead)


def _room(message: Message, settings: ZaloSettings) -> int:
    """Return the characters of a description beside the source line."""
    return max(settings.lead_length - len(source_line(message, settings)) - 1, 1)


def _view(message: Message) -> str:
    film = next((medium for medium in message.files if medium.kind == "video"), None)
    if film is None or film.width == film.height:
        return "square"
    return "horizontal" if film.width > film.height else "vertical"


def cover_url(message: Message, settings: ZaloSettings) -> str:
    """Return the bulletin's cover where Zalo can open it, else the channel's default."""
    own = None if message.without_pictures else message.cover_url
    return own if own is not None and is_public_url(own) else settings.cover_url


def left_out(message: Message, settings: ZaloSettings) -> str:
    """Return what is left out because its address is not public, as the detail of a receipt; '' for nothing."""
    if message.without_pictures:
        return ""
    parts = []
    if message.cover_url is not None and not is_public_url(message.cover_url):
        parts.append("the cover is not at a public address, so the default cover is used")
    pictures = [item for item in _items(message) if item.kind is not BodyItemKind.TEXT]
    if settings.pictures_in_text and any(not is_public_url(item.url) for item in pictures):
        parts.append("pictures in the text are not at a public address, so they are left out")
    return "; ".join(parts)


def source_line(message: Message, settings: ZaloSettings) -> str:
    """Return ``Nguồn: <author> – <canonical address>``, with the address last, where readers and checks expect it."""
    return f"Nguồn: {_one_line(message.author or settings.author)} – {message.url}"


def same_title(ours: str, theirs: str, settings: ZaloSettings) -> bool:
    """Whether a title in Zalo's list is the sent one, apart from spaces, case, entities and Unicode composition."""
    return _normalised_title(fit_text(ours, settings.title_length)) == _normalised_title(theirs)


def _items(message: Message) -> tuple[BodyItem, ...]:
    return body_items(message.body_html) or tuple(BodyItem(BodyItemKind.TEXT, text) for text in message.paragraphs)


def _article_item(item: BodyItem, message: Message, settings: ZaloSettings) -> Mapping[str, Any] | None:
    """Return an item as Zalo takes it; None for an item that is left out."""
    if item.kind is BodyItemKind.TEXT:
        return _text_item(item.text, settings) if _one_line(item.text) else None
    if not settings.pictures_in_text or message.without_pictures or not is_public_url(item.url):
        # The words of a video's link are the writer's; a picture's description is not part of the text.
        return _text_item(f"{item.text}: {item.url}", settings) if item.kind is BodyItemKind.VIDEO else None
    if item.kind is BodyItemKind.VIDEO:
        return {"type": "video", "url": item.url, "thumb": cover_url(message, settings)}
    return {"type": "image", "url": item.url, "caption": _one_line(item.text)}


def _text_item(text: str, settings: ZaloSettings) -> Mapping[str, Any]:
    line = _one_line(text)
    return {"type": "text", "content": html.escape(line, quote=False) if settings.escape_text else line}


def _normalised_title(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", html.unescape(title)).casefold().split())


def _one_line(text: str) -> str:
    # Zalo refuses control characters, which have no meaning for readers.
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())
