"""A bulletin as a message of a Telegram channel: pure."""

from html import escape

from campaigns.publishing.formatting import fit
from campaigns.publishing.transport import Act, Message

MOST = 4096  # characters of a message, counted in UTF-16 code units after tags and entities are taken away


def size(text: str) -> int:
    """How long Telegram takes a text to be: in UTF-16 code units, of which letters have one and most pictograms two."""
    return len(text.encode("utf-16-le")) // 2


def message_html(message: Message) -> str:
    """Headline in bold, lead, text and source, within ``MOST``. As many whole paragraphs as there is room for; a text
    that does not fit goes on at its address."""
    title, lead = fit(message.title, 500), fit(message.lead, 1000)
    note = f"Đính chính: {fit(message.note, 500)}" if message.act is Act.CORRECT and message.note.strip() else ""
    source, more = f"Nguồn: {message.author}", "Đọc tiếp tại bản gốc."
    left = MOST - sum(size(part) + 2 for part in (title, lead, note, source, more)) - size(message.url)
    kept: list[str] = []
    for paragraph in message.paragraphs:
        left -= size(paragraph) + 2
        if left < 0:
            kept.append(more)
            break
        kept.append(paragraph)
    parts = [f"<b>{_safe(title)}</b>", _safe(lead), *map(_safe, kept), _safe(note)]
    parts.append(f'Nguồn: <a href="{escape(message.url)}">{_safe(message.author)}</a>')
    return "\n\n".join(part for part in parts if part)


def recall_html(message: Message) -> str:
    """What stands in a recalled bulletin's place where the message cannot be deleted."""
    reason = f" Lý do: {fit(message.note, 1000)}" if message.note.strip() else ""
    return _safe(f"Bản tin {message.code} của {message.author} đã được thu hồi.{reason}")


def _safe(text: str) -> str:
    return escape(text, quote=False)
