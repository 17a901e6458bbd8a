"""The text of a bulletin as a copy should carry it: with its correction, its source line and its counter image.

A crawler takes what it finds, so what a copy owes the original stands in the text itself, the source link last, where
readers and checks look for it. Every format takes the text from here, and from here alone.
"""

from html import escape

from coordinator.feeds.item import FeedItem


def refuse_recalled(item: FeedItem) -> None:
    """Raises ``ValueError`` for a recalled bulletin: its text is not to be handed out by any way."""
    if item.recalled:
        raise ValueError(f"{item.code} was recalled: its text is no longer to be shown")


def copy_html(item: FeedItem) -> str:
    """The body as HTML, then what was corrected, the source with its link, and the counter image.

    Raises ``ValueError`` for a recalled bulletin.
    """
    refuse_recalled(item)
    parts = [item.body_html]
    if item.note:
        parts.append(f"<p><strong>Đính chính:</strong> {escape(item.note, quote=False)}</p>")
    parts.append(f'<p>Nguồn: <a href="{escape(item.url)}">{escape(item.source.name, quote=False)}</a></p>')
    if item.counter_url:
        parts.append(f'<img src="{escape(item.counter_url)}" width="1" height="1" alt="">')
    return "\n".join(parts)


def copy_text(item: FeedItem) -> str:
    """The same as plain text, paragraphs separated by blank lines. Raises ``ValueError`` for a recalled bulletin."""
    refuse_recalled(item)
    note = f"\n\nĐính chính: {item.note}" if item.note else ""
    return f"{item.body_text}{note}\n\nNguồn: {item.source.name} – {item.url}"


def usage_terms(name: str) -> str:
    """What whoever republishes has to do, in one sentence. ``name``: the department's."""
    return f"Đăng lại nguyên văn, ghi rõ nguồn “{name}” và đặt liên kết tới bản gốc ở cuối bài."


def recall_notice(item: FeedItem) -> str:
    """What may still be said about a recalled bulletin: neither title nor text of it."""
    reason = f" Lý do: {item.recall_reason}" if item.recall_reason else ""
    return f"Bản tin {item.code} đã được thu hồi; đề nghị gỡ bản đã đăng lại.{reason}"
