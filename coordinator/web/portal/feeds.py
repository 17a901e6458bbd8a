"""A partner's feeds and keys: addresses, last use of each key, and key rotation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.errors import Conflict
from campaigns.delivery.feed_fetches import FeedFetch
from campaigns.people.keys import OVERLAP, AccessKey, exchange_key, find_partner_key
from coordinator.feeds.formats import FORMATS
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.desk.partners.queries import KeyRow, key_row
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.portal import sign_in
from coordinator.web.portal.sign_in import current_visitor, partner_required

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")

KEY_PLACEHOLDER = "KHOA"  # placeholder of the key in an address; a key is never shown again


@dataclass(frozen=True)
class PartnerKeyRow:
    """A key with its use. ``feed``, ``fetched_at``: its last fetch; ``here``: the present visit uses it."""

    key: KeyRow
    replaced: bool
    ends_at: datetime | None
    feed: str
    fetched_at: datetime | None
    here: bool


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """Show addresses, keys, and a new key once."""
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        keys = _key_rows(session, visitor.company_id, visitor.key, context.now())
    secret = one_time_secret.take(request.path)
    return render_template(
        "portal/feeds.html",
        visitor=visitor,
        keys=[row for row in keys if row.key.standing != "ended"],
        ended=sum(row.key.standing == "ended" for row in keys),
        addresses=[
            (name, context.addresses.feed(name, secret.text if secret else KEY_PLACEHOLDER)) for name in FORMATS
        ],
        secret=secret,
        days=OVERLAP.days,
        in_address=KEY_PLACEHOLDER,
    )


@blueprint.post("/<public>/exchange")
@partner_required
def exchange(public: str) -> ResponseReturnValue:
    """Replace a key; the former one is valid for another week, or ends at once."""
    visitor, context = current_visitor(), app_context().job_context
    at_once, now = bool(request.form.get("at_once")), context.now()
    try:
        with context.database.write() as session:
            key = find_partner_key(session, visitor.company_id, public)
            made = exchange_key(session, visitor.actor.id, key, at_once=at_once, now=now)
            text, name, fresh = made.text, made.row.name, made.row.public
    except Conflict as error:
        flash_trouble(error_sentence(error))
        return redirect(url_for("portal.feeds.index"), 303)
    if visitor.key == public:
        sign_in.continue_with_key(fresh, now)  # a visit with the former key continues and shows the new one
    one_time_secret.keep(one_time_secret.OneTimeSecret(name, text, url_for("portal.feeds.index")))
    flash_done(_("Đã đổi khóa; khóa cũ hết dùng.") if at_once else _("Đã đổi khóa; khóa cũ còn dùng thêm 7 ngày."))
    return redirect(url_for("portal.feeds.index"), 303)


def _key_rows(session: Session, company_id: int, here: str | None, now: datetime) -> Sequence[PartnerKeyRow]:
    newest = (
        sa.select(FeedFetch.key_id, sa.func.max(FeedFetch.id).label("last"))
        .where(FeedFetch.company_id == company_id)
        .group_by(FeedFetch.key_id)
        .subquery()
    )
    query = (
        sa.select(AccessKey, FeedFetch.feed, FeedFetch.at)
        .outerjoin(newest, newest.c.key_id == AccessKey.id)
        .outerjoin(FeedFetch, FeedFetch.id == newest.c.last)
        .where(AccessKey.company_id == company_id)
        .order_by(AccessKey.id.desc())
    )
    return [
        PartnerKeyRow(
            key_row(key, now), key.replaced_by is not None, key.expires_at, feed or "", at, key.public == here
        )
        for key, feed, at in session.execute(query)
    ]
