"""Who listens to the hub: programs that are told when a feed changes, and how each of them takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.partners.directory import Company
from campaigns.people import keys
from campaigns.people.staff import May
from campaigns.publishing import subscriptions
from campaigns.publishing.subscriptions import Subscription, SubscriptionState
from coordinator.jobs.serving import query_of
from coordinator.jobs.workplace import Workplace
from coordinator.web.desk import listing
from coordinator.web.look import say_done
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("listeners", __name__)


@dataclass(frozen=True)
class Listener:
    """One subscription as it is shown: never its secret, nor the key in a partner's feed. ``partner``: (code, name) of
    whose own feed it is. ``told_at``: when it was last sent the feed; ``next_at``: when it will be tried again."""

    ident: int
    callback: str
    feed: str
    topic: str | None
    partner: tuple[str, str] | None
    state: SubscriptionState
    expires_at: datetime | None
    told_at: datetime | None
    next_at: datetime | None
    tries: int
    last_error: str


@blueprint.get("/_listeners")
@staff()
def index() -> ResponseReturnValue:
    """The programs that subscribed, by their host."""
    place = front().place
    number = listing.page_number()
    with place.database.read() as session:
        rows, total = subscriptions.listeners(session, listing.PAGE, (number - 1) * listing.PAGE)
        shown = _listed(session, place, rows)
    return render_template(
        "channels/listeners.html",
        part=listing.Part(shown, total, number),
        may_configure=actor().may(May.CONFIGURE),
    )


@blueprint.post("/_listeners/<ident>/end")
@staff(May.CONFIGURE)
def end(ident: str) -> ResponseReturnValue:
    """Tell one of them no more."""
    if not (ident.isascii() and ident.isdecimal() and len(ident) < 10):
        abort(404)
    place = front().place
    with place.database.write() as session:
        host = subscriptions.end(session, actor().id, int(ident), now=place.now()).callback_host
    say_done(_("%(host)s không còn được báo nữa; họ có thể đăng ký lại.", host=host))
    return redirect(url_for("channels.listeners.index"), 303)


def _listed(session: Session, place: Workplace, rows: Sequence[Subscription]) -> list[Listener]:
    queries = [query_of(place, str(place.seal.open(row.sealed_topic)["topic"])) for row in rows]
    owners = keys.companies_of(session, {one.key for one in queries if one is not None and one.key is not None})
    named = sa.select(Company.id, Company.code, Company.name).where(Company.id.in_(owners.values()))
    partners = {ident: (code, name) for ident, code, name in session.execute(named)}
    return [
        Listener(
            ident=row.id,
            callback=row.callback,
            feed=query.name if query is not None else "",
            topic=query.topic if query is not None else None,
            partner=partners.get(owners.get(query.key or "", 0)) if query is not None else None,
            state=row.state,
            expires_at=row.expires_at,
            told_at=row.sent_change,
            next_at=row.due_at,
            tries=row.attempt,
            last_error=row.last_error,
        )
        for row, query in zip(rows, queries, strict=True)
    ]
