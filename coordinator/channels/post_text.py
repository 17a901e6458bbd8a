"""A bulletin as a post of plain text, and its media as links: pure functions."""

from campaigns.bulletins.formatting import fit_text
from campaigns.channels.transport import DeliveryAct, Message, MessageMedium

_MIN_LEAD_LENGTH = 40  # characters; a shorter part of a lead is of no use

_PLAY_LABELS = {"video": "Xem video", "audio": "Nghe", "document": "Xem tài liệu", "picture": "Xem ảnh"}


def play_line(medium: MessageMedium) -> str:
    """Return what the link to a medium says."""
    alt = " ".join(medium.alt.split())
    return f"{_PLAY_LABELS[medium.kind]}: {alt}" if alt else _PLAY_LABELS[medium.kind]


def post_text(message: Message, limit: int, url_length: int | None) -> str:
    """Return headline, lead, text and source within ``limit`` characters.

    The text is included whole or not at all; the lead is cut between words, and then the headline. ``url_length``: the
    number of characters that the server counts for an address; None where it counts the real length.
    """
    source = f"Nguồn: {message.author}\n{message.url}"
    available = limit - len(source) + (len(message.url) - url_length if url_length is not None else 0)
    note = (
        f"Đính chính: {' '.join(message.note.split())}"
        if message.act is DeliveryAct.CORRECT and message.note.strip()
        else ""
    )
    parts = [message.title, message.lead, *message.paragraphs, note]
    whole = "\n\n".join(part for part in parts if part)
    if len(whole) + 2 <= available:
        return f"{whole}\n\n{source}"
    text = fit_text(message.title, max(available - 2, 2))
    for part in (note, message.lead):
        left = available - len(text) - 4
        if part and left >= min(len(part), _MIN_LEAD_LENGTH):
            text += f"\n\n{fit_text(part, left)}"
    return f"{text}\n\n{source}"


def recall_text(message: Message, limit: int) -> str:
    """Return the notice for a recalled bulletin where posts cannot be deleted, without its title and text."""
    reason = f" Lý do: {' '.join(message.note.split())}" if message.note.strip() else ""
    return fit_text(f"Bản tin {message.code} của {message.author} đã được thu hồi.{reason}", limit)
