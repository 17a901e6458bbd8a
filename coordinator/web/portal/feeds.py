"""A partner's feeds and keys: where to read, when each key was last used, and another key in place of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict
from campaigns.people.keys import OVERLAP, Key, exchange_key, find_own_key
from campaigns.publishing.fetches import FeedFetch
from coordinator.feeds.formats import FORMATS
from coordinator.web.desk import once
from coordinator.web.desk.partner_rows import KeyLine, key_line
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.portal import visiting
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.saying import _
from coordinator.web.security import front
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")

IN_ADDRESS = "KHOA"  # where the key stands in an address; a key itself is never shown again


@dataclass(frozen=True)
class OwnKey:
    """A key with how it was used. ``feed``, ``fetched_at``: what it read last; ``here``: the visit goes by it."""

    key: KeyLine
    replaced: bool
    ends_at: datetime | None
    feed: str
    fetched_at: datetime | None
    here: bool


@blueprint.get("")
@partner
def index() -> ResponseReturnValue:
    """Addresses, keys, and a key just made, once."""
    who, place = visitor(), front().place
    with place.database.read() as session:
        keys = _keys(session, who.company_id, who.key, place.now())
    secret = once.take(request.path)
    return render_template(
        "portal/feeds.html",
        who=who,
        keys=[one for one in keys if one.key.standing != "ended"],
        ended=sum(one.key.standing == "ended" for one in keys),
        addresses=[(name, place.addresses.feed(name, secret.text if secret else IN_ADDRESS)) for name in FORMATS],
        secret=secret,
        days=OVERLAP.days,
        in_address=IN_ADDRESS,
    )


@blueprint.post("/<public>/exchange")
@partner
def exchange(public: str) -> ResponseReturnValue:
    """Take another key in place of one; the former goes on for a week, or ends at once."""
    who, place = visitor(), front().place
    at_once, now = bool(request.form.get("at_once")), place.now()
    try:
        with place.database.write() as session:
            key = find_own_key(session, who.company_id, public)
            made = exchange_key(session, who.actor.id, key, at_once=at_once, now=now)
            text, name, fresh = made.text, made.row.name, made.row.public
    except Conflict as error:
        say_trouble(error_sentence(error, language()))
        return redirect(url_for("portal.feeds.index"), 303)
    if who.key == public:
        visiting.go_on_with(fresh, now)  # whoever came by the former key goes on, and sees the new one
    once.keep(once.Secret(name, text, url_for("portal.feeds.index")))
    say_done(_("Đã đổi khóa; khóa cũ hết dùng.") if at_once else _("Đã đổi khóa; khóa cũ còn dùng thêm 7 ngày."))
    return redirect(url_for("portal.feeds.index"), 303)


def _keys(session: Session, company_id: int, here: str | None, now: datetime) -> Sequence[OwnKey]:
    newest = (
        sa.select(FeedFetch.key_id, sa.func.max(FeedFetch.id).label("last"))
        .where(FeedFetch.company_id == company_id)
        .group_by(FeedFetch.key_id)
        .subquery()
    )
    query = (
        sa.select(Key, FeedFetch.feed, FeedFetch.at)
        .outerjoin(newest, newest.c.key_id == Key.id)
        .outerjoin(FeedFetch, FeedFetch.id == newest.c.last)
        .where(Key.company_id == company_id)
        .order_by(Key.id.desc())
    )
    return [
        OwnKey(key_line(key, now), key.replaced_by is not None, key.expires_at, feed or "", at, key.public == here)
        for key, feed, at in session.execute(query)
    ]
