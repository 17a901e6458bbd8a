"""What stands behind the addresses in a report's letter: a file that was too large for it, and an end of letters."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import NotFound
from campaigns.people.office import office_name
from campaigns.reporting import schedules, sendings
from campaigns.reporting.schedules import Addressee
from coordinator.web.headers import INERT
from coordinator.web.security import front

blueprint = Blueprint("report_mail", __name__)


def _ident(token: str, purpose: str) -> str:
    """The id in a token that was made here for this purpose. Raises ``NotFound`` for any other."""
    ident, _, mark = token.partition(".")
    if mark != front().place.seal.mark(f"{purpose} {ident}"):
        raise NotFound("this link is not one of ours")
    return ident


@blueprint.get("/sent/<token>")
def sent(token: str) -> ResponseReturnValue:
    """A file as it was sent, while the history is kept."""
    place = front().place
    with place.database.read() as session:
        row = sendings.find_file(session, _ident(token, "sent"))
        own, media_type, key = row.name, row.media_type, row.key
    answer = Response(place.store.read(key), content_type=media_type)
    answer.headers.update({**INERT, "Content-Disposition": f'attachment; filename="{own}"'})
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _page(session: Session, row: Addressee) -> str:
    name, _, host = row.address.partition("@")
    return render_template(
        "public/leaving_report.html",
        shown=f"{name[:1]}…@{host}",  # whoever was forwarded the letter need not learn whose it was
        report=row.schedule.name,
        left=row.left_at is not None,
        office=office_name(session),
    )


@blueprint.get("/unsubscribe/report/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A page with one button. Mail programs that look at every link change nothing."""
    with front().place.database.read() as session:
        return _page(session, schedules.find_addressee(session, _ident(token, "leave report")))


@blueprint.post("/unsubscribe/report/<token>")
def leave(token: str) -> ResponseReturnValue:
    """Stop it, by button or by a mail program (RFC 8058); the body is not read, and twice is once."""
    place = front().place
    with place.database.write() as session:
        row = schedules.find_addressee(session, _ident(token, "leave report"))
        schedules.leave(session, row, now=place.now())
        return _page(session, row)
