"""Who visits the portal: a partner's key, given once in a form, becomes a visit that ends by itself.

The session holds the key's public id and nothing that proves it; the cookie is signed. The key itself is asked for anew
at every page: ended or expired, it ends the visit at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import sqlalchemy as sa
from flask import g, redirect, session, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import journal
from campaigns.partners.directory import Company
from campaigns.people.keys import Key, find_key, note_use
from campaigns.people.staff import Actor
from coordinator.web.security import front

_NAME = "partner"
LONGEST = timedelta(hours=12)  # as long as a member of staff stays signed in

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Visitor:
    """A partner's key at work. ``actor`` is what the journal keeps."""

    actor: Actor
    company_id: int
    company: str
    name: str


def begin(text: str) -> bool:
    """Begin a visit with a key; False, without a word why, for one that is no partner's live key."""
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
        note_use(writing, key.id, now=now)
        journal.record(writing, key.actor.id, "partner.entered", "partner", company.code, now=now)
        public = key.public
    session[_NAME] = {"key": public, "at": now.isoformat()}
    return True


def _opens(key: Key | None) -> bool:
    return key is not None and key.company_id is not None


def end() -> None:
    """End the visit."""
    session.pop(_NAME, None)


def _visitor() -> Visitor | None:
    kept = session.get(_NAME)
    if not isinstance(kept, dict):
        return None
    place = front().place
    now = place.now()
    if now - datetime.fromisoformat(kept["at"]) >= LONGEST:
        return None
    with place.database.read() as reading:
        key = reading.execute(sa.select(Key).where(Key.public == kept["key"])).scalar_one_or_none()
        ended = key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
        if key is None or ended or key.company_id is None:
            return None
        company = reading.get_one(Company, key.company_id)
        # By the company's name: whoever answers speaks for it, whatever the key is called.
        return Visitor(Actor(key.actor.id, company.name, None), company.id, company.code, company.name)


def partner(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
    """A view for partners: whoever has no visit is led to its beginning."""

    @wraps(view)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
        visitor = _visitor()
        if visitor is None:
            end()
            return redirect(url_for("portal.enter"))
        g.visitor = visitor
        return view(*args, **kwargs)

    inner.__dict__["lantoa_partner"] = True
    return inner


def visitor() -> Visitor:
    """Who visits. Only inside a view that ``partner`` guards."""
    return cast(Visitor, g.visitor)
