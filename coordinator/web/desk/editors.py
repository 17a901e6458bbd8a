"""Who of a partner may enter the portal: invited by name, let in by a one-time link, seen and ended visit by visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import CampaignError, Conflict, NotFound
from campaigns.partners import editors as people
from campaigns.partners.directory import Company, find_company
from campaigns.partners.editor_links import make_link, open_links_of, revoke_editor_links
from campaigns.partners.editor_visits import Ended, end_visits, open_visits, revoke_visit
from campaigns.partners.editors import Editor, add_editor, change_editor, editors_of, find_editor
from campaigns.people import letters
from campaigns.people.letters import LetterKind
from campaigns.people.staff import May
from coordinator.web.desk import inputs, once
from coordinator.web.look import say_done, say_trouble
from coordinator.web.notices import LETTERS, send_editor_link
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("editors", __name__)


@dataclass(frozen=True)
class VisitLine:
    """One open visit."""

    public: str
    device: str
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class EditorLine:
    """An editor as pages show them. ``link_until``: how long an unused link still works; ``visits``: open ones."""

    public: str
    name: str
    email: str
    active: bool
    invited_by: str
    created_at: datetime
    link_until: datetime | None
    visits: Sequence[VisitLine]

    @property
    def seen_at(self) -> datetime | None:
        """When they were last here, of the visits that are open."""
        return self.visits[0].seen_at if self.visits else None


def editor_lines(session: Session, company: Company, now: datetime) -> list[EditorLine]:
    """Everybody of a partner, three statements for all of them."""
    rows = editors_of(session, company)
    links = open_links_of(session, rows, now=now)
    visits: dict[int, list[VisitLine]] = {}
    for one in open_visits(session, rows, now=now):
        line = VisitLine(one.public, one.device, one.began_at, one.seen_at)
        visits.setdefault(one.editor_id, []).append(line)
    return [
        EditorLine(
            row.public, row.name, row.email, row.active, row.invited_by, row.created_at, links.get(row.id),
            visits.get(row.id, []),
        )
        for row in rows
    ]  # fmt: skip


@blueprint.route("/<code>/editors/_new", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def new(code: str) -> ResponseReturnValue:
    """Invite somebody of a partner: their link is mailed, or the page that follows shows it, once."""
    place = front().place
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            with place.database.write() as session:
                company = find_company(session, code)
                editor = add_editor(
                    session, actor(), company, email=inputs.text("email"), name=inputs.text("name"), now=place.now()
                )
                public, name, email, secret = editor.public, editor.name, editor.email, ""
                if place.mail is not None:
                    send_editor_link(front(), session, editor, actor().id)
                else:
                    secret = make_link(session, actor(), editor, now=place.now()).secret
        except NotFound:
            raise
        except CampaignError as error:
            errors = inputs.said(error)
        else:
            return _show_link(code, public, name, secret) if secret else _mailed(code, public, email)
    with place.database.read() as session:
        partner = find_company(session, code).name
    values = {name: request.form.get(name, "") for name in ("name", "email")}
    shown = render_template(
        "partners/editor_new.html",
        code=code,
        partner=partner,
        values=values,
        errors=errors,
        mails=place.mail is not None,
    )
    return (shown, 422) if errors else shown


@blueprint.route("/<code>/editors/<public>", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def page(code: str, public: str) -> ResponseReturnValue:
    """One editor: their name, whether they may enter, their link, their visits."""
    place = front().place
    if request.method == "GET":
        return _page(code, public, {})
    active = "active" in request.form
    try:
        with place.database.write() as session:
            editor = find_editor(session, find_company(session, code), public)
            change_editor(session, actor(), editor, name=inputs.text("name"), active=active, now=place.now())
            if not active:
                end_visits(session, [editor], Ended.CLOSED, now=place.now())
                _take_back(session, [editor], place.now())
            name = editor.name
    except NotFound:
        raise
    except CampaignError as error:
        return _page(code, public, inputs.said(error)), 422
    say_done(_("Đã lưu %(name)s.", name=name))
    return redirect(url_for("partners.page", code=code, _anchor="nguoi-vao-cong"), 303)


@blueprint.post("/<code>/editors/<public>/link")
@staff(May.CONFIGURE, fresh=True)
def link(code: str, public: str) -> ResponseReturnValue:
    """Mail an editor a one-time link, or make one to be copied, or take it back."""
    place = front().place
    secret, mails = "", bool(request.form.get("mail")) and place.mail is not None
    try:
        with place.database.write() as session:
            editor = find_editor(session, find_company(session, code), public)
            name, email = editor.name, editor.email
            letters.call_off(session, LetterKind.EDITOR, email, more=public)  # it would end whatever is made now
            if request.form.get("revoke"):
                mails = False
                revoke_editor_links(session, actor(), [editor], now=place.now())
            elif mails:
                if not editor.may_enter:
                    raise Conflict(f"{email} may not enter", code="editor_off", email=email)
                send_editor_link(front(), session, editor, actor().id)
            else:
                secret = make_link(session, actor(), editor, now=place.now()).secret
    except Conflict as error:
        return _page(code, public, inputs.said(error)), 422
    if mails:
        return _mailed(code, public, email)
    if secret:
        return _show_link(code, public, name, secret)
    say_done(_("Đã thu lại đường dẫn."))
    return redirect(url_for("partners.editors.page", code=code, public=public), 303)


@blueprint.post("/<code>/editors/<public>/end-visit")
@staff(May.CONFIGURE, fresh=True)
def end_visit(code: str, public: str) -> ResponseReturnValue:
    """End one visit of an editor."""
    place = front().place
    try:
        with place.database.write() as session:
            editor = find_editor(session, find_company(session, code), public)
            revoke_visit(session, actor(), editor, inputs.text("visit"), now=place.now())
    except NotFound as error:
        if "visit" not in error.params:
            raise
        say_trouble(_("Phiên này đã kết thúc từ trước."))
    else:
        say_done(_("Đã kết thúc phiên."))
    return redirect(url_for("partners.editors.page", code=code, public=public), 303)


@blueprint.route("/<code>/portal", methods=["GET", "POST"])
@staff(May.CONFIGURE, fresh=True)
def portal(code: str) -> ResponseReturnValue:
    """Say what closing the portal to a partner means, then do it; or open it again."""
    place = front().place
    with place.database.read() as session:
        company = find_company(session, code)
        name, closed = company.name, company.portal_closed_at
        visits = sum(len(one.visits) for one in editor_lines(session, company, place.now()))
    if request.method == "GET":
        return render_template("partners/portal_turn.html", code=code, partner=name, closed=closed, visits=visits)
    opens = inputs.text("turn") == "open"
    try:
        with place.database.write() as session:
            company = find_company(session, code)
            if opens:
                people.open_portal(session, actor(), company, now=place.now())
            else:
                everybody = editors_of(session, company)
                people.close_portal(session, actor(), company, now=place.now())
                end_visits(session, everybody, Ended.CLOSED, now=place.now())
                _take_back(session, everybody, place.now())
    except Conflict as error:
        say_trouble(next(iter(inputs.said(error).values())))
    else:
        say_done(_("Đã mở cổng cho %(name)s.", name=name) if opens else _("Đã đóng cổng với %(name)s.", name=name))
    return redirect(url_for("partners.page", code=code), 303)


def _take_back(session: Session, editors: Sequence[Editor], now: datetime) -> None:
    """End the links of these editors, those still on their way among them: letters first, since one that is being
    written at this moment has its link when it lets go."""
    for one in editors:
        letters.call_off(session, LetterKind.EDITOR, one.email, more=one.public)
    revoke_editor_links(session, actor(), editors, now=now)


def _mailed(code: str, public: str, email: str) -> ResponseReturnValue:
    front().runner.nudge(LETTERS)
    say_done(_("Thư kèm đường dẫn đang được gửi tới %(email)s.", email=email))
    return redirect(url_for("partners.editors.page", code=code, public=public), 303)


def _show_link(code: str, public: str, name: str, secret: str) -> ResponseReturnValue:
    path = url_for("partners.editors.page", code=code, public=public)
    address = front().settings.base_url + url_for("portal.joining.page", secret=secret)
    once.keep(once.Secret(name, address, path))
    return redirect(path, 303)


def _page(code: str, public: str, errors: dict[str, str]) -> str:
    place = front().place
    with place.database.read() as session:
        company = find_company(session, code)
        wanted = find_editor(session, company, public).public
        row = next(one for one in editor_lines(session, company, place.now()) if one.public == wanted)
        partner, closed = company.name, company.portal_closed_at
        mailed = letters.links_sent(session, LetterKind.EDITOR, row.email, more=row.public)
    sent = request.method == "POST" and request.endpoint == "partners.editors.page"
    return render_template(
        "partners/editor.html",
        code=code,
        partner=partner,
        closed=closed,
        row=row,
        name=request.form.get("name", row.name) if sent else row.name,
        active="active" in request.form if sent else row.active,
        errors=errors,
        secret=once.take(request.path),
        mails=place.mail is not None,
        mailed=mailed,
    )
