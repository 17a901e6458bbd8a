"""Revisions fitted to the limits of a channel, as pure functions."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from campaigns.bulletins.addresses import PublicAddresses
from campaigns.channels.transport import Capabilities, DeliveryAct, Message, MessageMedium

ELLIPSIS = "…"


def fit_text(text: str, limit: int | None) -> str:
    """``text`` within ``limit`` characters, cut between words and marked with an ellipsis if it was too long."""
    whole = " ".join(text.split())
    if limit is None or len(whole) <= limit:
        return whole
    cut = whole[: limit - len(ELLIPSIS)]
    # One character more is searched: a cut directly behind a word needs no shortening.
    at = whole.rfind(" ", 0, len(cut) + 1)
    # A word longer than half the limit is cut, so that the title is not empty.
    return (cut[:at] if at > limit // 2 else cut).rstrip(" ,;:.-–") + ELLIPSIS


def split_paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text, which blank lines separate. Entries of a list and rows of a table stay on lines
    of their own within one paragraph.
    """
    parts = ([" ".join(line.split()) for line in part.splitlines()] for part in text.split("\n\n") if part.strip())
    return tuple("\n".join(line for line in lines if line) for lines in parts)


def within_bytes(paragraphs: Sequence[str], limit: int | None) -> tuple[str, ...]:
    """As many whole paragraphs as fit in ``limit`` bytes of UTF-8; the last one that does not is cut between words."""
    if limit is None:
        return tuple(paragraphs)
    kept: list[str] = []
    left = limit
    for paragraph in paragraphs:
        size = len(paragraph.encode())
        if size > left:
            head = paragraph.encode()[: max(left - len(ELLIPSIS.encode()), 0)].decode(errors="ignore")
            if short := head.rpartition(" ")[0]:
                kept.append(short + ELLIPSIS)
            break
        kept.append(paragraph)
        left -= size
    return tuple(kept)


_WORDS_LABELS = {
    "picture": "Chữ trên ảnh", "video": "Lời thoại", "audio": "Lời thoại", "document": "Chữ trong tài liệu",
}  # fmt: skip


def media_words_html(kind: str, alt: str, text: str) -> str:
    """The text alternative of a medium as HTML under a line that says what it is; '' without one.

    The words stand in plain paragraphs that every reader sees, since text that has to be opened does not count.
    ``kind``: the value of a ``MediaKind``.
    """
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    label = ": ".join(part for part in (_WORDS_LABELS[kind], " ".join(alt.split())) if part)
    paragraphs = [f"<p>{escape(line, quote=False)}</p>" for line in lines]
    return "\n".join([f"<p><strong>{escape(label, quote=False)}</strong></p>", *paragraphs])


def compose_message(
    *,
    key: str,
    act: DeliveryAct,
    code: str,
    revision: int,
    title: str,
    lead: str,
    body_html: str,
    body_text: str,
    topic: str,
    author: str,
    addresses: PublicAddresses,
    released_at: datetime,
    note: str,
    remote_id: str | None,
    remote_url: str | None,
    capabilities: Capabilities,
    cover_url: str | None = None,
    media: tuple[MessageMedium, ...] = (),
) -> Message:
    """One message for one channel, with title, lead and text within the channel's limits."""
    return Message(
        key=key,
        act=act,
        code=code,
        revision=revision,
        title=fit_text(title, capabilities.max_title),
        lead=fit_text(lead, capabilities.max_lead),
        body_html=body_html,
        paragraphs=within_bytes(split_paragraphs(body_text), capabilities.max_body_bytes),
        topic=topic,
        author=author,
        url=addresses.bulletin(code),
        republish_url=addresses.republish(code),
        ninjs_url=addresses.ninjs(code),
        released_at=released_at,
        cover_url=cover_url,
        note=note,
        remote_id=remote_id,
        remote_url=remote_url,
        media=media,
    )
