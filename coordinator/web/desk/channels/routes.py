"""Channel pages: the list, one channel, and the actions pause, resume, retire and test."""

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.channels import accounts, channels
from campaigns.channels.channels import ChannelFilter, ChannelState, find_channel
from campaigns.channels.transport import SupportsTest, TransportError
from campaigns.core.errors import Conflict
from campaigns.delivery import backlog, manual_actions
from campaigns.delivery.backlog import BacklogDecision
from campaigns.delivery.feed_fetches import count_caught_up
from campaigns.people.staff import Permission
from campaigns.search.autocomplete import PickableKind
from coordinator.channels import registry
from coordinator.channels.setup_guides import GUIDES
from coordinator.channels.zalo.oauth import AccessStatus, ZaloAccess
from coordinator.channels.zalo.settings import ZaloSettings
from coordinator.feeds.formats import FORMATS
from coordinator.jobs.channels.adapters import adapter_of
from coordinator.jobs.context import ChannelSecrets
from coordinator.translation import _, counted, language
from coordinator.web.auth.security import app_context, current_actor, staff_required
from coordinator.web.desk.channels import (
    account_health,
    forms,
    labels,
    mail_lists,
    queries,
    replay,
    responses,
    wizard,
)
from coordinator.web.desk.channels.queries import (
    channel_row,
    feed_fetches,
    kinds_used,
    own_channels,
    partners_channels,
)
from coordinator.web.desk.channels.wizard import KEY_IN_ADDRESS
from coordinator.web.desk.channels.zalo import grant, setup
from coordinator.web.desk.delivery import websub_subscribers
from coordinator.web.kit import one_time_secret
from coordinator.web.kit.forms import autocomplete
from coordinator.web.kit.lists import pagination
from coordinator.web.kit.lists.requested_filter import requested_filter
from coordinator.web.kit.templating import flash_done, flash_trouble
from coordinator.web.kit.text.error_messages import error_sentence
from coordinator.web.kit.text.formats import number

blueprint = Blueprint("channels", __name__, url_prefix="/desk/channels")
blueprint.register_blueprint(forms.blueprint)
blueprint.register_blueprint(mail_lists.blueprint)
blueprint.register_blueprint(grant.blueprint)
blueprint.register_blueprint(setup.blueprint)
blueprint.register_blueprint(wizard.blueprint)
blueprint.register_blueprint(forms.limits_blueprint)
blueprint.register_blueprint(replay.blueprint)
blueprint.register_blueprint(websub_subscribers.blueprint)


@blueprint.get("/")
@staff_required()
def index() -> ResponseReturnValue:
    """Show every channel with its state."""
    context = app_context().job_context
    with context.database.read() as session:
        partner = autocomplete.single_field(session, PickableKind.PARTNER, "partner", request.args)
        if (moved := autocomplete.resolved_url(partner)) is not None:
            return moved
        filters = requested_filter(
            ChannelFilter, autocomplete.resolved_query(partner), choices={"kind": registry.KINDS}
        )
        filters.check_codes(session)
        own = own_channels(session, filters, context.delivery_modes)
        others = partners_channels(session, filters, pagination.page_number(), context.delivery_modes)
        kinds = kinds_used(session)
    return render_template(
        "desk/channels/index.html",
        own=own,
        others=others,
        partner=partner,
        states=list(ChannelState),
        kinds=kinds,
        kind_name=registry.kind_name,
        resting=lambda one: labels.breaker_message(one.opened, one.open_until, context.now()),
        may_configure=current_actor().may(Permission.CONFIGURE),
    )


MONTH = timedelta(days=30)  # the period in which missed pushes are counted


@blueprint.get("/<code>")
@staff_required()
def page(code: str) -> ResponseReturnValue:
    """Show one channel."""
    context = app_context().job_context
    with context.database.read() as session:
        channel = channel_row(session, code, context.delivery_modes)
        fetches = feed_fetches(session, channel) if channel.pulled else []
        caught_up = count_caught_up(session, channel.ident, context.now() - MONTH)
        steps = queries.setup_steps(session, channel)
        late = backlog.backlogs(session, [channel.ident]).get(channel.ident)
    may_configure = current_actor().may(Permission.CONFIGURE)
    access = None
    if channel.kind == "zalo":
        settings = ZaloSettings.model_validate(dict(channel.settings))
        access = ZaloAccess(
            settings, ChannelSecrets(context, channel.ident), context.http_client, context.now
        ).standing()
    health = None
    if channel.kind in registry.KINDS and registry.KINDS[channel.kind].capabilities.account:
        with context.database.read() as session:
            health = account_health.channel_health(session, context, code, access)
    return render_template(
        "desk/channels/show.html",
        channel=channel,
        shown_settings=[
            (field.label, labels.setting_value_label(field))
            for field in labels.setting_fields(channel.kind, channel.settings)
            if not field.secret and field.value != ""
        ],
        kind_name=registry.kind_name,
        fetches=fetches,
        caught_up=caught_up,
        addresses=[context.addresses.feed(name, KEY_IN_ADDRESS) for name in FORMATS] if channel.pulled else [],
        testable=_can_be_tested(channel.kind),
        replayable=replay.can_replay(channel.kind),
        resting=labels.breaker_message(channel.opened, channel.open_until, context.now()),
        limits=labels.limits_summary(channel.limits),
        access=access if access != AccessStatus(None, None) else None,
        health=health,
        steps=steps,
        wizard=wizard.wizard_steps(wizard.TEST, channel.kind, tested=any(step.done for step in steps[1:]))
        if steps and channel.kind in GUIDES and channel.kind != "zalo"
        else (),
        event_words=account_health.event_label,
        secret=one_time_secret.take(request.path),
        late=late,
        may_decide=_may_decide(),
        may_configure=may_configure,
        may_return=channel.kind not in manual_actions.RECEIVER_REASONS,
    )


@blueprint.route("/<code>/pause", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def pause(code: str) -> ResponseReturnValue:
    """Ask for confirmation, or pause the channel."""
    return _pause_or_resume(code, rest=True)


@blueprint.route("/<code>/resume", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def resume(code: str) -> ResponseReturnValue:
    """Ask for confirmation, or resume the channel."""
    return _pause_or_resume(code, rest=False)


@blueprint.route("/<code>/retire", methods=["GET", "POST"])
@staff_required(Permission.CONFIGURE)
def retire(code: str) -> ResponseReturnValue:
    """Ask for confirmation, or retire the channel."""
    context = app_context().job_context
    if request.method == "GET":
        with context.database.read() as session:
            channel = channel_row(session, code, context.delivery_modes)
        own_wish = channel.kind in manual_actions.RECEIVER_REASONS
        return render_template("desk/channels/retire.html", channel=channel, own_wish=own_wish)
    with context.database.write() as session:
        row = find_channel(session, code)
        given_up = manual_actions.retire_channel(session, current_actor(), row, now=context.now())
        name, own_wish = row.name, row.kind in manual_actions.RECEIVER_REASONS
    words = _(
        "Đã ngừng sử dụng %(name)s; %(count)s lượt đang đợi được bỏ.", name=name, count=number(given_up, language())
    )
    flash_done(words, undo=None if own_wish else url_for("channels.bring_back", code=code))
    return redirect(url_for("channels.page", code=code), 303)


@blueprint.post("/<code>/bring-back")
@staff_required(Permission.CONFIGURE)
def bring_back(code: str) -> ResponseReturnValue:
    """Restore a retired channel, paused."""
    context = app_context().job_context
    with context.database.write() as session:
        row = find_channel(session, code)
        manual_actions.restore_channel(session, current_actor(), row, now=context.now())
        name = row.name
    flash_done(_("Dùng lại %(name)s, đang tạm dừng. Xem lại thiết lập rồi cho chạy tiếp.", name=name))
    return redirect(url_for("channels.page", code=code), 303)


@blueprint.post("/<code>/test")
@staff_required(Permission.CONFIGURE)
def test(code: str) -> ResponseReturnValue:
    """Test the channel without publishing; the adapter's calls have their own deadlines."""
    context = app_context().job_context
    with context.database.read() as session:
        row = find_channel(session, code)
        kind, ident, settings, name = row.kind, row.id, dict(row.settings), row.name
    adapter = adapter_of(context, ident, code, kind, settings)
    if not isinstance(adapter, SupportsTest):
        raise Conflict(f"a channel of the kind {kind} has nothing to be tried", code="not_testable", channel=code)
    try:
        receipt = adapter.test()
    except TransportError as error:
        _record_test(code, good=False)
        flash_trouble(_("Thử %(name)s chưa được.", name=name) + " " + responses.failure_message(error))
    else:
        resumed = _record_test(code, good=True)
        text = responses.receipt_message(receipt.detail) or (f"({receipt.detail})" if receipt.detail else "")
        works = _("Kênh hoạt động lại; các lượt đang đợi được gửi tiếp.") if resumed else ""
        good = " ".join(filter(None, (_("%(name)s trả lời tốt, chưa đăng gì cả.", name=name), text, works)))
        if caution := responses.success_caution(receipt.detail):
            flash_trouble(f"{good} {caution}")
        else:
            flash_done(good)
    wizard = kind == setup.KIND and request.form.get("back") == setup.BACK
    return redirect(url_for("channels.zalo_setup.finish" if wizard else "channels.page", code=code), 303)


@blueprint.post("/<code>/read")
@staff_required(Permission.CONFIGURE)
def read_account(code: str) -> ResponseReturnValue:
    """Queue a new reading of the platform's data about the account."""
    context = app_context().job_context
    with context.database.write() as session:
        row = find_channel(session, code)
        if not registry.channel_kind(row.kind).capabilities.account:
            raise Conflict(
                f"a channel of the kind {row.kind} tells nothing of itself", code="not_testable", channel=code
            )
        accounts.read_now(session, row.id, now=context.now())
    app_context().runner.nudge("account_check", code)
    flash_done(_("Đang đọc; tải lại trang sau vài giây để xem số liệu mới."))
    return redirect(url_for("channels.page", code=code, _anchor="tinh-trang"), 303)


@blueprint.post("/<code>/backlog")
@staff_required()
def decide_backlog(code: str) -> ResponseReturnValue:
    """Send or cancel the channel's late deliveries."""
    context, decision = app_context().job_context, request.form.get("decision", "")
    if not _may_decide():
        abort(403)
    if decision not in {choice.value for choice in BacklogDecision}:
        abort(400)
    try:
        with context.database.write() as session:
            row, choice = find_channel(session, code), BacklogDecision(decision)
            count = backlog.decide_backlog(session, current_actor(), row, choice, now=context.now())
    except Conflict as conflict:
        flash_trouble(error_sentence(conflict))
    else:
        if choice is BacklogDecision.SEND:
            app_context().runner.nudge("delivery", code)
            words = counted("%(count)s lượt quá hạn được gửi, lần lượt từng lượt.", count, count=_count(count))
        else:
            words = counted("Đã bỏ %(count)s lượt quá hạn, không gửi.", count, count=_count(count))
        flash_done(words)
    return redirect(url_for("channels.page", code=code), 303)


def _may_decide() -> bool:
    return current_actor().may(Permission.APPROVE) or current_actor().may(Permission.CONFIGURE)


def _count(count: int) -> str:
    return number(count, language())


def _record_test(code: str, *, good: bool) -> bool:
    """Record a test; returns whether it resumed the channel."""
    context = app_context().job_context
    with context.database.write() as session:
        row = find_channel(session, code)
        resumed = manual_actions.record_test(session, current_actor(), row, good=good, now=context.now())
    if resumed:
        app_context().runner.nudge("delivery", code)
        app_context().runner.nudge("broadcast", code)
    return resumed


def _pause_or_resume(code: str, *, rest: bool) -> ResponseReturnValue:
    context = app_context().job_context
    if request.method == "GET":
        with context.database.read() as session:
            channel = channel_row(session, code, context.delivery_modes)
        return render_template("desk/channels/pause.html", channel=channel, rest=rest)
    with context.database.write() as session:
        row = find_channel(session, code)
        (channels.pause if rest else manual_actions.resume_channel)(session, current_actor(), row, now=context.now())
        name = row.name
    if rest:
        flash_done(_("Đã tạm dừng %(name)s.", name=name))
    else:
        app_context().runner.nudge("delivery", code)
        flash_done(_("%(name)s chạy tiếp; các lượt đang đợi được gửi ngay, trừ lượt quá 24 giờ.", name=name))
    return redirect(url_for("channels.page", code=code), 303)


def _can_be_tested(kind: str) -> bool:
    """Whether a kind's adapter supports a test, decided without creating one."""
    row = registry.KINDS.get(kind)
    return row is not None and not row.capabilities.pulled and not row.capabilities.manual
