"""The bell of every page: the reader's last messages, about the account and about bulletins, with what is unread."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.bulletins.bulletins import Bulletin, Revision
from campaigns.people.powers.account_messages import (
    WORK_EVENTS,
    AccountEvent,
    mark_all_read,
    mark_read,
    recent_messages,
    unread_count,
)
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_account, staff_required
from coordinator.web.desk.people.confirmations import message_sentence
from coordinator.web.kit.templating import flash_done
from coordinator.web.kit.text.actors import actor_names

blueprint = Blueprint("bell", __name__, url_prefix="/desk/messages")

SHOWN, LISTED = 6, 100  # messages at the bell, and on its page

_ICONS = {AccountEvent.TO_APPROVE: "eye", AccountEvent.RETURNED: "pen", AccountEvent.COMMENTED: "talk"}


@dataclass(frozen=True)
class BellRow:
    """One message: its public id, its sentence, the title of its bulletin ('' for none), and whether it was read."""

    public: str
    icon: str
    sentence: str
    title: str
    at: datetime
    read: bool


@dataclass(frozen=True)
class Bell:
    """What the bell shows: the number of unread messages, and the last ones."""

    unread: int
    rows: Sequence[BellRow]


def bell_view() -> Bell:
    """Return the signed-in person's bell."""
    email = current_account().email
    with app_context().job_context.database.read() as session:
        return Bell(unread_count(session, email), _rows(session, email, SHOWN))


def _rows(session: Session, email: str, most: int) -> Sequence[BellRow]:
    rows = recent_messages(session, email, most)
    names = actor_names(session, {row.by for row in rows}) if rows else {}
    codes = {row.more for row in rows if row.what in WORK_EVENTS}
    titles = _titles(session, codes) if codes else {}
    return [
        BellRow(
            row.public,
            _ICONS.get(row.what, "shield"),
            message_sentence(row.what, names.get(row.by, row.by), row.more),
            titles.get(row.more, ""),
            row.at,
            row.read_at is not None,
        )
        for row in rows
    ]


def _titles(session: Session, codes: Collection[str]) -> Mapping[str, str]:
    newest = sa.and_(Revision.bulletin_id == Bulletin.id, Revision.number == Bulletin.latest)
    query = sa.select(Bulletin.code, Revision.title).join(Revision, newest).where(Bulletin.code.in_(codes))
    return {row.code: row.title for row in session.execute(query)}


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the reader's messages, read ones too."""
    email = current_account().email
    with app_context().job_context.database.read() as session:
        rows, unread = _rows(session, email, LISTED), unread_count(session, email)
    return render_template("desk/people/messages.html", rows=rows, unread=unread)


@blueprint.post("/read")
@staff_required()
def read_all() -> ResponseReturnValue:
    """Mark every message of the reader as read."""
    context = app_context().job_context
    with context.database.write() as session:
        mark_all_read(session, current_account().email, now=context.now())
    flash_done(_("Đã đánh dấu đã đọc."))
    return redirect(url_for("bell.index"), 303)


@blueprint.post("/<public>")
@staff_required()
def open_message(public: str) -> ResponseReturnValue:
    """Mark one message as read, and go to what it is about."""
    context = app_context().job_context
    with context.database.write() as session:
        row = mark_read(session, current_account().id, public, now=context.now())
        code = row.more if row.what in WORK_EVENTS else ""
    return redirect(url_for("bulletins.show", code=code) if code else url_for("account.index"), 303)
