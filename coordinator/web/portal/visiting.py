"""Who visits the portal: an editor who came by a one-time link, or a partner's key given once in a form.

An editor's visit is a row, found by the token in a cookie of the portal's own; it ends by itself, by leaving, and at
once when the department ends it, switches the editor off or closes the portal to the partner. A key's visit lives in
the session, which holds the key's public id and nothing that proves it; the key is asked for anew at every page.
Whoever comes in by one way leaves the visit of the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import sqlalchemy as sa
from flask import Response, after_this_request, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import journal
from campaigns.partners import editor_visits
from campaigns.partners.directory import Company
from campaigns.partners.editor_links import use_link
from campaigns.people.keys import Key, find_key, note_use
from campaigns.people.staff import Actor
from coordinator.web.security import front
from coordinator.web.sign_ins import device_words

COOKIE = "lantoa_portal"
PATH = "/portal"
_NAME = "partner"
LONGEST = timedelta(hours=12)  # of a key's visit: as long as a member of staff stays signed in

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Visitor:
    """Whoever is here for a partner. ``actor`` is what the journal keeps; ``person``: the editor's name, '' for a key;
    ``key``: the public id of the key that let them in, None for an editor."""

    actor: Actor
    company_id: int
    company: str
    name: str
    person: str = ""
    key: str | None = None


def begin(text: str) -> bool:
    """Begin a visit with a key; False, without a word why, for one that opens nothing."""
    place = front().place
    now = place.now()
    # Read first: whoever tries keys that are none keeps no writer waiting.
    with place.database.read() as reading:
        if not _opens(find_key(reading, text, now=now)):
            return False
    with place.database.write() as writing:
        key = find_key(writing, text, now=now)  # it may have been ended meanwhile
        if key is None or key.company_id is None:
            return False
        company = writing.get_one(Company, key.company_id)
        if company.portal_closed_at is not None:
            return False
        note_use(writing, key.id, now=now)
        journal.record(writing, key.actor.id, "partner.entered", "partner", company.code, now=now)
        public = key.public
    end()
    go_on_with(public, now)
    return True


def go_on_with(public: str, now: datetime) -> None:
    """Visit by this key from now on: the one just given, or the one that took its place."""
    session[_NAME] = {"key": public, "at": now.isoformat()}


def come_by_link(secret: str) -> None:
    """Use a one-time link up and begin its editor's visit. Raises ``NotFound`` or ``Conflict`` for one that is over."""
    place = front().place
    now = place.now()
    with place.database.write() as writing:
        editor = use_link(writing, secret, now=now)
        device = device_words(request.user_agent.string)
        token = editor_visits.begin_visit(writing, editor, device=device, now=now).token
    end()
    _set_cookie(token)


def _opens(key: Key | None) -> bool:
    return key is not None and key.company_id is not None


def end() -> None:
    """End the visit, by whichever way it was begun."""
    session.pop(_NAME, None)
    token = request.cookies.get(COOKIE)
    if token is None:
        return
    place = front().place
    with place.database.write() as writing:
        editor_visits.leave_visit(writing, token, now=place.now())
    _drop_cookie()


def _set_cookie(token: str) -> None:
    secure = front().settings.base_url.startswith("https://")
    longest = int(editor_visits.LONGEST.total_seconds())

    @after_this_request
    def _(response: Response) -> Response:
        response.set_cookie(COOKIE, token, max_age=longest, path=PATH, secure=secure, httponly=True, samesite="Lax")
        return response


def _drop_cookie() -> None:
    @after_this_request
    def _(response: Response) -> Response:
        response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Lax")
        return response


def _visitor() -> Visitor | None:
    token = request.cookies.get(COOKIE)
    found = _editor(token) if token else None
    return found or _holder_of_key()


def _editor(token: str) -> Visitor | None:
    place = front().place
    now = place.now()
    with place.database.read() as reading:
        row = editor_visits.find_visit(reading, token, now=now)
        if row is None:
            return None
        editor, company = row.editor, row.editor.company
        found = Visitor(editor.actor, company.id, company.code, company.name, person=editor.name)
        ident, note = row.id, editor_visits.worth_noting(row, now=now) and _is_use()
    if note:
        with place.database.write() as writing:
            editor_visits.note_visit(writing, ident, now=now)
    return found


def _is_use() -> bool:
    """Whether a person did this: a page that asks for news by itself keeps nobody in."""
    return request.headers.get("HX-Trigger-Name") is not None or request.headers.get("HX-Request") is None


def _holder_of_key() -> Visitor | None:
    kept = session.get(_NAME)
    if not isinstance(kept, dict):
        return None
    place = front().place
    now = place.now()
    if now - datetime.fromisoformat(kept["at"]) >= LONGEST:
        return None
    with place.database.read() as reading:
        key = reading.execute(sa.select(Key).where(Key.public == kept["key"])).scalar_one_or_none()
        if key is None or not key.lives(now) or key.company_id is None:
            return None
        company = reading.get_one(Company, key.company_id)
        if company.portal_closed_at is not None:
            return None
        # By the company's name: whoever answers speaks for it, whatever the key is called.
        return Visitor(Actor(key.actor.id, company.name, None), company.id, company.code, company.name, key=key.public)


def partner(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
    """A view for partners: whoever has no visit is led to its beginning."""

    @wraps(view)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
        visitor = _visitor()
        if visitor is None:
            if request.cookies.get(COOKIE) is not None:
                _drop_cookie()
            session.pop(_NAME, None)
            return redirect(url_for("portal.enter"))
        g.visitor = visitor
        return view(*args, **kwargs)

    inner.__dict__["lantoa_partner"] = True
    return inner


def visitor() -> Visitor:
    """Who visits. Only inside a view that ``partner`` guards."""
    return cast(Visitor, g.visitor)
