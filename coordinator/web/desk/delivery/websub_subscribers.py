"""WebSub subscribers: programs that the hub notifies when a feed changes, and the outcome of their notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.delivery import websub_subscriptions
from campaigns.delivery.websub_subscriptions import SubscriptionState, WebsubSubscription
from campaigns.partners.directory import Company
from campaigns.people import keys
from campaigns.people.staff import Permission
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery.feed_serving import topic_query
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.templating import flash_done

blueprint = Blueprint("listeners", __name__)


@dataclass(frozen=True)
class SubscriberRow:
    """One subscription, without its secret or the key in a partner's feed address. ``partner``: (code, name) of the
    partner whose feed it is. ``notified_at``: last notification; ``next_at``: next attempt.
    """

    ident: int
    callback: str
    feed: str
    topic: str | None
    partner: tuple[str, str] | None
    state: SubscriptionState
    expires_at: datetime | None
    notified_at: datetime | None
    next_at: datetime | None
    tries: int
    last_error: str


@blueprint.get("/_listeners")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the subscriptions, ordered by host."""
    context = app_context().job_context
    with context.database.read() as session:
        page = websub_subscriptions.list_subscriptions(session, pagination.page_number())
        part = page.with_rows(_subscriber_rows(session, context, page.rows))
    return render_template(
        "desk/delivery/websub_subscribers.html",
        part=part,
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


@blueprint.post("/_listeners/<ident>/end")
@staff_required(Permission.CONFIGURE)
def end(ident: str) -> ResponseReturnValue:
    """End a subscription."""
    if not (ident.isascii() and ident.isdecimal() and len(ident) < 10):
        abort(404)
    context = app_context().job_context
    with context.database.write() as session:
        host = websub_subscriptions.end_subscription(
            session, current_actor().id, int(ident), now=context.now()
        ).callback_host
    flash_done(_("%(host)s không còn được báo nữa; nơi này có thể đăng ký lại.", host=host))
    return redirect(url_for("channels.listeners.index"), 303)


def _subscriber_rows(session: Session, context: JobContext, rows: Sequence[WebsubSubscription]) -> list[SubscriberRow]:
    queries = [topic_query(context, str(context.encryption.decrypt(row.encrypted_topic)["topic"])) for row in rows]
    owners = keys.companies_of_keys(
        session, {query.key for query in queries if query is not None and query.key is not None}
    )
    named = sa.select(Company.id, Company.code, Company.name).where(Company.id.in_(owners.values()))
    partners = {ident: (code, name) for ident, code, name in session.execute(named)}
    return [
        SubscriberRow(
            ident=row.id,
            callback=row.callback,
            feed=query.name if query is not None else "",
            topic=query.topic if query is not None else None,
            partner=partners.get(owners.get(query.key or "", 0)) if query is not None else None,
            state=row.state,
            expires_at=row.expires_at,
            notified_at=row.sent_change,
            next_at=row.due_at,
            tries=row.attempt,
            last_error=row.last_error,
        )
        for row, query in zip(rows, queries, strict=True)
    ]
