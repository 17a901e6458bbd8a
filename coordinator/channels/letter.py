"""A bulletin as a letter: pure."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from campaigns.publishing.transport import Act, Message

_SUBJECTS = {Act.PUBLISH: "{title}", Act.CORRECT: "Đính chính: {title}", Act.RECALL: "Thu hồi bản tin {code}"}
_LEAVE = "Thôi nhận bản tin qua thư"


def letter(message: Message, *, to: str, sender: str, at: datetime) -> EmailMessage:
    """The whole letter, plain and as HTML. It shows no picture and loads nothing, so that nobody learns who reads it.

    ``Message-ID`` comes from the delivery's key and is the same at every try; a correction and a recall answer the
    letter they are about. One click stops the letters (RFC 8058); no machine is to answer them (RFC 3834).
    """
    host = sender.rpartition("@")[2].rstrip(">")
    made = EmailMessage()
    made["From"], made["To"] = sender, to
    subject = _SUBJECTS[message.act].format(title=message.title, code=message.code)
    made["Subject"] = " ".join(subject.split())
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{message.key}@{host}>"
    if message.remote_id:
        made["In-Reply-To"] = made["References"] = message.remote_id
    made["List-Id"] = f"<ban-tin.{host}>"
    if message.leave_url:
        made["List-Unsubscribe"] = f"<{message.leave_url}>"
        if message.leave_url.startswith("https://"):  # as the RFC wants it
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_text(message), charset="utf-8")
    made.add_alternative(_html(message), subtype="html", charset="utf-8")
    return made


def _recalled(message: Message) -> str:
    reason = f" Lý do: {message.note.strip()}" if message.note.strip() else ""
    return f"{message.author} đã thu hồi bản tin {message.code}. Nội dung đã gửi không còn giá trị.{reason}"


def _note(message: Message) -> str:
    return message.note.strip() if message.act is Act.CORRECT else ""


def _text(message: Message) -> str:
    if message.act is Act.RECALL:
        parts = [_recalled(message)]
    else:
        parts = [message.title, message.lead, *message.paragraphs]
        if note := _note(message):
            parts.insert(0, f"Đính chính: {note}")
        parts.append(f"Nguồn: {message.author}\n{message.url}")
    if message.leave_url:
        parts.append(f"--\n{_LEAVE}: {message.leave_url}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(message: Message) -> str:
    if message.act is Act.RECALL:
        parts = [f"<p>{_safe(_recalled(message))}</p>"]
    else:
        lead = f"<p><strong>{_safe(message.lead)}</strong></p>" if message.lead else ""
        parts = [f"<h1>{_safe(message.title)}</h1>", lead]
        if note := _note(message):
            parts.insert(0, f"<p><strong>Đính chính:</strong> {_safe(note)}</p>")
        parts += (f"<p>{_safe(paragraph)}</p>" for paragraph in message.paragraphs)
        parts.append(f'<p>Nguồn: <a href="{escape(message.url)}">{_safe(message.author)}</a></p>')
    if message.leave_url:
        parts.append(f'<hr><p><a href="{escape(message.leave_url)}">{_LEAVE}</a></p>')
    body = "\n".join(part for part in parts if part)
    return f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _safe(text: str) -> str:
    return escape(" ".join(text.split()), quote=False)
