"""A report as a mail with its files, or with links where they are too large. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

_LEAVE = "Ngừng nhận báo cáo này"


@dataclass(frozen=True)
class ReportAttachment:
    """One file: with its bytes, or with an address where they are None."""

    name: str
    media_type: str
    body: bytes | None
    url: str = ""


@dataclass(frozen=True)
class ReportMessage:
    """``ident``: the id of the mail, the same at every try; ``leave_url``: the address to unsubscribe, "" for members
    of staff; ``page``: the address of the report's page."""

    to: str
    sender: str
    title: str
    office: str
    lines: Sequence[str]
    page: str
    files: Sequence[ReportAttachment]
    leave_url: str
    ident: str
    at: datetime


def build_message(letter: ReportMessage) -> EmailMessage:
    """Return the message. Its headers offer one-click unsubscription (RFC 8058) and suppress automatic replies (RFC
    3834)."""
    host = letter.sender.rpartition("@")[2].rstrip(">")
    made = EmailMessage()
    made["From"], made["To"] = letter.sender, letter.to
    made["Subject"] = " ".join(letter.title.split())
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = f"<{letter.ident}@{host}>"
    made["List-Id"] = f"<bao-cao.{host}>"
    if letter.leave_url:
        made["List-Unsubscribe"] = f"<{letter.leave_url}>"
        if letter.leave_url.startswith("https://"):  # the RFC requires https
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_text(letter), charset="utf-8")
    for attachment in letter.files:
        if attachment.body is not None:
            main, _, sub = attachment.media_type.partition(";")[0].partition("/")
            known = {"charset": "utf-8"} if main == "text" else None
            made.add_attachment(attachment.body, maintype=main, subtype=sub, filename=attachment.name, params=known)
    return made


def _text(letter: ReportMessage) -> str:
    parts = [letter.title, letter.office, "\n".join(letter.lines)]
    inside = [attachment.name for attachment in letter.files if attachment.body is not None]
    outside = [f"{attachment.name}: {attachment.url}" for attachment in letter.files if attachment.body is None]
    if inside:
        parts.append("Tệp kèm: " + ", ".join(inside) + ".")
    if outside:
        parts.append("Tệp quá lớn để kèm thư, mời tải ở đây:\n" + "\n".join(outside))
    parts.append(f"Xem trên Lan Tỏa: {letter.page}")
    if letter.leave_url:
        parts.append(f"--\n{_LEAVE}: {letter.leave_url}")
    return "\n\n".join(part for part in parts if part) + "\n"
