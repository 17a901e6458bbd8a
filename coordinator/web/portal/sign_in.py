"""Sign-in to the portal, by an editor's one-time link or by a partner's key. A GET of the link changes nothing; the
button uses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import sqlalchemy as sa
from flask import Blueprint, Response, after_this_request, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import journal
from campaigns.core.errors import Conflict, NotFound
from campaigns.partners import editor_access
from campaigns.partners.directory import Company
from campaigns.partners.editor_access import find_editor_link, use_editor_link
from campaigns.people import sessions
from campaigns.people.keys import AccessKey, find_key, note_use
from campaigns.people.sessions import EDITOR_LIMITS
from campaigns.people.staff import Actor
from coordinator.web.auth.security import app_context
from coordinator.web.auth.sessions import device_name, is_human_request

VISIT_COOKIE = "lantoa_portal"
PORTAL_PATH = "/portal"
_SESSION_KEY = "partner"
_RETURN_KEY = "partner_return"
_LONGEST_RETURN = 2500  # a session is a cookie of 4 kB
KEY_VISIT_LIFETIME = timedelta(hours=12)  # of a key's visit: the same as a session of staff

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Visitor:
    """The signed-in visitor of a partner. ``actor``: for the journal; ``person``: the editor's name, '' for a key;
    ``key``: the public id of the key used, None for an editor.
    """

    actor: Actor
    company_id: int
    company: str
    name: str
    person: str = ""
    key: str | None = None


def begin_key_visit(text: str) -> bool:
    """Begin a visit with a key; return False, without a reason, for an invalid one."""
    context = app_context().job_context
    now = context.now()
    # The key is read before the write transaction, so that invalid keys do not block writers.
    with context.database.read() as reading:
        if not _is_partner_key(find_key(reading, text, now=now)):
            return False
    with context.database.write() as writing:
        key = find_key(writing, text, now=now)  # it may have been revoked meanwhile
        if key is None or key.company_id is None:
            return False
        company = writing.get_one(Company, key.company_id)
        if company.portal_closed_at is not None:
            return False
        note_use(writing, key.id, now=now)
        journal.record(writing, key.actor.id, "partner.entered", "partner", company.code, now=now)
        public = key.public
    end_visit()
    continue_with_key(public, now)
    return True


def continue_with_key(public: str, now: datetime) -> None:
    """Continue the visit with this key: the one just entered, or its replacement."""
    session[_SESSION_KEY] = {"key": public, "at": now.isoformat()}


def begin_editor_visit(secret: str) -> None:
    """Use a one-time link and begin its editor's visit. Raises ``NotFound`` or ``Conflict`` for an invalid one."""
    context = app_context().job_context
    now = context.now()
    with context.database.write() as writing:
        editor = use_editor_link(writing, secret, now=now)
        device = device_name(request.user_agent.string)
        token = editor_access.begin_visit(writing, editor, device=device, now=now).token
    end_visit()
    _set_cookie(token)


def _is_partner_key(key: AccessKey | None) -> bool:
    return key is not None and key.company_id is not None


def end_visit() -> None:
    """End the visit of either kind."""
    session.pop(_SESSION_KEY, None)
    token = request.cookies.get(VISIT_COOKIE)
    if token is None:
        return
    context = app_context().job_context
    with context.database.write() as writing:
        sessions.leave_session(writing, token, now=context.now())
    _drop_cookie()


def _set_cookie(token: str) -> None:
    secure = app_context().settings.base_url.startswith("https://")
    longest = int(EDITOR_LIMITS.longest.total_seconds())

    @after_this_request
    def _(response: Response) -> Response:
        response.set_cookie(
            VISIT_COOKIE, token, max_age=longest, path=PORTAL_PATH, secure=secure, httponly=True, samesite="Lax"
        )
        return response


def _drop_cookie() -> None:
    @after_this_request
    def _(response: Response) -> Response:
        response.delete_cookie(VISIT_COOKIE, path=PORTAL_PATH, httponly=True, samesite="Lax")
        return response


def has_visitor() -> bool:
    """Whether this request is of a signed-in visitor; its body is not read."""
    return _find_visitor() is not None


def _find_visitor() -> Visitor | None:
    token = request.cookies.get(VISIT_COOKIE)
    found = _editor_visitor(token) if token else None
    return found or _key_visitor()


def _editor_visitor(token: str) -> Visitor | None:
    context = app_context().job_context
    now = context.now()
    with context.database.read() as reading:
        visit = editor_access.find_visit(reading, token, now=now)
        if visit is None:
            return None
        row, editor = visit
        company = editor.company
        visitor = Visitor(editor.actor, company.id, company.code, company.name, person=editor.name)
        session_id, is_due = row.id, sessions.use_is_due(row, now=now)
    if is_due and is_human_request():
        with context.database.write() as writing:
            sessions.record_use(writing, session_id, now=now)
    return visitor


def _key_visitor() -> Visitor | None:
    kept = session.get(_SESSION_KEY)
    if not isinstance(kept, dict):
        return None
    context = app_context().job_context
    now = context.now()
    if now - datetime.fromisoformat(kept["at"]) >= KEY_VISIT_LIFETIME:
        return None
    with context.database.read() as reading:
        key = reading.execute(sa.select(AccessKey).where(AccessKey.public == kept["key"])).scalar_one_or_none()
        if key is None or not key.lives(now) or key.company_id is None:
            return None
        company = reading.get_one(Company, key.company_id)
        if company.portal_closed_at is not None:
            return None
        # By the company's name: an answer is the company's, whatever the key is called.
        return Visitor(Actor(key.actor.id, company.name, None), company.id, company.code, company.name, key=key.public)


def partner_required(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
    """Decorate a view for partners: a request without a visit is redirected to sign-in."""

    @wraps(view)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
        visitor = _find_visitor()
        if visitor is None:
            if request.cookies.get(VISIT_COOKIE) is not None:
                _drop_cookie()
            session.pop(_SESSION_KEY, None)
            _remember_return()
            return redirect(url_for("portal.enter"))
        g.visitor = visitor
        return view(*args, **kwargs)

    inner.__dict__["lantoa_partner"] = True
    return inner


def _remember_return() -> None:
    """Remember a form that was opened filled in, to return to it after the sign-in."""
    if request.method == "GET" and request.query_string and len(request.full_path) <= _LONGEST_RETURN:
        session[_RETURN_KEY] = request.full_path


def address_after_sign_in() -> str:
    """Return the form that was asked for before the sign-in, once; else the front page of the portal."""
    return str(session.pop(_RETURN_KEY, "")) or url_for("portal.home")


def current_visitor() -> Visitor:
    """Return the visitor. Only inside a view with ``partner_required``."""
    return cast(Visitor, g.visitor)


blueprint = Blueprint("joining", __name__)

# The address is a secret: it is not sent as a referrer and not indexed.
LINK_PAGE_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@blueprint.route("/join/<secret>", methods=["GET", "POST"])
def page(secret: str) -> ResponseReturnValue:
    """Show whose link it is, and sign in by a button. An invalid link gives no reason."""
    context = app_context().job_context
    with context.database.read() as reading:
        link = find_editor_link(reading, secret, now=context.now())
        known = (link.editor.name, link.editor.company.name) if link is not None else None
    if known is None:
        return _expired_link_page()
    if request.method == "POST":
        try:
            begin_editor_visit(secret)
        except (NotFound, Conflict):
            return _expired_link_page()
        return redirect(address_after_sign_in(), 303)
    name, partner = known
    return render_template("portal/editor_link.html", name=name, partner=partner), 200, LINK_PAGE_HEADERS


def _expired_link_page() -> ResponseReturnValue:
    return render_template("portal/editor_link_expired.html"), 410, LINK_PAGE_HEADERS
