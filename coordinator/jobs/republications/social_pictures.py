"""Pictures of posts on social networks: checked and stored, then put to a person's line."""

from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict, FieldError, Invalid
from campaigns.people.staff import Actor
from campaigns.republications.page_reports import find_report, reported_post
from campaigns.republications.republications import Republication
from campaigns.republications.social import reporting
from campaigns.republications.social.posts import SocialPost, find_line, open_lines
from coordinator.imports.pictures.reading import text_of_picture
from coordinator.jobs.context import JobContext
from coordinator.jobs.republications.upload_confirmation import store_upload


def put_picture(context: JobContext, actor: Actor, body: bytes, file_name: str, line: str = "") -> str:
    """Store a picture, and put it to this open line of the person, or to the one that its name or order tells; returns
    the line's public id. What the text in it tells is proposed.

    Raises ``NotFound`` for another line, ``Invalid`` for a refused file, or when no line waits for a picture.
    """
    with context.database.read() as session:
        _waiting_line(session, actor, file_name, line)  # nothing is stored that has no place
    kept = store_upload(context, body)
    text = text_of_picture(body)
    with context.database.write() as session:
        row = _waiting_line(session, actor, file_name, line)
        reporting.keep_picture(session, row, kept, file_name)
        reporting.propose_from_text(session, row, text, now=context.now())
        return row.public


def add_reported_picture(context: JobContext, actor: Actor, company_id: int, report: str, body: bytes) -> None:
    """Add a picture to the post of a partner's report that waits for a second person.

    Raises ``NotFound`` for the report of another partner, ``Conflict`` (``no_social_post``) when no such post waits,
    ``Invalid`` for a refused file.
    """
    with context.database.read() as session:
        _waiting_post(session, company_id, report)  # nothing is stored that has no place
    kept = store_upload(context, body)
    with context.database.write() as session:
        copy = _waiting_post(session, company_id, report)
        reporting.add_picture(session, actor, copy, kept, "", now=context.now())


def _waiting_post(session: Session, company_id: int, report: str) -> Republication:
    copy = reported_post(session, find_report(session, company_id, report))
    if copy is None:
        raise Conflict("no post of this report waits for a person", code="no_social_post")
    return copy


def _waiting_line(session: Session, actor: Actor, file_name: str, line: str) -> SocialPost:
    if line:
        return find_line(session, actor.id, line)
    row = reporting.line_for_file(open_lines(session, actor.id), file_name)
    if row is None:
        raise Invalid([FieldError("file", "no_line", "every line has its picture")])
    return row
