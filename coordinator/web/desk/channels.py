"""Channels: the list, one channel's page, and what one does with it: pause, resume, try."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core import journal
from campaigns.core.errors import Conflict
from campaigns.people.staff import May
from campaigns.publishing import accounts, delivery_acts
from campaigns.publishing import channels as rows
from campaigns.publishing.channels import ChannelState, find_channel
from campaigns.publishing.fetches import caught
from campaigns.publishing.transport import Tests, TransportError
from campaigns.searching.picking import Thing
from coordinator.channels import registry
from coordinator.channels.zalo_oauth import Standing, ZaloAccess
from coordinator.channels.zalo_settings import ZaloSettings
from coordinator.feeds.formats import FORMATS
from coordinator.jobs.adapters import adapter_of
from coordinator.jobs.workplace import ChannelVault
from coordinator.web.desk import (
    account_health,
    channel_forms,
    channel_limits,
    channel_replay,
    channel_steps,
    channel_trouble,
    channel_words,
    listeners,
    listing,
    mail_lists,
    once,
    picking,
    receipt_words,
    zalo_grant,
)
from coordinator.web.desk.channel_rows import (
    Asked,
    channel_row,
    fetches_of,
    kinds_used,
    own_channels,
    partners_channels,
)
from coordinator.web.formats import number
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.saying import _
from coordinator.web.security import actor, front, staff

blueprint = Blueprint("channels", __name__, url_prefix="/desk/channels")
blueprint.register_blueprint(channel_forms.blueprint)
blueprint.register_blueprint(mail_lists.blueprint)
blueprint.register_blueprint(zalo_grant.blueprint)
blueprint.register_blueprint(channel_limits.blueprint)
blueprint.register_blueprint(channel_replay.blueprint)
blueprint.register_blueprint(listeners.blueprint)

KEY_IN_ADDRESS = "KHÓA"  # where a partner's key stands in the addresses of its feeds


@blueprint.get("/")
@staff()
def index() -> ResponseReturnValue:
    """Every channel and how it stands."""
    place = front().place
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    with place.database.read() as session:
        partner = picking.one(session, Thing.PARTNER, "partner", request.args)
        if (moved := picking.settled(partner)) is not None:
            return moved
        asked = Asked({one.value: one for one in ChannelState}.get(state), kind, partner.code)
        own = own_channels(session, asked, place.natures)
        others = partners_channels(session, asked, listing.page_number(), place.natures)
        kinds = kinds_used(session)
    return render_template(
        "channels/index.html",
        own=own,
        others=others,
        partner=partner,
        states=list(ChannelState),
        kinds=kinds,
        kind_name=channel_words.kind_name,
        resting=lambda one: channel_words.resting(one.opened, one.open_until, place.now()),
        may_configure=actor().may(May.CONFIGURE),
    )


MONTH = timedelta(days=30)  # how far back missed pushes are counted


@blueprint.get("/<code>")
@staff()
def page(code: str) -> ResponseReturnValue:
    """One channel."""
    place = front().place
    with place.database.read() as session:
        channel = channel_row(session, code, place.natures)
        fetches = fetches_of(session, channel) if channel.pulled else []
        missed = caught(session, channel.ident, place.now() - MONTH)
        steps = channel_steps.steps_of(session, channel)
    may_configure = actor().may(May.CONFIGURE)
    access = None
    if channel.kind == "zalo":
        settings = ZaloSettings.model_validate(dict(channel.settings))
        access = ZaloAccess(settings, ChannelVault(place, channel.ident), place.door, place.now).standing()
    health = None
    if channel.kind in registry.KINDS and registry.KINDS[channel.kind].capabilities.account:
        with place.database.read() as session:
            health = account_health.health_of(session, place, code, access)
    return render_template(
        "channels/page.html",
        channel=channel,
        shown_settings=[
            (one.label, channel_words.value_shown(one))
            for one in channel_words.settings_of(channel.kind, channel.settings)
            if not one.secret and one.value != ""
        ],
        kind_name=channel_words.kind_name,
        fetches=fetches,
        caught=missed,
        addresses=[place.addresses.feed(name, KEY_IN_ADDRESS) for name in FORMATS] if channel.pulled else [],
        testable=_testable(channel.kind),
        replayable=channel_replay.replayable(channel.kind),
        resting=channel_words.resting(channel.opened, channel.open_until, place.now()),
        limits=channel_words.limits(channel.limits),
        access=access if access != Standing(None, None) else None,
        health=health,
        steps=steps,
        event_words=account_health.event_words,
        secret=once.take(request.path),
        may_configure=may_configure,
        may_return=channel.kind not in delivery_acts.ASKED_FOR_BY_RECEIVERS,
    )


@blueprint.route("/<code>/pause", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def pause(code: str) -> ResponseReturnValue:
    """Say what pausing means, then do it."""
    return _turn(code, rest=True)


@blueprint.route("/<code>/resume", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def resume(code: str) -> ResponseReturnValue:
    """Say what resuming means, then do it."""
    return _turn(code, rest=False)


@blueprint.route("/<code>/retire", methods=["GET", "POST"])
@staff(May.CONFIGURE)
def retire(code: str) -> ResponseReturnValue:
    """Say what it means that a channel is used no more, then do it."""
    place = front().place
    if request.method == "GET":
        with place.database.read() as session:
            channel = channel_row(session, code, place.natures)
        own_wish = channel.kind in delivery_acts.ASKED_FOR_BY_RECEIVERS
        return render_template("channels/retire.html", channel=channel, own_wish=own_wish)
    with place.database.write() as session:
        row = find_channel(session, code)
        given_up = delivery_acts.retire(session, actor(), row, now=place.now())
        name, own_wish = row.name, row.kind in delivery_acts.ASKED_FOR_BY_RECEIVERS
    words = _("Đã thôi dùng %(name)s; %(count)s lượt đang đợi được bỏ.", name=name, count=number(given_up, language()))
    say_done(words, undo=None if own_wish else url_for("channels.bring_back", code=code))
    return redirect(url_for("channels.page", code=code), 303)


@blueprint.post("/<code>/bring-back")
@staff(May.CONFIGURE)
def bring_back(code: str) -> ResponseReturnValue:
    """Take a retired channel up again, paused."""
    place = front().place
    with place.database.write() as session:
        row = find_channel(session, code)
        delivery_acts.bring_back(session, actor(), row, now=place.now())
        name = row.name
    say_done(_("Dùng lại %(name)s, đang tạm dừng. Xem lại thiết lập rồi cho chạy tiếp.", name=name))
    return redirect(url_for("channels.page", code=code), 303)


@blueprint.post("/<code>/test")
@staff(May.CONFIGURE)
def test(code: str) -> ResponseReturnValue:
    """Reach the channel without publishing anything; the adapter's calls have their own deadlines."""
    place = front().place
    with place.database.read() as session:
        row = find_channel(session, code)
        kind, ident, settings, name = row.kind, row.id, dict(row.settings), row.name
    adapter = adapter_of(place, ident, code, kind, settings)
    if not isinstance(adapter, Tests):
        raise Conflict(f"a channel of the kind {kind} has nothing to be tried", code="not_testable", channel=code)
    try:
        receipt = adapter.test()
    except TransportError as error:
        _tried(code, good=False)
        say_trouble(_("Thử %(name)s chưa được.", name=name) + " " + channel_trouble.trouble(error))
    else:
        _tried(code, good=True)
        said = receipt_words.told_by(receipt.detail) or (f"({receipt.detail})" if receipt.detail else "")
        good = f"{_('%(name)s trả lời tốt, chưa đăng gì cả.', name=name)} {said}".rstrip()
        if caution := channel_trouble.caution(receipt.detail):
            say_trouble(f"{good} {caution}")
        else:
            say_done(good)
    return redirect(url_for("channels.page", code=code), 303)


@blueprint.post("/<code>/read")
@staff(May.CONFIGURE)
def read_account(code: str) -> ResponseReturnValue:
    """Have what the platform tells about the account read again, in the background."""
    place = front().place
    with place.database.write() as session:
        row = find_channel(session, code)
        if not registry.kind_of(row.kind).capabilities.account:
            raise Conflict(
                f"a channel of the kind {row.kind} tells nothing of itself", code="not_testable", channel=code
            )
        accounts.read_now(session, row.id, now=place.now())
    front().runner.nudge("account", code)
    say_done(_("Đang đọc; tải lại trang sau vài giây để xem số liệu mới."))
    return redirect(url_for("channels.page", code=code, _anchor="tinh-trang"), 303)


def _tried(code: str, *, good: bool) -> None:
    place = front().place
    with place.database.write() as session:
        journal.record(session, actor().id, "channel.tried", "channel", code, {"good": good}, now=place.now())


def _turn(code: str, *, rest: bool) -> ResponseReturnValue:
    place = front().place
    if request.method == "GET":
        with place.database.read() as session:
            channel = channel_row(session, code, place.natures)
        return render_template("channels/turn.html", channel=channel, rest=rest)
    with place.database.write() as session:
        row = find_channel(session, code)
        (rows.pause if rest else delivery_acts.resume)(session, actor(), row, now=place.now())
        name = row.name
    if rest:
        say_done(_("Đã tạm dừng %(name)s.", name=name))
    else:
        front().runner.nudge("deliver", code)
        say_done(_("%(name)s chạy tiếp; các lượt đang đợi được gửi ngay.", name=name))
    return redirect(url_for("channels.page", code=code), 303)


def _testable(kind: str) -> bool:
    """Whether a kind's adapter can be tried, told without building one."""
    row = registry.KINDS.get(kind)
    return row is not None and not row.capabilities.pulled and not row.capabilities.manual
