"""The pages behind the links in a report's mail: a file that was too large for it, and unsubscribing."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import NotFound
from campaigns.people.office import office_name
from campaigns.reporting.schedules import report_mail, schedules
from campaigns.reporting.schedules.schedules import ScheduleReceiver
from coordinator.web.auth.security import app_context
from coordinator.web.kit.security_headers import UNTRUSTED_CONTENT_HEADERS

blueprint = Blueprint("report_mail", __name__)


def _signed_id(token: str, purpose: str) -> str:
    """The id in a token that was made here for this purpose. Raises ``NotFound`` for any other."""
    signed_id, _, mark = token.partition(".")
    if not app_context().job_context.encryption.signed(f"{purpose} {signed_id}", mark):
        raise NotFound("this link is not one of ours")
    return signed_id


@blueprint.get("/sent/<token>")
def sent(token: str) -> ResponseReturnValue:
    """A file as it was sent, while the history is stored."""
    context = app_context().job_context
    with context.database.read() as session:
        row = report_mail.find_file(session, _signed_id(token, "sent"))
        file_name, media_type, key = row.name, row.media_type, row.key
    response = Response(context.store.read(key), content_type=media_type)
    response.headers.update({**UNTRUSTED_CONTENT_HEADERS, "Content-Disposition": f'attachment; filename="{file_name}"'})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _unsubscribe_page(session: Session, row: ScheduleReceiver) -> str:
    name, _, host = row.address.partition("@")
    return render_template(
        "public/unsubscribe_report.html",
        address=f"{name[:1]}…@{host}",  # the mail may have been forwarded: the reader need not learn the address
        report=row.schedule.name,
        left=row.left_at is not None,
        office=office_name(session),
    )


@blueprint.get("/unsubscribe/report/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A page with one button, so that a mail program that opens every link changes nothing."""
    with app_context().job_context.database.read() as session:
        return _unsubscribe_page(session, schedules.find_receiver(session, _signed_id(token, "leave report")))


@blueprint.post("/unsubscribe/report/<token>")
def leave(token: str) -> ResponseReturnValue:
    """Unsubscribe, by button or by a mail program (RFC 8058). The body is not read; the request is idempotent."""
    context = app_context().job_context
    with context.database.write() as session:
        row = schedules.find_receiver(session, _signed_id(token, "leave report"))
        schedules.stop_receiver(session, row, now=context.now())
        return _unsubscribe_page(session, row)
