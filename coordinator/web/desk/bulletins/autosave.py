"""Working copies of open forms: the JSON endpoints that save them, and the context that the form pages show.

A working copy is not a revision.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from campaigns.bulletins import autosave
from campaigns.bulletins.bulletins import Bulletin, find_bulletin
from campaigns.core.errors import CampaignError, Conflict
from campaigns.people.staff import Permission
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_account, current_actor, staff_required
from coordinator.web.desk.bulletins.forms import BulletinForm, form_fields, form_from_draft
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.actors import author_label
from coordinator.web.kit.text.error_messages import error_sentence

_TAGS = re.compile(r"<[^<>]*>")


@staff_required(Permission.WRITE)
def token() -> ResponseReturnValue:
    """Return a fresh CSRF token for a form whose session ended and whose author signed in again."""
    return jsonify(token=generate_csrf(), person=current_actor().id)


@staff_required(Permission.WRITE)
def keep(ident: str) -> ResponseReturnValue:
    """Save the content of the form; with ``open``, only record that the form is open.

    Answers ``{"version", "at", "said", "beside", "latest", "by"}``: the time and its label, the other people who have
    the bulletin open, and the newest revision with its author. Answers 409 with ``code`` or 422, each with ``message``.
    """
    context = app_context().job_context
    now = context.now()
    try:
        with context.database.write() as session:
            bulletin = _bulletin(session)
            if request.form.get("open"):
                autosave.mark_open(session, current_actor(), ident, bulletin, now=now)
                return jsonify(_form_status(session, bulletin, now))
            copy = autosave.save_copy(
                session,
                current_actor(),
                ident,
                form_fields(request.form),
                bulletin=bulletin,
                base=fields.form_version("expected") or None,
                version=fields.form_version("version"),
                now=now,
            )
            text = str(_("Đã tự lưu lúc %(at)s.", at=formats.time_of_day(copy.saved_at)))
            return jsonify(_form_status(session, bulletin, now) | {"version": copy.version, "said": text})
    except Conflict as conflict:
        values = {"code": conflict.code, "message": error_sentence(conflict)}
        if code := conflict.params.get("bulletin"):
            values["url"] = url_for("bulletins.edit", code=code)
        return jsonify(values), 409
    except CampaignError as error:
        return jsonify(code=error.code, message="; ".join(fields.error_messages(error).values())), 422


def _bulletin(session: Session) -> Bulletin | None:
    code = request.form.get("code", "")
    return find_bulletin(session, code) if code else None


def _form_status(session: Session, bulletin: Bulletin | None, now: datetime) -> dict[str, object]:
    if bulletin is None:
        return {"beside": "", "latest": None, "by": ""}
    newest = bulletin.revision(bulletin.latest)
    others = autosave.other_editors(session, current_actor(), bulletin, now=now)
    by = author_label(current_actor().id, newest.author, newest.author_name)
    return {"beside": co_editor_message(others), "latest": newest.number, "by": by}


def co_editor_message(others: list[autosave.OtherEditor]) -> str:
    """Return a sentence that names the other people who have the bulletin open; empty when there are none."""
    if not others:
        return ""
    names = ", ".join(editor.name for editor in others)
    return str(
        _("%(names)s cũng đang mở bản tin này. Không ai ghi đè lên ai: người lưu sau sẽ thấy chỗ khác.", names=names)
    )


@staff_required(Permission.WRITE)
def drop(ident: str) -> ResponseReturnValue:
    """Delete a working copy at its author's request."""
    with app_context().job_context.database.write() as session:
        code = session.execute(
            sa.select(Bulletin.code)
            .join(autosave.WorkingCopy, autosave.WorkingCopy.bulletin_id == Bulletin.id)
            .where(autosave.WorkingCopy.ident == ident, autosave.WorkingCopy.author == current_actor().id)
        ).scalar_one_or_none()
        autosave.discard_copy(session, current_actor(), ident)
    flash_done(_("Đã bỏ bài gõ dở."))
    return redirect(url_for("bulletins.edit", code=code) if code else url_for("bulletins.new"), code=303)


@dataclass(frozen=True)
class UnsavedDraft:
    """A working copy that was never saved and can be opened again. ``words``: of title, lead and body together."""

    ident: str
    title: str
    words: int
    at: datetime


@dataclass(frozen=True)
class FormContext:
    """The context of a form: unsaved working copies, and a sentence about other people who have it open."""

    left: Sequence[UnsavedDraft] = field(default_factory=tuple)
    beside: str = ""


def requested_draft(session: Session, bulletin: Bulletin | None) -> BulletinForm | None:
    """Return the working copy named in the address if it belongs to this person and this bulletin."""
    copy = autosave.find_own_copy(session, current_actor(), request.args.get("draft", "")[:40])
    wanted = bulletin.id if bulletin is not None else None
    return form_from_draft(copy) if copy is not None and copy.bulletin_id == wanted else None


def form_context(session: Session, bulletin: Bulletin | None, opened: BulletinForm) -> FormContext:
    """Return the person's unsaved working copies of the bulletin and the other people who have it open."""
    copies = autosave.unsaved_copies(session, current_actor(), bulletin, besides=opened.draft.data)
    left = [_unsaved_draft(copy) for copy in copies]
    if bulletin is None:
        return FormContext(left)
    return FormContext(
        left,
        co_editor_message(
            autosave.other_editors(session, current_actor(), bulletin, now=app_context().job_context.now())
        ),
    )


def _unsaved_draft(copy: autosave.WorkingCopy) -> UnsavedDraft:
    title, lead, body = ("".join(copy.fields.get(name, [])) for name in ("title", "lead", "body_html"))
    words = len(f"{title} {lead} {_TAGS.sub(' ', body)}".split())
    return UnsavedDraft(copy.ident, title, words, copy.saved_at)


def save_aside(code: str, form: BulletinForm, base: int) -> None:
    """Keep a text that could not be saved as a working copy, so that nothing is lost when the page closes, with or
    without JavaScript. A form that is settled or open elsewhere gets a new draft name. ``base``: the revision it now
    follows.
    """
    context = app_context().job_context
    settled = form.draft.data
    form.fill({"draft": autosave.new_ident(), "version": 1, "expected": base})
    with context.database.write() as session:
        bulletin = find_bulletin(session, code)
        autosave.discard_copy(session, current_actor(), settled)
        autosave.save_copy(
            session,
            current_actor(),
            form.draft.data,
            form_fields(request.form),
            bulletin=bulletin,
            base=base,
            version=0,
            now=context.now(),
        )


def form_attributes(form: BulletinForm, *, dirty: bool) -> dict[str, object]:
    """Return the data attributes of the form's script. ``dirty``: the fields hold changes that are not saved."""
    return {
        "data-draft-url": url_for("bulletins.keep_draft", ident="0"),
        "data-token-url": url_for("bulletins.draft_token"),
        "data-login": url_for("security.login"),
        "data-person": current_account().email,
        "data-version": form.version.data,
        "data-dirty": "1" if dirty else None,
    }
