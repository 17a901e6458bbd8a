"""Delivery pages: the list, one delivery with its attempts, and the actions retry and settle."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import Conflict, Invalid
from campaigns.delivery.outbox import DeliveryFilter, DeliveryState
from campaigns.people.staff import Permission
from coordinator.jobs.release import commands
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.delivery import broadcasts, queries
from coordinator.web.desk.delivery.queries import DeliveryView, delivery_view
from coordinator.web.kit.forms import autocomplete, fields
from coordinator.web.kit.forms.autocomplete import PickableKind
from coordinator.web.kit.forms.datetimes import requested_days
from coordinator.web.kit.links import bulletin_url, channel_url
from coordinator.web.kit.lists import report_scope
from coordinator.web.kit.lists.pagination import page_number
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.state_labels import value_label

blueprint = Blueprint("deliveries", __name__, url_prefix="/desk/deliveries")
blueprint.register_blueprint(broadcasts.blueprint)

OUTCOMES = ("arrived", "again", "drop")


def _rights() -> dict[str, bool]:
    """Return the buttons that this reader's role allows."""
    actor = current_actor()
    return {
        "retry": actor.may(Permission.APPROVE) or actor.may(Permission.CONFIGURE),
        "settle": actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW),
        "configure": actor.may(Permission.CONFIGURE),
    }


@blueprint.get("")
@staff_required()
def index() -> ResponseReturnValue:
    """Show the list by bulletin, and that of one bulletin row by row. Without a filter it opens on deliveries that wait
    for a person, if there are any."""
    context = app_context().job_context
    now = context.now()
    with context.database.read() as session:
        channel = autocomplete.single_field(session, PickableKind.CHANNEL, "channel", request.args)
        if (moved := autocomplete.resolved_url(channel)) is not None:
            return moved
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        days = requested_days(request.args)
        filters = requested_filter(DeliveryFilter, days.settled(autocomplete.resolved_query(channel, partner)))
        filters.check_codes(session)
        waiting = queries.count_deliveries(session, DeliveryFilter(needs=True), context.delivery_modes, now=now)
        if waiting and "view" not in request.args and not filters.narrowed:
            filters = DeliveryFilter(needs=True)
        read = queries.list_deliveries if filters.bulletin else queries.list_delivery_groups
        part = read(session, filters, context.delivery_modes, page_number(), now=now)
        total = (
            part.total
            if filters.bulletin
            else queries.count_deliveries(session, filters, context.delivery_modes, now=now)
        )
        topics = [(choice.code, choice.name) for choice in report_scope.topic_choices(session)]
        plans = [(campaign.code, campaign.number) for campaign in report_scope.campaign_choices(session)]
    page = render_template(
        "desk/delivery/index.html",
        part=part, total=total, filters=filters, waiting=waiting, channel=channel, may=_rights(),
        channel_page=channel_url,
        states=[(state.value, value_label("delivery", state)) for state in DeliveryState],
        partner=partner, days=days, topics=topics, plans=plans,
    )  # fmt: skip
    return page, days.status


@blueprint.get("/<ident>")
@staff_required()
def show(ident: str) -> ResponseReturnValue:
    """Show one delivery with its attempts and the possible actions."""
    return _render_page(ident)


def _render_page(ident: str, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    context = app_context().job_context
    with context.database.read() as session:
        view = delivery_view(session, context, ident)
        followers = broadcasts.broadcast_panel(session, context, current_actor(), ident)
    typed = {
        "outcome": fields.text("outcome") or _suggested_outcome(view),
        "url": fields.text("url"),
        "note": fields.text("note"),
    }
    page = render_template(
        "desk/delivery/show.html",
        delivery=view, followers=followers, errors=errors or {}, typed=typed, may=_rights(),
        bulletin_page=bulletin_url(view.bulletin), channel_page=channel_url(view.channel_code),
    )  # fmt: skip
    return page, status


def _suggested_outcome(view: DeliveryView) -> str:
    # On a manual channel "posted" is preselected; for an unknown outcome nothing is.
    return "arrived" if view.by_hand is not None else ""


@blueprint.post("/<ident>/retry")
@staff_required()
def retry(ident: str) -> ResponseReturnValue:
    """Try again now, with the same idempotency key."""
    if not _rights()["retry"]:
        abort(403)
    try:
        commands.retry_delivery(app_context(), current_actor(), ident)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
    else:
        flash_done(_("Đang gửi lại với khóa cũ."))
    return redirect(url_for("deliveries.show", ident=ident), 303)


@blueprint.post("/<ident>/settle")
@staff_required()
def settle(ident: str) -> ResponseReturnValue:
    """Record the outcome: posted (with its address), not posted and sent again, or given up."""
    if not _rights()["settle"]:
        abort(403)
    outcome = fields.text("outcome")
    if outcome not in OUTCOMES:
        return _render_page(ident, {"outcome": _("Chọn một kết luận")}, 422)
    try:
        commands.resolve_delivery(
            app_context(),
            current_actor(),
            ident,
            arrived=outcome == "arrived",
            url=(fields.text("url") or None) if outcome == "arrived" else None,
            again=outcome == "again",
            note=fields.text("note") if outcome == "drop" else "",
        )
    except Invalid as invalid:
        return _render_page(ident, fields.error_messages(invalid), 422)
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
        return redirect(url_for("deliveries.show", ident=ident), 303)
    flash_done(
        {
            "arrived": _("Đã ghi nhận là đã đăng."),
            "again": _("Đang gửi lại."),
            "drop": _("Đã ghi nhận là không đăng."),
        }[outcome]
    )
    return redirect(url_for("deliveries.show", ident=ident), 303)
