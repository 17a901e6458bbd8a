"""Approving: the exact text, what changed in it, what follows, and the decision. Made for a phone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid
from campaigns.core.journal import Entry
from campaigns.people.staff import May
from campaigns.publishing.bulletins import Approval, Bulletin, find_bulletin
from coordinator.jobs import acts
from coordinator.web import formats
from coordinator.web.desk import inputs, moments, timing
from coordinator.web.desk.bulletin_page import Text, Whole, read, text_of, waiting_revision
from coordinator.web.desk.comparing import Difference, difference
from coordinator.web.desk.timing import Warned
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@dataclass(frozen=True)
class Decision:
    """What is decided on: the waiting text, the text before it (None = there was none), and what changed."""

    whole: Whole
    text: Text
    before: Text | None
    change: Difference | None
    submitted_at: datetime | None

    @property
    def correction(self) -> bool:
        """Whether it takes the place of a text that is out."""
        return self.whole.pending is not None


def _before(session: Session, bulletin: Bulletin, waiting: int) -> int | None:
    """The text that the waiting one is compared with: the one outsiders see, else the one approved or submitted last
    before it."""
    if bulletin.pending is not None:
        return bulletin.released
    approved = session.execute(
        sa.select(sa.func.max(Approval.revision)).where(
            Approval.bulletin_id == bulletin.id, Approval.revision < waiting
        )
    ).scalar_one()
    submitted = session.execute(
        sa.select(Entry.details).where(
            Entry.subject_kind == "bulletin", Entry.subject == bulletin.code, Entry.act == "bulletin.submitted"
        )
    ).scalars()
    earlier = [number for details in submitted if (number := int(json.loads(details)["revision"])) < waiting]
    return max([*earlier, *([approved] if approved is not None else [])], default=None)


def _decision(session: Session, code: str, now: datetime) -> Decision | None:
    bulletin = find_bulletin(session, code)
    waiting = waiting_revision(bulletin)
    if waiting is None:
        return None
    text = text_of(bulletin.revision(waiting))
    number = _before(session, bulletin, waiting)
    before = text_of(bulletin.revision(number)) if number is not None else None
    return Decision(
        whole=read(session, code, actor(), now),
        text=text,
        before=before,
        change=difference(before, text) if before is not None else None,
        submitted_at=bulletin.submitted_at,
    )


@staff(May.APPROVE)
def decide(code: str) -> ResponseReturnValue:
    """The page of the decision, and the decision."""
    if request.method == "GET":
        return _page(code)
    match request.form.get("do"):
        case "approve":
            return _approve(code, at=None, release=False)
        case "now":
            return _approve(code, at=None, release=True)
        case "at":
            try:
                at = moments.sent_moment()
                if at <= front().place.now():
                    raise Invalid([FieldError("at", "past", "the release time is in the past")])
            except Invalid as invalid:
                return _page(code, errors=at_time(inputs.said(invalid)), status=422)
            # Asked before the approval, so that going back leaves nothing half done.
            if warned := timing.warnings(code, at, timing.sent_heeded()):
                return _page(code, warned=warned, status=409)
            return _approve(code, at=at, release=True)
        case "return":
            return _return(code)
    return redirect(url_for("bulletins.approve", code=code), code=303)


def at_time(errors: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the moment said at its field ``time``."""
    return {"time" if field == "at" else field: sentence for field, sentence in errors.items()}


def _approve(code: str, *, at: datetime | None, release: bool) -> ResponseReturnValue:
    """Approve, and where asked release as well: two acts, since an approval stands whatever becomes of the release."""
    try:
        stood = acts.approve(front(), actor(), code, request.form.get("revision_hash", ""))
    except Conflict as conflict:
        return _page(code, trouble=error_sentence(conflict, language()), status=409)
    said = _("Đã duyệt bản sửa %(number)s.", number=stood.revision)
    if stood.state == "published":
        said = _("Đã duyệt và phát đính chính.")
    elif release:
        try:
            acts.publish(front(), actor(), code, at)
        except CampaignError as error:
            say_trouble(_("Đã duyệt nhưng chưa phát: %(why)s", why=error_sentence(error, language())))
            return redirect(url_for("bulletins.release", code=code), code=303)
        said = _("Đã duyệt, sẽ phát lúc %(at)s.", at=formats.full_moment(at)) if at else _("Đã duyệt và phát hành.")
    say_done(said)
    return redirect(url_for("bulletins.show", code=code), code=303)


def _return(code: str) -> ResponseReturnValue:
    try:
        acts.return_for_changes(front(), actor(), code, request.form.get("note", ""))
    except Invalid as invalid:
        return _page(code, errors=inputs.said(invalid), status=422)
    except Conflict as conflict:
        return _page(code, trouble=error_sentence(conflict, language()), status=409)
    say_done(_("Đã trả lại để sửa."))
    return redirect(url_for("bulletins.show", code=code), code=303)


def _page(
    code: str,
    *,
    errors: Mapping[str, str] | None = None,
    trouble: str = "",
    warned: Sequence[Warned] = (),
    status: int = 200,
) -> ResponseReturnValue:
    place = front().place
    with place.database.read() as session:
        decision = _decision(session, code, place.now())
    if decision is None:
        say_trouble(trouble or _("Bản tin này không còn chờ duyệt."))
        return redirect(url_for("bulletins.show", code=code), code=303)
    day, time = moments.fields_of(moments.next_hour(place.now()))
    page = render_template(
        "bulletins/approve.html",
        one=decision, errors=errors or {}, trouble=trouble, warned=warned, note=request.form.get("note", ""),
        day=request.form.get("day", day), time=request.form.get("time", time),
    )  # fmt: skip
    return page, status
