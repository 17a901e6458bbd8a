"""Roles and keys that wait for a second person, and what others did to the reader's account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.people.powers.account_messages import AccountEvent, mark_read, unread_messages
from campaigns.people.powers.confirmation import (
    Confirmers,
    confirm_key,
    confirm_role,
    held_accounts,
    refuse_key,
    refuse_role,
    waiting_keys,
    waiting_roles,
)
from campaigns.people.sessions import SessionEnd, end_sign_ins_of
from campaigns.people.staff import Actor, Person, Role, UnconfirmedWhy, find_by_email
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, new_uniquifier, staff_required
from coordinator.web.kit.notification_mail import MAIL_WORK_KIND
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.actors import actor_names
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("confirmations", __name__, url_prefix="/desk/confirmations")

REFUSE = "refuse"  # the button's value


@dataclass(frozen=True)
class WaitingRow:
    """A role (``email``) or a key (``public``) that waits. ``mine``: this reader may confirm it; ``own``: it is the
    reader's own account. ``others``: the names of those who may; empty when only the machine's operator may. ``held``:
    an account that works, but that ``asked_by`` added or had in hand."""

    name: str
    role: Role | None
    since: datetime
    asked_by: str
    why: UnconfirmedWhy | None
    joined: bool
    mine: bool
    own: bool
    others: tuple[str, ...]
    email: str = ""
    public: str = ""
    held: bool = False


def waiting_rows(session: Session, actor: Actor, *, with_held: bool = False, now: datetime) -> list[WaitingRow]:
    """Return everything that waits for a second person, roles first; ``with_held``: then accounts that work, but that
    somebody else added or had in hand."""
    roles, keys = waiting_roles(session), waiting_keys(session, now=now)
    held = held_accounts(session) if with_held else []
    if not roles and not keys and not held:
        return []
    every = [*(one.confirmers for one in [*roles, *held]), *(one.confirmers for one in keys)]
    ids = {email for confirmers in every for email in confirmers.emails}
    ids |= {email for one in [*roles, *held] for email in [one.person.unconfirmed_by or "", *one.person.in_hands_of]}
    ids |= {one.key.made_by or "" for one in keys}
    names = actor_names(session, ids)

    def others(confirmers: Confirmers) -> tuple[str, ...]:
        return tuple(names.get(email, email) for email in confirmers.emails)

    found = []
    for one in [*roles, *held]:
        person = one.person
        asked_by = person.unconfirmed_by or next(reversed(person.in_hands_of), "")
        found.append(
            WaitingRow(
                person.name, person.role, person.unconfirmed_since or person.created_at, names.get(asked_by, asked_by),
                person.unconfirmed_why, one.joined, one.joined and actor.id in one.confirmers.emails,
                person.email == actor.id, others(one.confirmers), email=person.email,
                held=person.unconfirmed_since is None,
            )
        )  # fmt: skip
    for waiting in keys:
        key = waiting.key
        if key.unconfirmed_since is not None:
            made_by = key.made_by or ""
            found.append(
                WaitingRow(
                    key.name, key.role, key.unconfirmed_since, names.get(made_by, made_by), None, True,
                    actor.id in waiting.confirmers.emails, False, others(waiting.confirmers), public=key.public,
                )
            )  # fmt: skip
    return found


@dataclass(frozen=True)
class MessageRow:
    """An unread message: its public id, its event and its sentence."""

    public: str
    what: AccountEvent
    sentence: str
    at: datetime


def message_rows(session: Session, actor: Actor) -> Sequence[MessageRow]:
    """Return what others did to this reader's account and the reader has not marked as read."""
    rows = unread_messages(session, actor.id)
    names = actor_names(session, {row.by for row in rows}) if rows else {}
    return [
        MessageRow(row.public, row.what, message_sentence(row.what, names.get(row.by, row.by), row.more), row.at)
        for row in rows
    ]


def message_sentence(what: AccountEvent, who: str, more: str) -> str:
    """Return a message in words. ``more``: the role, the key's name, or the bulletin's code."""
    match what:
        case AccountEvent.ROLE_ASKED:
            return _("%(who)s trao cho bạn vai trò mới; một người thứ hai còn phải xác nhận.", who=who)
        case AccountEvent.ROLE_CONFIRMED:
            return _("%(who)s đã xác nhận vai trò của bạn.", who=who)
        case AccountEvent.ROLE_REFUSED:
            return _("%(who)s không xác nhận vai trò của bạn; tài khoản bị tắt.", who=who)
        case AccountEvent.LINK_MADE:
            return _(
                "%(who)s tạo một đường dẫn đặt lại mật khẩu của bạn. Bạn không nhờ thì báo ngay người khác.", who=who
            )
        case AccountEvent.LINK_USED:
            return _(
                "Có người vào tài khoản của bạn bằng đường dẫn do %(who)s tạo. Không phải bạn thì báo ngay.", who=who
            )
        case AccountEvent.FACTOR_RESET:
            return _("%(who)s đặt lại lớp thứ hai của bạn. Bạn không nhờ thì báo ngay người khác.", who=who)
        case AccountEvent.UNLINKED:
            return _("%(who)s gỡ nối tài khoản của bạn với tài khoản của thành phố.", who=who)
        case AccountEvent.KEY_ASKED:
            return _(
                "%(who)s tạo khóa có quyền duyệt “%(name)s”; một người thứ hai còn phải xác nhận.", who=who, name=more
            )
        case AccountEvent.KEY_CONFIRMED:
            return _("%(who)s đã xác nhận khóa có quyền duyệt “%(name)s”.", who=who, name=more)
        case AccountEvent.TO_APPROVE:
            return _("%(who)s gửi duyệt bản tin %(code)s.", who=who, code=more)
        case AccountEvent.RETURNED:
            return _("%(who)s trả lại bản tin %(code)s để sửa.", who=who, code=more)
        case AccountEvent.COMMENTED:
            return _("%(who)s góp ý về bản tin %(code)s.", who=who, code=more)


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show what waits for a second person, with buttons for those who may confirm."""
    context = app_context().job_context
    with context.database.read() as session:
        rows = waiting_rows(session, current_actor(), with_held=True, now=context.now())
    return render_template("desk/people/confirmations.html", rows=rows)


@blueprint.post("/people/<email>")
@staff_required(fresh=True)
def decide_role(email: str) -> ResponseReturnValue:
    """Confirm or refuse a role that waits."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            person, now = _find_person(session, email), context.now()
            name = person.name
            if request.form.get("do") == REFUSE:
                refuse_role(session, current_actor(), person, now=now)
                person.fs_uniquifier = new_uniquifier()
                end_sign_ins_of(session, person.id, SessionEnd.CHANGED, now=now)
                done = _("Đã không xác nhận; tài khoản của %(name)s bị tắt.", name=name)
            else:
                confirm_role(session, current_actor(), person, now=now)
                done = _("Đã xác nhận vai trò của %(name)s.", name=name)
            own = person.email == current_actor().id
    except Conflict as error:
        return _refused(error)
    app_context().runner.nudge(MAIL_WORK_KIND)
    # Who confirms the own role has nothing else to confirm: the work waits on the day's page.
    return _done(done, "desk.today" if own else "confirmations.index")


@blueprint.post("/keys/<public>")
@staff_required(fresh=True)
def decide_key(public: str) -> ResponseReturnValue:
    """Confirm or refuse a key that waits."""
    context = app_context().job_context
    try:
        with context.database.write() as session:
            if request.form.get("do") == REFUSE:
                name = refuse_key(session, current_actor(), public, now=context.now()).name
                done = _("Đã hủy khóa %(name)s.", name=name)
            else:
                name = confirm_key(session, current_actor(), public, now=context.now()).name
                done = _("Đã xác nhận khóa %(name)s.", name=name)
    except Conflict as error:
        return _refused(error)
    return _done(done)


@blueprint.post("/messages/<public>/read")
@staff_required()
def read_message(public: str) -> ResponseReturnValue:
    """Mark a message about the reader's account as read."""
    context = app_context().job_context
    with context.database.write() as session:
        mark_read(session, _find_person(session, current_actor().id).id, public, now=context.now())
    return redirect(url_for("desk.today"), 303)


def _find_person(session: Session, email: str) -> Person:
    person = find_by_email(session, email)
    if person is None:
        raise NotFound(f"there is nobody with the address {email}", email=email)
    return person


def _refused(error: CampaignError) -> ResponseReturnValue:
    flash_trouble(error_sentence(error))
    return redirect(url_for("confirmations.index"), 303)


def _done(sentence: str, endpoint: str = "confirmations.index") -> ResponseReturnValue:
    flash_done(sentence)
    return redirect(url_for(endpoint), 303)
