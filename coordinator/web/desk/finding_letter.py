"""The letter to a partner about a confirmed finding, as a Word file for the records office to number and send."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from campaigns.compliance.findings import Standing, find_finding
from campaigns.core.errors import Conflict
from campaigns.people.staff import May
from campaigns.reporting.templates import TemplateOf
from coordinator.exports.reminder import Reminder
from coordinator.jobs.dispatching import MEDIA_TYPE, stationery
from coordinator.web.desk.stored import to_be_saved
from coordinator.web.finding_words import finding_sentence
from coordinator.web.security import front, staff

blueprint = Blueprint("letter", __name__)


@blueprint.get("/<public>/letter.docx")
@staff(May.REVIEW)
def download(public: str) -> ResponseReturnValue:
    """Only of what a person has confirmed; that it was sent is put down by hand, with its number."""
    place = front().place
    with place.database.read() as session, in_vietnamese():
        row = find_finding(session, public)
        if row.standing is not Standing.CONFIRMED:
            raise Conflict(f"{public} is not confirmed", code="finding_settled", finding=public)
        paper = stationery(session, TemplateOf.REMINDER, now=place.now())
        told = Reminder(
            company=row.company.name,
            site=row.site.name,
            site_url=row.site.url,
            sentence=finding_sentence(row),
            page_url=row.page_url,
            page_at=row.page_at,
            page_hash=row.page_hash,
            rule=row.rule.title,
            basis=row.rule.basis,
            note=row.note,
            reply_by=row.reply_by,
        )
    return to_be_saved(paper.written(told.fields), MEDIA_TYPE, f"{public}.docx")


@contextmanager
def in_vietnamese() -> Iterator[None]:
    """A letter is in Vietnamese, whatever language its reader has the desk in."""
    before = g.get("language")
    g.language = "vi"
    try:
        with force_locale("vi"):
            yield
    finally:
        g.language = before or "vi"
