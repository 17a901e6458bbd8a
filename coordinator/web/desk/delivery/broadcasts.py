"""Broadcasts: sending a published article to the followers of a channel, and the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.channels import accounts
from campaigns.channels.channels import ChannelState
from campaigns.channels.transport import BroadcastRules
from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError
from campaigns.delivery import broadcasts
from campaigns.delivery.broadcasts import Broadcast, BroadcastBudget, BroadcastState
from campaigns.delivery.outbox import Delivery, find_delivery
from campaigns.people.staff import Actor, Permission
from coordinator.channels import registry
from coordinator.jobs.context import JobContext
from coordinator.jobs.delivery import broadcasts as broadcast_jobs
from coordinator.translation import _
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text import formats
from coordinator.web.kit.text.error_messages import error_sentence

blueprint = Blueprint("broadcasting", __name__)


@dataclass(frozen=True)
class BroadcastPanel:
    """The broadcast section of a delivery's page.

    ``state``: None when no broadcast was requested. ``goes_at``: its time. ``barred``: why it cannot be requested now,
    '' = it can. ``advice``: a note on its state.
    """

    state: BroadcastState | None
    goes_at: datetime
    at_once: bool
    left: BroadcastBudget
    rules: BroadcastRules
    whom: str
    followers: int | None
    barred: str
    advice: str
    error: str
    may_ask: bool
    may_settle: bool
    may_cancel: bool


def broadcast_panel(session: Session, context: JobContext, actor: Actor, ident: str) -> BroadcastPanel | None:
    """Return the panel of a delivery; None where the channel has no followers, or there is no article to send yet."""
    delivery = find_delivery(session, ident)
    rules = broadcast_jobs.broadcast_rules(context, delivery.channel)
    row = broadcasts.find_broadcast(session, delivery.bulletin_id, delivery.channel_id)
    if rules is None or (row is None and not broadcasts.can_request(delivery)):
        return None
    now = context.now()
    waits = row is not None and row.state is BroadcastState.DUE
    at = row.due_at if row is not None and waits and row.due_at is not None else broadcasts.send_time(now, rules)
    left = broadcasts.remaining_budget(session, delivery.channel_id, city_day(at), rules)
    known = accounts.last_read(session, delivery.channel_id)
    over = row is None or row.state not in broadcasts.SPENT_STATES
    barred = _blocking_reason(delivery, left, rules) if over else ""
    return BroadcastPanel(
        state=row.state if row is not None else None,
        goes_at=at,
        at_once=at <= now,
        left=left,
        rules=rules,
        whom=_audience_label(delivery.channel.settings),
        followers=accounts.account_from_json(known.facts).followers if known is not None and known.facts else None,
        barred=barred,
        advice=_unknown_advice(row) if row is not None else "",
        error=row.error if row is not None else "",
        may_ask=over and not barred and actor.may(Permission.APPROVE),
        may_settle=row is not None
        and row.state is BroadcastState.UNKNOWN
        and (actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW)),
        may_cancel=waits and actor.may(Permission.APPROVE),
    )


def _blocking_reason(delivery: Delivery, left: BroadcastBudget, rules: BroadcastRules) -> str:
    if not broadcasts.can_request(delivery):
        return _("Bài không còn trên trang tài khoản.")
    if delivery.channel.state not in {ChannelState.ACTIVE, ChannelState.FAILING}:
        return _("Kênh đang không gửi được; cho kênh chạy lại trước.")
    if not left.month:
        return _("Đã dùng hết %(count)s lần của tháng; tháng sau mới phát được.", count=str(rules.a_month))
    if not left.day:
        return _("Đã dùng hết %(count)s lần của ngày; mai mới phát được.", count=str(rules.a_day))
    return ""


def _unknown_advice(row: Broadcast) -> str:
    match row.state:
        case BroadcastState.DUE if message := registry.error_message(row.error):
            return f"{message.text} {message.advice}"
        case BroadcastState.DUE:
            return _("Chưa gửi gì; còn bỏ được.")
        case BroadcastState.SENDING:
            return _("Máy đang gửi.")
        case BroadcastState.SENT:
            return _("Zalo đã nhận. Zalo duyệt chừng 30 phút rồi mới tới máy người quan tâm; không lấy lại được.")
        case BroadcastState.UNKNOWN:
            return _(
                "Mở phần quản lý Official Account, mục tin đã gửi, xem đã có chưa rồi ghi kết luận. Máy không tự gửi "
                "lại, để người quan tâm không nhận hai lần."
            )
        case BroadcastState.CANCELLED | BroadcastState.REFUSED:
            message = registry.error_message(row.error)
            return f"{message.text} {message.advice}" if message is not None else _reason_label(row.reason)


def _reason_label(reason: str) -> str:
    return {
        "person": _("Đã có người bỏ trước khi gửi."),
        "recalled": _("Bản tin đã được thu hồi trước khi gửi."),
        "late": _("Quá một ngày mà chưa gửi được nên hệ thống đã dừng; còn cần thì phát lại."),
        "budget": _("Hạn mức của cơ quan đã hết trước khi tới lượt."),
        "settings": _("Thiết lập của kênh không còn đúng; sửa kênh rồi phát lại."),
        broadcasts.NOT_SENT: _("Đã có người xem và ghi nhận là chưa gửi."),
    }.get(reason, _("Zalo không nhận; chưa có gì tới người quan tâm."))


def _audience_label(settings: Mapping[str, Any]) -> str:
    """Return which followers receive it, by the channel's settings."""
    names = {
        "target_cities": _("tỉnh, thành số %(list)s"),
        "target_locations": _("vùng miền số %(list)s"),
        "target_ages": _("nhóm tuổi số %(list)s"),
        "target_platforms": _("loại máy số %(list)s"),
    }
    parts = [
        words.replace("%(list)s", str(settings[name]).replace(",", ", "))
        for name, words in names.items()
        if settings.get(name) and not (name == "target_locations" and settings.get("target_cities"))
    ]
    gender = {"1": _("nam"), "2": _("nữ")}.get(str(settings.get("target_gender", "0")))
    parts += [gender] if gender else []
    return "; ".join(parts) if parts else _("mọi người quan tâm")


@blueprint.post("/<ident>/broadcast")
@staff_required()
def ask(ident: str) -> ResponseReturnValue:
    """Request the broadcast, for now or for the morning."""
    actor = current_actor()
    actor.require(Permission.APPROVE)
    try:
        broadcast_jobs.request_broadcast(app_context(), actor, ident)
    except CampaignError as error:
        flash_trouble(error_sentence(error))
        return _redirect_back(ident)
    context = app_context().job_context
    with context.database.read() as session:
        delivery = find_delivery(session, ident)
        row = broadcasts.find_broadcast(session, delivery.bulletin_id, delivery.channel_id)
        waits = row.due_at if row is not None else None
    if waits is not None and waits > context.now():
        at = formats.full_moment(waits)
        flash_done(_("Đã hẹn phát tới người quan tâm lúc %(at)s. Trước giờ đó còn bỏ được.", at=at))
    else:
        flash_done(_("Đang phát tới người quan tâm."))
    return _redirect_back(ident)


@blueprint.post("/<ident>/broadcast/cancel")
@staff_required()
def cancel(ident: str) -> ResponseReturnValue:
    """Cancel a broadcast that waits for its time."""
    actor = current_actor()
    actor.require(Permission.APPROVE)
    with app_context().job_context.database.write() as session:
        broadcasts.cancel_broadcast(
            session, actor, _find_broadcast(session, ident), now=app_context().job_context.now()
        )
    flash_done(_("Đã bỏ; chưa có gì tới người quan tâm."))
    return _redirect_back(ident)


@blueprint.post("/<ident>/broadcast/settle")
@staff_required()
def settle(ident: str) -> ResponseReturnValue:
    """Record whether a broadcast with an unknown outcome was sent."""
    actor = current_actor()
    if not (actor.may(Permission.APPROVE) or actor.may(Permission.REVIEW)):
        abort(403)
    outcome = request.form.get("outcome", "")
    if outcome not in {"sent", "not_sent"}:
        flash_trouble(_("Chọn một kết luận"))
        return _redirect_back(ident)
    with app_context().job_context.database.write() as session:
        broadcasts.resolve_broadcast(
            session, actor, _find_broadcast(session, ident), sent=outcome == "sent", now=app_context().job_context.now()
        )
    flash_done(_("Đã ghi kết luận; máy không gửi thêm gì."))
    return _redirect_back(ident)


def _find_broadcast(session: Session, ident: str) -> Broadcast:
    """Return the broadcast of a delivery's article. Raises ``NotFound``."""
    delivery = find_delivery(session, ident)
    return broadcasts.get_broadcast(session, delivery.bulletin_id, delivery.channel_id)


def _redirect_back(ident: str) -> ResponseReturnValue:
    return redirect(url_for("deliveries.show", ident=ident, _anchor="nguoi-quan-tam"), 303)
