"""Open forms kept while somebody types: asked by the page's script, answered in JSON. Nothing here is a revision."""

from datetime import datetime

import sqlalchemy as sa
from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict
from campaigns.people.staff import May
from campaigns.publishing import working
from campaigns.publishing.bulletins import Bulletin, find_bulletin
from coordinator.web import formats
from coordinator.web.desk import inputs
from coordinator.web.desk.actors import author_to
from coordinator.web.desk.bulletin_form import sent_expected, sent_version, typed
from coordinator.web.look import language, say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence


@staff(May.WRITE)
def token() -> ResponseReturnValue:
    """A fresh token for a form that outlived its session: whoever signed in again goes on in the same page."""
    return jsonify(token=generate_csrf(), person=actor().id)


@staff(May.WRITE)
def keep(ident: str) -> ResponseReturnValue:
    """Keep what the form holds, or with ``open`` only that it is open.

    Answers ``{"version", "at", "said", "beside", "latest", "by"}``: the moment and its words, who else has the bulletin
    open, the bulletin's newest revision and whose it is. 409 with ``code``, 422, each with ``message``.
    """
    place = front().place
    now = place.now()
    try:
        with place.database.write() as session:
            bulletin = _bulletin(session)
            if request.form.get("open"):
                working.touch(session, actor(), ident, bulletin, now=now)
                return jsonify(_told(session, bulletin, now))
            copy = working.keep(
                session,
                actor(),
                ident,
                typed(request.form),
                bulletin=bulletin,
                base=sent_expected(request.form),
                version=sent_version(request.form),
                now=now,
            )
            said = str(_("Đã tự lưu lúc %(at)s.", at=formats.time_of_day(copy.saved_at)))
            return jsonify(_told(session, bulletin, now) | {"version": copy.version, "said": said})
    except Conflict as conflict:
        told = {"code": conflict.code, "message": error_sentence(conflict, language())}
        if code := conflict.params.get("bulletin"):
            told["url"] = url_for("bulletins.edit", code=code)
        return jsonify(told), 409
    except CampaignError as error:
        return jsonify(code=error.code, message="; ".join(inputs.said(error).values())), 422


def _bulletin(session: Session) -> Bulletin | None:
    code = request.form.get("code", "")
    return find_bulletin(session, code) if code else None


def _told(session: Session, bulletin: Bulletin | None, now: datetime) -> dict[str, object]:
    if bulletin is None:
        return {"beside": "", "latest": None, "by": ""}
    newest = bulletin.revision(bulletin.latest)
    others = working.beside(session, actor(), bulletin, now=now)
    by = author_to(actor().id, newest.author, newest.author_name)
    return {"beside": beside_words(others), "latest": newest.number, "by": by}


def beside_words(others: list[working.Beside]) -> str:
    """Who else is at it, as a sentence; empty when nobody is."""
    if not others:
        return ""
    names = ", ".join(one.name for one in others)
    return str(
        _("%(names)s cũng đang mở bản tin này. Không ai ghi đè lên ai: người lưu sau sẽ thấy chỗ khác.", names=names)
    )


@staff(May.WRITE)
def drop(ident: str) -> ResponseReturnValue:
    """Throw a working copy away, as its author asks."""
    with front().place.database.write() as session:
        code = session.execute(
            sa.select(Bulletin.code)
            .join(working.WorkingCopy, working.WorkingCopy.bulletin_id == Bulletin.id)
            .where(working.WorkingCopy.ident == ident, working.WorkingCopy.author == actor().id)
        ).scalar_one_or_none()
        working.drop(session, actor(), ident)
    say_done(_("Đã bỏ bài gõ dở."))
    return redirect(url_for("bulletins.edit", code=code) if code else url_for("bulletins.new"), code=303)
