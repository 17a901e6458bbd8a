"""Bulletins by mail: one channel for each address, so that each has its own delivery and no recipient sees another.

Only the mail server answers. A connection that breaks while the server accepts a mail leaves the outcome unknown; a
person decides. A delivery always has the same Message-ID, by which many mail systems drop a second copy.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Any, Protocol

from campaigns.channels.transport import DeliveryAct, Message, MessageMedium, Receipt, Secrets, TransportError
from coordinator.channels import capabilities
from coordinator.channels.email.settings import EmailSettings
from coordinator.channels.http_calls import CurrentTime
from coordinator.channels.post_text import play_line

# A bulletin as a mail: pure functions.


_SUBJECT_FORMATS = {
    DeliveryAct.PUBLISH: "{title}",
    DeliveryAct.CORRECT: "Đính chính: {title}",
    DeliveryAct.RECALL: "Thu hồi bản tin {code}",
}
_PICTURES, _EMPTY_PARAGRAPHS = re.compile(r"<img\b[^>]*>"), re.compile(r"<(p|figure)>\s*</\1>")
MAX_PICTURE_BYTES = 1_000_000  # of a picture that a mail contains; a larger one is left to the link
_UNSUBSCRIBE_LABEL = "Ngừng nhận bản tin qua thư"


def email_message(message: Message, *, to: str, sender: str, at: datetime) -> EmailMessage:
    """Return the mail, as plain text and HTML. It loads nothing, so that reading is not tracked: a picture and the
    poster of a video are parts of the mail, and each medium has a link to play it.

    ``Message-ID`` comes from the delivery's key and is the same at every try; a correction and a recall are replies to
    the original mail. The headers offer one-click unsubscription (RFC 8058) and suppress automatic replies (RFC 3834).
    """
    host = sender.rpartition("@")[2].rstrip(">")
    made = EmailMessage()
    made["From"], made["To"] = sender, to
    subject = _SUBJECT_FORMATS[message.act].format(title=message.title, code=message.code)
    made["Subject"] = " ".join(subject.split())
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{message.key}@{host}>"
    if message.remote_id:
        made["In-Reply-To"] = made["References"] = message.remote_id
    made["List-Id"] = f"<ban-tin.{host}>"
    if message.leave_url:
        made["List-Unsubscribe"] = f"<{message.leave_url}>"
        if message.leave_url.startswith("https://"):  # the RFC requires https
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_plain_body(message), charset="utf-8")
    made.add_alternative(_html_body(message), subtype="html", charset="utf-8")
    html = made.get_payload(1)
    for picture in filter(None, map(_picture_of, message.media)):
        if message.act is not DeliveryAct.RECALL and isinstance(html, EmailMessage):
            kind, _, subtype = picture.mime.partition("/")
            html.add_related(picture.file().body, kind, subtype, cid=f"<{_content_id(picture)}>", disposition="inline")
    return made


def _picture_of(medium: MessageMedium) -> MessageMedium | None:
    """Return the picture that stands for a medium in a mail; None where there is none, or it is too large."""
    picture = medium if medium.kind == "picture" else medium.poster
    return picture if picture is not None and picture.length <= MAX_PICTURE_BYTES else None


def _content_id(picture: MessageMedium) -> str:
    return f"{picture.ident}@media"


def _medium_html(medium: MessageMedium) -> str:
    picture = _picture_of(medium)
    alt = escape(" ".join(medium.alt.split()))
    shown = f'<img src="cid:{_content_id(picture)}" alt="{alt}" width="480"><br>' if picture is not None else ""
    return f'<p><a href="{escape(medium.url)}">{shown}{_escaped(play_line(medium))}</a></p>'


def _recall_notice(message: Message) -> str:
    reason = f" Lý do: {message.note.strip()}" if message.note.strip() else ""
    return f"{message.author} đã thu hồi bản tin {message.code}. Nội dung đã gửi không còn giá trị.{reason}"


def _correction_note(message: Message) -> str:
    return message.note.strip() if message.act is DeliveryAct.CORRECT else ""


def _plain_body(message: Message) -> str:
    if message.act is DeliveryAct.RECALL:
        parts = [_recall_notice(message)]
    else:
        parts = [message.title, message.lead, *message.paragraphs]
        if note := _correction_note(message):
            parts.insert(0, f"Đính chính: {note}")
        parts += [f"{play_line(medium)}\n{medium.url}" for medium in message.media]
        parts.append(f"Nguồn: {message.author}\n{message.url}")
    if message.leave_url:
        parts.append(f"--\n{_UNSUBSCRIBE_LABEL}: {message.leave_url}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _html_body(message: Message) -> str:
    if message.act is DeliveryAct.RECALL:
        parts = [f"<p>{_escaped(_recall_notice(message))}</p>"]
    else:
        lead = f"<p><strong>{_escaped(message.lead)}</strong></p>" if message.lead else ""
        parts = [f"<h1>{_escaped(message.title)}</h1>", lead]
        if note := _correction_note(message):
            parts.insert(0, f"<p><strong>Đính chính:</strong> {_escaped(note)}</p>")
        parts += map(_medium_html, message.media)
        parts.append(html_without_pictures(message.body_html))
        parts.append(f'<p>Nguồn: <a href="{escape(message.url)}">{_escaped(message.author)}</a></p>')
    if message.leave_url:
        parts.append(f'<hr><p><a href="{escape(message.leave_url)}">{_UNSUBSCRIBE_LABEL}</a></p>')
    body = "\n".join(part for part in parts if part)
    return f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def html_without_pictures(body_html: str) -> str:
    """Return a cleaned body with its lists, tables and links, but with no picture: a mail loads nothing."""
    return _EMPTY_PARAGRAPHS.sub("", _PICTURES.sub("", body_html))


def _escaped(text: str) -> str:
    return escape(" ".join(text.split()), quote=False)


class MailSender(Protocol):
    """The part of ``OutgoingMailServer`` that adapters use. Raises ``TransportError``."""

    @property
    def sender(self) -> str: ...

    def hand_in(self, message: EmailMessage) -> None: ...

    def check(self) -> str: ...


class EmailTransport:
    """The adapter of one address."""

    capabilities = capabilities.EMAIL

    def __init__(self, code: str, values: Mapping[str, Any], vault: Secrets, way: MailSender, now: CurrentTime) -> None:
        self._settings = EmailSettings.model_validate(dict(values))
        self._way, self._now = way, now

    def send(self, message: Message) -> Receipt:
        """Mail the bulletin, its correction or its recall. Raises ``TransportError``."""
        made = email_message(message, to=self._settings.address, sender=self._way.sender, at=self._now())
        self._way.hand_in(made)
        return Receipt(remote_id=str(made["Message-ID"]), detail="the mail server has taken it")

    def test(self) -> Receipt:
        """Sign in to the mail server and send nothing. Raises ``TransportError``."""
        if not self._settings.address.isascii():
            raise TransportError("the address has letters that mail servers may not take", permanent=True)
        return Receipt(detail=self._way.check())
