"""Broadcasts at the desk: what sending an article to an account's followers means, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from campaigns.core.clock import city_day
from campaigns.core.errors import CampaignError
from campaigns.people.staff import Actor, May
from campaigns.publishing import accounts, broadcasts
from campaigns.publishing.broadcasts import Broadcast, BroadcastState, Budget
from campaigns.publishing.channels import ChannelState
from campaigns.publishing.outbox import Delivery, find_delivery
from campaigns.publishing.transport import BroadcastRules
from coordinator.jobs import broadcasting as job
from coordinator.jobs.workplace import Workplace
from coordinator.web import formats
from coordinator.web.desk.zalo_words import told_by_zalo
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("broadcasting", __name__)


@dataclass(frozen=True)
class Panel:
    """What a delivery's page tells of its article and the account's followers.

    ``state``: None while nobody has asked. ``goes_at``: when it would go, or goes. ``barred``: why it cannot be asked
    for now, '' = it can. ``advice``: what to know of how it stands.
    """

    state: BroadcastState | None
    goes_at: datetime
    at_once: bool
    left: Budget
    rules: BroadcastRules
    whom: str
    followers: int | None
    barred: str
    advice: str
    error: str
    may_ask: bool
    may_settle: bool
    may_cancel: bool


def panel(session: Session, place: Workplace, who: Actor, ident: str) -> Panel | None:
    """The panel of a delivery; None where there are no followers, or no article yet that could be sent to them."""
    delivery = find_delivery(session, ident)
    rules = job.rules_of(place, delivery.channel)
    row = broadcasts.of_bulletin(session, delivery.bulletin_id, delivery.channel_id)
    if rules is None or (row is None and not broadcasts.may_ask(delivery)):
        return None
    now = place.now()
    waits = row is not None and row.state is BroadcastState.DUE
    at = row.due_at if row is not None and waits and row.due_at is not None else broadcasts.goes_at(now, rules)
    left = broadcasts.budget(session, delivery.channel_id, city_day(at), rules)
    known = accounts.last_read(session, delivery.channel_id)
    over = row is None or row.state not in broadcasts.SPENT
    barred = _barred(delivery, left, rules) if over else ""
    return Panel(
        state=row.state if row is not None else None,
        goes_at=at,
        at_once=at <= now,
        left=left,
        rules=rules,
        whom=_whom(delivery.channel.settings),
        followers=accounts.of_json(known.facts).followers if known is not None and known.facts else None,
        barred=barred,
        advice=_advice(row) if row is not None else "",
        error=row.error if row is not None else "",
        may_ask=over and not barred and who.may(May.APPROVE),
        may_settle=row is not None
        and row.state is BroadcastState.UNKNOWN
        and (who.may(May.APPROVE) or who.may(May.REVIEW)),
        may_cancel=waits and who.may(May.APPROVE),
    )


def _barred(delivery: Delivery, left: Budget, rules: BroadcastRules) -> str:
    if not broadcasts.may_ask(delivery):
        return _("Bài không còn trên trang tài khoản.")
    if delivery.channel.state not in {ChannelState.ACTIVE, ChannelState.FAILING}:
        return _("Kênh đang không gửi được; cho kênh chạy lại trước.")
    if not left.month:
        return _("Đã dùng hết %(count)s lần của tháng; tháng sau mới phát được.", count=str(rules.a_month))
    if not left.day:
        return _("Đã dùng hết %(count)s lần của ngày; mai mới phát được.", count=str(rules.a_day))
    return ""


def _advice(row: Broadcast) -> str:
    match row.state:
        case BroadcastState.DUE if told := told_by_zalo(row.error):
            return f"{told.words} {told.advice}"
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
            told = told_by_zalo(row.error)
            return f"{told.words} {told.advice}" if told is not None else _reason(row.reason)


def _reason(reason: str) -> str:
    return {
        "person": _("Đã có người bỏ trước khi gửi."),
        "recalled": _("Bản tin đã được thu hồi trước khi gửi."),
        "late": _("Quá một ngày mà chưa gửi được nên máy thôi; còn cần thì phát lại."),
        "budget": _("Hạn mức của cơ quan đã hết trước khi tới lượt."),
        "settings": _("Thiết lập của kênh không còn đúng; sửa kênh rồi phát lại."),
        broadcasts.NOT_SENT: _("Đã có người xem và ghi nhận là chưa gửi."),
    }.get(reason, _("Zalo không nhận; chưa có gì tới người quan tâm."))


def _whom(settings: Mapping[str, Any]) -> str:
    """Who of the followers gets it, as the channel is set."""
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
@staff()
def ask(ident: str) -> ResponseReturnValue:
    """Send the article to the followers, at once or in the morning."""
    who = actor()
    who.require(May.APPROVE)
    try:
        job.ask(front(), who, ident)
    except CampaignError as error:
        say_trouble(error_sentence(error, language()))
        return _back(ident)
    place = front().place
    with place.database.read() as session:
        delivery = find_delivery(session, ident)
        row = broadcasts.of_bulletin(session, delivery.bulletin_id, delivery.channel_id)
        waits = row.due_at if row is not None else None
    if waits is not None and waits > place.now():
        at = formats.full_moment(waits)
        say_done(_("Đã hẹn phát tới người quan tâm lúc %(at)s. Trước giờ đó còn bỏ được.", at=at))
    else:
        say_done(_("Đang phát tới người quan tâm."))
    return _back(ident)


@blueprint.post("/<ident>/broadcast/cancel")
@staff()
def cancel(ident: str) -> ResponseReturnValue:
    """Take back one that waits for its time."""
    who = actor()
    who.require(May.APPROVE)
    with front().place.database.write() as session:
        broadcasts.cancel(session, who, _row(session, ident), now=front().place.now())
    say_done(_("Đã bỏ; chưa có gì tới người quan tâm."))
    return _back(ident)


@blueprint.post("/<ident>/broadcast/settle")
@staff()
def settle(ident: str) -> ResponseReturnValue:
    """Say whether one of unknown fate went out."""
    who = actor()
    if not (who.may(May.APPROVE) or who.may(May.REVIEW)):
        abort(403)
    outcome = request.form.get("outcome", "")
    if outcome not in {"sent", "not_sent"}:
        say_trouble(_("Chọn một kết luận"))
        return _back(ident)
    with front().place.database.write() as session:
        broadcasts.resolve(session, who, _row(session, ident), sent=outcome == "sent", now=front().place.now())
    say_done(_("Đã ghi kết luận; máy không gửi thêm gì."))
    return _back(ident)


def _row(session: Session, ident: str) -> Broadcast:
    """The broadcast of a delivery's article. Raises ``NotFound``."""
    delivery = find_delivery(session, ident)
    return broadcasts.known(session, delivery.bulletin_id, delivery.channel_id)


def _back(ident: str) -> ResponseReturnValue:
    return redirect(url_for("deliveries.show", ident=ident, _anchor="nguoi-quan-tam"), 303)
