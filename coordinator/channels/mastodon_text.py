"""A bulletin as a post on a Mastodon-compatible server: pure."""

from campaigns.publishing.formatting import fit
from campaigns.publishing.transport import Act, Message

_LEAST_LEAD = 40  # characters; a shorter piece of a lead says nothing


def post_text(message: Message, limit: int, url_length: int | None) -> str:
    """Headline, lead, text and source within ``limit`` characters.

    The text is there as a whole or not at all; the lead is cut between words, at last the headline. ``url_length``: as
    how many characters the server counts an address; None where it counts them as they are.
    """
    source = f"Nguồn: {message.author}\n{message.url}"
    room = limit - len(source) + (len(message.url) - url_length if url_length is not None else 0)
    note = (
        f"Đính chính: {' '.join(message.note.split())}" if message.act is Act.CORRECT and message.note.strip() else ""
    )
    parts = [message.title, message.lead, *message.paragraphs, note]
    whole = "\n\n".join(part for part in parts if part)
    if len(whole) + 2 <= room:
        return f"{whole}\n\n{source}"
    told = fit(message.title, max(room - 2, 2))
    for part in (note, message.lead):
        left = room - len(told) - 4
        if part and left >= min(len(part), _LEAST_LEAD):
            told += f"\n\n{fit(part, left)}"
    return f"{told}\n\n{source}"


def recall_text(message: Message, limit: int) -> str:
    """What stands in a recalled bulletin's place where posts cannot be deleted: neither its title nor its text."""
    reason = f" Lý do: {' '.join(message.note.split())}" if message.note.strip() else ""
    return fit(f"Bản tin {message.code} của {message.author} đã được thu hồi.{reason}", limit)
