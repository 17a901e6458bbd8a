"""The letter that reminds a partner of a finding: its text is a template, its form that of an official letter."""

import datetime
from dataclasses import asdict, dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined

from coordinator.exports.document import Signature
from coordinator.exports.format import vi_date, vi_datetime

TEMPLATE = "templates/reminder.txt"


@dataclass(frozen=True)
class Reminder:
    """What the letter tells. ``sentence``: what is wrong, in Vietnamese, as are all words of it."""

    parent_agency: str
    agency: str
    place: str
    company: str
    site: str
    site_url: str
    sentence: str
    page_url: str
    page_at: datetime.datetime
    page_hash: str
    rule: str
    basis: str
    note: str
    reply_by: datetime.date | None


def paragraphs(told: Reminder) -> tuple[str, ...]:
    """The letter's text, from the template: paragraphs are parted by empty lines. What comes from pages is text and
    nothing else: no line break of it makes a paragraph."""
    source = resources.files("coordinator.exports").joinpath(TEMPLATE).read_text("utf-8")
    values = {
        name: " ".join(value.split()) if isinstance(value, str) else value for name, value in asdict(told).items()
    }
    values["page_at"] = vi_datetime(told.page_at)
    # In groups: 64 letters in one would tear the line before them apart.
    values["page_hash"] = " ".join(told.page_hash[at : at + 16] for at in range(0, len(told.page_hash), 16))
    values["reply_by"] = vi_date(told.reply_by) if told.reply_by is not None else ""
    written = Environment(undefined=StrictUndefined, autoescape=False).from_string(source).render(values)  # noqa: S701  # a Word file, not HTML
    return tuple(" ".join(one.split()) for one in written.split("\n\n") if one.strip())


def write_reminder(told: Reminder, *, now: datetime.datetime) -> bytes:
    """The letter as a ``.docx``, open where the records office and the signer have to say something."""
    from coordinator.exports.dispatch import Dispatch, write_dispatch  # noqa: PLC0415 - python-docx costs every start 70 ms otherwise

    return write_dispatch(
        Dispatch(
            parent_agency=told.parent_agency,
            agency=told.agency,
            place=told.place,
            about=f"nhắc thực hiện quy định khi đăng lại bản tin trên {told.site}",
            addressed_to=(told.company,),
            paragraphs=paragraphs(told),
            signature=Signature("THỦ TRƯỞNG CƠ QUAN"),
            recipients=("Như trên", "Lưu: VT"),
            as_of=now,
        )
    )
