"""A partner's webhook: its address, its secret, a test with the real response, and the log of deliveries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, selectinload

from campaigns.bulletins import visibility
from campaigns.channels import portal_webhook
from campaigns.channels.channels import Channel, ChannelState
from campaigns.channels.portal_webhook import partner_webhooks, recent_tests
from campaigns.channels.transport import ChannelSettings, DeliveryAct, SupportsTest, TransportError
from campaigns.core.contents import from_attributes
from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.delivery.outbox import Delivery, DeliveryState
from campaigns.partners.directory import Company
from coordinator.channels import registry
from coordinator.channels.webhook import signing
from coordinator.http.errors import RequestError
from coordinator.jobs.context import ChannelSecrets, JobContext
from coordinator.translation import _
from coordinator.web.auth.security import app_context
from coordinator.web.desk.channels.labels import setting_error_message
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import fields
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.portal import bulletins
from coordinator.web.portal.sign_in import current_visitor, partner_required


def delivery_advice(state: DeliveryState, channel: ChannelState, status: int | None, error: str) -> str:
    """Return what the receiver's operator can do about a delivery; '' when there is nothing to do."""
    if state is DeliveryState.DELIVERED:
        return ""
    if channel is ChannelState.PAUSED:
        return _("Sở đang tạm dừng kênh; lượt này đi khi kênh chạy lại.")
    if state in {DeliveryState.CANCELLED, DeliveryState.SKIPPED}:
        return _("Không còn cần gửi: có bản mới hơn, hoặc bản tin đã thu hồi.")
    sentence = answer_sentence(status, error)
    if state is DeliveryState.RETRYING:
        return sentence + " " + _("Máy sẽ tự gửi lại.")
    if state is DeliveryState.DEAD:
        more = _("Hệ thống đã ngừng gửi lượt này. Chữa xong thì nhờ Sở gửi lại, hoặc lấy bản tin ở mục Bản tin.")
        return f"{sentence} {more}"
    return ""


def answer_sentence(status: int | None, error: str) -> str:
    """Return an address's response as a sentence, with its usual cause."""
    if status is None:
        return _connection_error_sentence(error.lower())
    if 200 <= status < 300:
        return _("Máy chủ của đơn vị trả lời %(status)s: đã nhận.", status=status)
    if status < 400:
        return _(
            "Máy chủ trả lời chuyển hướng (%(status)s), hệ thống không đi theo. Mời khai địa chỉ cuối.", status=status
        )
    if status in {401, 403}:
        return _("Máy chủ không chấp nhận chữ ký (%(status)s). Đối chiếu khóa ký ở máy chủ của đơn vị.", status=status)
    if status in {404, 405}:
        return _("Địa chỉ không có hoặc không nhận POST (%(status)s). Kiểm tra đường dẫn.", status=status)
    if status == 410:
        return _("Máy chủ báo địa chỉ này ngừng sử dụng (410); với tin thật, kênh sẽ ngừng hẳn.")
    if status == 429:
        return _("Máy chủ xin gửi chậm lại (429).")
    if status >= 500:
        return _("Máy chủ của đơn vị đang lỗi (%(status)s). Xem nhật ký của máy chủ.", status=status)
    return _("Máy chủ trả lời %(status)s, không phải đã nhận.", status=status)


def _connection_error_sentence(error: str) -> str:
    for words, sentence in (
        ("not a public one", _("Tên miền trỏ tới địa chỉ nội bộ, không được gọi tới.")),
        ("is not called", _("Chỉ gọi tới cổng 443.")),
        ("no such host", _("Không có tên miền này.")),
        ("has no address", _("Không có tên miền này.")),
        ("in time", _("Máy chủ không trả lời kịp. Nên trả lời 2xx ngay rồi mới xử lý.")),
        ("certificate", _("Chứng thư của máy chủ không hợp lệ.")),
        ("secret", _("Kênh chưa có khóa ký. Mời đổi khóa.")),
    ):
        if words in error:
            return sentence
    return _("Không nối được tới máy chủ. Kiểm tra địa chỉ, chứng thư và tường lửa.")


WEBHOOK_KIND = "webhook"
MAX_DELIVERIES_SHOWN = 30  # deliveries shown; the desk has all of them


@dataclass(frozen=True)
class WebhookDeliveryRow:
    """One delivery. ``status``: the last HTTP status, None without a response."""

    id: str
    bulletin: str
    act: DeliveryAct
    state: DeliveryState
    at: datetime
    tries: int
    status: int | None
    next_at: datetime | None
    advice: str


@dataclass(frozen=True)
class WebhookTestRow:
    """One test."""

    at: datetime
    good: bool
    words: str


@dataclass(frozen=True)
class WebhookView:
    """One webhook channel. ``whole_text``: whether the text comes along. ``former_until``: until when the former secret
    signs beside the present one."""

    code: str
    name: str
    url: str
    whole_text: bool
    state: ChannelState
    last_success_at: datetime | None
    topics: Sequence[str] | None
    former_until: datetime | None
    sent: Sequence[WebhookDeliveryRow]
    tests: Sequence[WebhookTestRow]


def webhook_views(context: JobContext, session: Session, company_id: int) -> list[WebhookView]:
    """Return all webhooks of this partner."""
    return [_webhook_view(context, session, channel) for channel in partner_webhooks(session, company_id, WEBHOOK_KIND)]


def former_secret_until(context: JobContext, channel: Channel, now: datetime) -> datetime | None:
    """Return until when the former secret signs as well; None when it does not."""
    kept = context.encryption.decrypt(channel.encrypted_secrets).get("previous_until")
    until = datetime.fromisoformat(kept) if kept else None
    return until if until is not None and until > now else None


def _webhook_view(context: JobContext, session: Session, channel: Channel) -> WebhookView:
    now = context.now()
    query = (
        sa.select(Delivery)
        .join(Delivery.bulletin)
        .where(Delivery.channel_id == channel.id, visibility.visible(now, with_recalled=True))
        .options(selectinload(Delivery.attempts), selectinload(Delivery.bulletin))
        .order_by(Delivery.id.desc())
        .limit(MAX_DELIVERIES_SHOWN)
    )
    return from_attributes(
        WebhookView,
        channel,
        url=str(channel.settings.get("url", "")),
        whole_text=bool(channel.settings.get("whole_text")),
        former_until=former_secret_until(context, channel, now),
        sent=[
            _delivery_row(delivery, delivery.bulletin.code, channel.state)
            for delivery in session.execute(query).scalars()
        ],
        tests=[_test_row(entry.at, json.loads(entry.details)) for entry in recent_tests(session, channel)],
    )


def _delivery_row(row: Delivery, code: str, state: ChannelState) -> WebhookDeliveryRow:
    last = row.attempts[-1] if row.attempts else None
    status, error = (last.status, last.error) if last is not None else (None, "")
    waits = row.state in {DeliveryState.DUE, DeliveryState.RETRYING}
    return WebhookDeliveryRow(
        row.public,
        code,
        row.act,
        row.state,
        last.at if last is not None else row.created_at,
        len(row.attempts),
        status,
        row.due_at if waits else None,
        delivery_advice(row.state, state, status, error),
    )


def _test_row(at: datetime, details: dict[str, object]) -> WebhookTestRow:
    status = details.get("status")
    known = status if isinstance(status, int) else None
    good = known is not None and 200 <= known < 300
    return WebhookTestRow(at, good, answer_sentence(known, str(details.get("detail", ""))))


blueprint = Blueprint("push", __name__, url_prefix="/push")


@blueprint.get("")
@partner_required
def index() -> ResponseReturnValue:
    """Show the partner's webhook, or the form that sets it up."""
    return _render_webhook({})


def _render_webhook(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    visitor, context = current_visitor(), app_context().job_context
    with context.database.read() as session:
        pushes = webhook_views(context, session, visitor.company_id)
    page = render_template(
        "portal/webhook.html", visitor=visitor, pushes=pushes, errors=errors, typed=fields.text("url"),
        typed_whole_text=bool(request.form.get("whole_text")),
        about=fields.text("code"), secret=one_time_secret.take(url_for("portal.push.index")),
        overlap=int(signing.OLD_SECRET_GRACE.total_seconds() // 3600),
    )  # fmt: skip
    return page, status


@blueprint.post("/address")
@partner_required
def address() -> ResponseReturnValue:
    """Set the address of an existing webhook (``code``), or of the first one, whose secret is then shown once, and
    whether the text comes along."""
    visitor, context = current_visitor(), app_context().job_context
    try:
        given = {"url": _checked_url(fields.text("url")), "whole_text": bool(request.form.get("whole_text"))}
        code = fields.text("code")
        with context.database.write() as session:
            if code:
                channel = portal_webhook.find_partner_webhook(session, visitor.company_id, WEBHOOK_KIND, code)
                plain, _given = registry.check_settings(WEBHOOK_KIND, given, kept={"secret"})
                changed = portal_webhook.change_settings(session, visitor.actor, channel, plain, now=context.now())
                made = None
            else:
                plain, secrets = registry.check_settings(WEBHOOK_KIND, given)
                company = session.get_one(Company, visitor.company_id)
                audience = bulletins.partner_audience(context, session, visitor.company_id)
                encrypted_secrets = context.encryption.encrypt(secrets)
                portal_webhook.create_webhook(
                    session,
                    visitor.actor,
                    company,
                    WEBHOOK_KIND,
                    audience.topics,
                    settings=plain,
                    encrypted_secrets=encrypted_secrets,
                    now=context.now(),
                )
                changed, made = frozenset(given), secrets["secret"]
    except NotFound:
        raise
    except CampaignError as error:
        return _render_webhook({"url": _url_error(error)}, 422)
    if made is not None:
        _keep_secret_once(made)
        flash_done(_("Đã đặt địa chỉ nhận. Sao chép khóa ký dưới đây rồi bấm Thử."))
    elif "url" in changed:
        app_context().runner.nudge("delivery", code)
        flash_done(_("Đã đổi địa chỉ nhận. Bấm Thử để xem máy chủ trả lời thế nào."))
    elif changed:
        flash_done(_("Đã lưu. Tin gửi từ nay theo thiết lập mới."))
    else:
        flash_done(_("Không có gì thay đổi."))
    return redirect(url_for("portal.push.index"), 303)


@blueprint.post("/<code>/secret")
@partner_required
def secret(code: str) -> ResponseReturnValue:
    """Replace the secret: the former signs beside it for a while or, on request, ends at once."""
    visitor, context = current_visitor(), app_context().job_context
    now, drop = context.now(), bool(request.form.get("drop"))
    made = None
    with context.database.write() as session:
        channel = portal_webhook.find_partner_webhook(session, visitor.company_id, WEBHOOK_KIND, code)
        kept = context.encryption.decrypt(channel.encrypted_secrets)
        until = former_secret_until(context, channel, now)
        if drop:
            secrets = {name: value for name, value in kept.items() if not name.startswith("previous_")}
        elif until is None:
            made = signing.new_secret()
            secrets = registry.merge_secrets(WEBHOOK_KIND, kept, {"secret": made}, now=now)
        # Submitted twice, or in two tabs: a third secret would invalidate the first, which receivers still check.
        changes = made is not None or (drop and until is not None)
        if changes:
            portal_webhook.change_secrets(session, visitor.actor, channel, context.encryption.encrypt(secrets), now=now)
    if made is not None:
        _keep_secret_once(made)
        flash_done(_("Đã đổi khóa ký. Khóa cũ còn ký cùng trong 24 giờ."))
    elif drop:
        flash_done(_("Khóa cũ đã ngừng ký."))
    else:
        flash_trouble(_("Khóa vừa đổi và khóa cũ còn hiệu lực; kết thúc khóa cũ trước khi đổi lần nữa."))
    return redirect(url_for("portal.push.index"), 303)


@blueprint.post("/<code>/test")
@partner_required
def test(code: str) -> ResponseReturnValue:
    """Send a signed test and show the response; nothing is published."""
    visitor, context = current_visitor(), app_context().job_context
    try:
        with context.database.write() as session:
            channel = portal_webhook.find_partner_webhook(session, visitor.company_id, WEBHOOK_KIND, code)
            portal_webhook.require_test_pause(session, channel, now=context.now())
            ident, settings = channel.id, dict(channel.settings)
    except Conflict as error:
        flash_trouble(error_sentence(error))
        return redirect(url_for("portal.push.index"), 303)
    adapter = registry.build_transport(
        WEBHOOK_KIND,
        ChannelSettings(code, settings),
        ChannelSecrets(context, ident),
        context.http_client,
        now=context.now,
    )
    assert isinstance(adapter, SupportsTest), "a webhook can be tried"  # noqa: S101  # a bug, not input
    try:
        receipt = adapter.test()
    except TransportError as error:
        status, detail = error.status, str(error)
        flash_trouble(answer_sentence(status, detail))
    else:
        status, detail = receipt.status, receipt.detail
        flash_done(answer_sentence(status, detail))
    with context.database.write() as session:
        channel = portal_webhook.find_partner_webhook(session, visitor.company_id, WEBHOOK_KIND, code)
        portal_webhook.record_test(session, visitor.actor, channel, status=status, detail=detail, now=context.now())
    return redirect(url_for("portal.push.index"), 303)


def _checked_url(url: str) -> str:
    """Return the address if it can be called: https, and a host with public addresses. Raises ``Invalid``."""
    if not url:
        raise Invalid([FieldError("url", "required", "an address is needed")])
    registry.check_settings(WEBHOOK_KIND, {"url": url}, kept={"secret"})
    own_host = url.removeprefix("http://").partition("/")[0].lower() in app_context().settings.allowed_hosts
    if not url.startswith("https://") and not own_host:
        why = "by http:// anybody on the way can read what is sent, and stand in for your server"
        raise Invalid([FieldError("url", "https", f"{url!r} must begin with https://: {why}")])
    try:
        app_context().job_context.http_client.vet(url)
    except RequestError as error:
        raise Invalid([FieldError("url", "not_called", str(error))]) from error
    return url


def _url_error(error: CampaignError) -> str:
    """Return the error of the address as a sentence."""
    if isinstance(error, Invalid) and (sentence := setting_error_message("webhook", error.errors[0])):
        return sentence
    return next(iter(fields.error_messages(error).values()))


def _keep_secret_once(text: str) -> None:
    one_time_secret.keep(one_time_secret.OneTimeSecret(_("Khóa ký webhook"), text, url_for("portal.push.index")))
