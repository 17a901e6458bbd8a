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

from campaigns.channels.transport import DeliveryAct, Message, Receipt, Secrets, TransportError
from coordinator.channels import capabilities
from coordinator.channels.email.settings import EmailSettings
from coordinator.channels.http_calls import CurrentTime

# A bulletin as a mail: pure functions.


_SUBJECT_FORMATS = {
    DeliveryAct.PUBLISH: "{title}",
    DeliveryAct.CORRECT: "Đính chính: {title}",
    DeliveryAct.RECALL: "Thu hồi bản tin {code}",
}
_PICTURES, _EMPTY_PARAGRAPHS = re.compile(r"<img\b[^>]*>"), re.compile(r"<(p|figure)>\s*</\1>")
_UNSUBSCRIBE_LABEL = "Ngừng nhận bản tin qua thư"


def email_message(message: Message, *, to: str, sender: str, at: datetime) -> EmailMessage:
    """Return the mail, as plain text and HTML. It has no picture and loads nothing, so that reading is not tracked.

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
    return made


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
