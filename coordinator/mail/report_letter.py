"""A report as a letter with its files, or with links where they are too large. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

_LEAVE = "Thôi nhận báo cáo này"


@dataclass(frozen=True)
class Enclosed:
    """One file: with its bytes, or, where they are None, under an address."""

    name: str
    media_type: str
    body: bytes | None
    url: str = ""


@dataclass(frozen=True)
class ReportLetter:
    """``ident``: the letter's own, the same at every try; ``leave_url``: where it is stopped, "" for who is on the
    staff; ``page``: the address of the report's page."""

    to: str
    sender: str
    title: str
    office: str
    lines: Sequence[str]
    page: str
    files: Sequence[Enclosed]
    leave_url: str
    ident: str
    at: datetime


def written(letter: ReportLetter) -> EmailMessage:
    """The whole message. One click stops the letters (RFC 8058); no machine is to answer them (RFC 3834)."""
    host = letter.sender.rpartition("@")[2].rstrip(">")
    made = EmailMessage()
    made["From"], made["To"] = letter.sender, letter.to
    made["Subject"] = " ".join(letter.title.split())
    made["Date"] = format_datetime(letter.at)
    made["Message-ID"] = f"<{letter.ident}@{host}>"
    made["List-Id"] = f"<bao-cao.{host}>"
    if letter.leave_url:
        made["List-Unsubscribe"] = f"<{letter.leave_url}>"
        if letter.leave_url.startswith("https://"):  # as the RFC wants it
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_text(letter), charset="utf-8")
    for one in letter.files:
        if one.body is not None:
            main, _, sub = one.media_type.partition(";")[0].partition("/")
            known = {"charset": "utf-8"} if main == "text" else None
            made.add_attachment(one.body, maintype=main, subtype=sub, filename=one.name, params=known)
    return made


def _text(letter: ReportLetter) -> str:
    parts = [letter.title, letter.office, "\n".join(letter.lines)]
    inside = [one.name for one in letter.files if one.body is not None]
    outside = [f"{one.name}: {one.url}" for one in letter.files if one.body is None]
    if inside:
        parts.append("Tệp kèm: " + ", ".join(inside) + ".")
    if outside:
        parts.append("Tệp quá lớn để kèm thư, mời tải ở đây:\n" + "\n".join(outside))
    parts.append(f"Xem trên Lan Tỏa: {letter.page}")
    if letter.leave_url:
        parts.append(f"--\n{_LEAVE}: {letter.leave_url}")
    return "\n\n".join(part for part in parts if part) + "\n"
