"""A partner's webhook: its address, its secret, a test with the real answer, and the log of what was sent."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.core.errors import CampaignError, Conflict, FieldError, Invalid, NotFound
from campaigns.partners.directory import Company
from campaigns.publishing import own_push
from campaigns.publishing.transport import ChannelSettings, Tests, TransportError
from coordinator.channels import registry, signing
from coordinator.http import DoorError
from coordinator.jobs.workplace import ChannelVault
from coordinator.web.desk import inputs, once
from coordinator.web.desk.channel_words import setting_sentence
from coordinator.web.look import language, say_done, say_trouble
from coordinator.web.portal import bulletin_rows, push_rows
from coordinator.web.portal.push_rows import KIND, former_until
from coordinator.web.portal.push_words import answered
from coordinator.web.portal.visiting import partner, visitor
from coordinator.web.saying import _
from coordinator.web.security import front
from coordinator.web.sentences import error_sentence

blueprint = Blueprint("push", __name__, url_prefix="/push")


@blueprint.get("")
@partner
def index() -> ResponseReturnValue:
    """The partner's push, or the form that sets it up."""
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    who, place = visitor(), front().place
    with place.database.read() as session:
        pushes = push_rows.shown(place, session, who.company_id)
    page = render_template(
        "portal/push.html", who=who, pushes=pushes, errors=errors, typed=inputs.text("url"),
        about=inputs.text("code"), secret=once.take(url_for("portal.push.index")),
        overlap=int(signing.OVERLAP.total_seconds() // 3600),
    )  # fmt: skip
    return page, status


@blueprint.post("/address")
@partner
def address() -> ResponseReturnValue:
    """Set the address: of the push that is there (``code``), or of the first one, whose secret is then shown once."""
    who, place = visitor(), front().place
    try:
        url = _checked(inputs.text("url"))
        code = inputs.text("code")
        with place.database.write() as session:
            if code:
                channel = own_push.find_own(session, who.company_id, KIND, code)
                plain, _given = registry.check_settings(KIND, {"url": url}, kept={"secret"})
                moved, made = own_push.move(session, who.actor, channel, plain, now=place.now()), None
            else:
                plain, secrets = registry.check_settings(KIND, {"url": url})
                company = session.get_one(Company, who.company_id)
                audience = bulletin_rows.audience(place, session, who.company_id)
                sealed = place.seal.close(secrets)
                own_push.set_up(
                    session, who.actor, company, KIND, audience, settings=plain, sealed=sealed, now=place.now()
                )
                moved, made = True, secrets["secret"]
    except NotFound:
        raise
    except CampaignError as error:
        return _page({"url": _sentence(error)}, 422)
    if made is not None:
        _show_once(made)
        say_done(_("Đã đặt địa chỉ nhận. Chép khóa ký dưới đây rồi bấm Thử."))
    elif moved:
        front().runner.nudge("deliver", code)
        say_done(_("Đã đổi địa chỉ nhận. Bấm Thử để xem máy chủ trả lời thế nào."))
    else:
        say_done(_("Địa chỉ như cũ, không đổi gì."))
    return redirect(url_for("portal.push.index"), 303)


@blueprint.post("/<code>/secret")
@partner
def secret(code: str) -> ResponseReturnValue:
    """Take another secret: the former signs beside it for a while, or, asked so, ends at once."""
    who, place = visitor(), front().place
    now, drop = place.now(), bool(request.form.get("drop"))
    made = None
    with place.database.write() as session:
        channel = own_push.find_own(session, who.company_id, KIND, code)
        kept = place.seal.open(channel.sealed)
        until = former_until(place, channel, now)
        if drop:
            secrets = {name: value for name, value in kept.items() if not name.startswith("previous_")}
        elif until is None:
            made = signing.new_secret()
            secrets = registry.merge_secrets(KIND, kept, {"secret": made}, now=now)
        # Pressed twice, or in two tabs: a third secret would cut off who still checks with the first.
        changes = made is not None or (drop and until is not None)
        if changes:
            own_push.renew(session, who.actor, channel, place.seal.close(secrets), now=now)
    if made is not None:
        _show_once(made)
        say_done(_("Đã đổi khóa ký. Khóa cũ còn ký cùng trong 24 giờ."))
    elif drop:
        say_done(_("Khóa cũ đã thôi ký."))
    else:
        say_trouble(_("Khóa vừa đổi và khóa cũ còn hiệu lực; kết thúc khóa cũ trước khi đổi lần nữa."))
    return redirect(url_for("portal.push.index"), 303)


@blueprint.post("/<code>/test")
@partner
def test(code: str) -> ResponseReturnValue:
    """Send a signed test and tell what came back; nothing is published."""
    who, place = visitor(), front().place
    try:
        with place.database.write() as session:
            channel = own_push.find_own(session, who.company_id, KIND, code)
            own_push.require_pause(session, channel, now=place.now())
            ident, settings = channel.id, dict(channel.settings)
    except Conflict as error:
        say_trouble(error_sentence(error, language()))
        return redirect(url_for("portal.push.index"), 303)
    adapter = registry.build(
        KIND, ChannelSettings(code, settings), ChannelVault(place, ident), place.door, now=place.now
    )
    assert isinstance(adapter, Tests), "a webhook can be tried"  # noqa: S101  # a bug, not input
    try:
        receipt = adapter.test()
    except TransportError as error:
        status, detail = error.status, str(error)
        say_trouble(answered(status, detail))
    else:
        status, detail = receipt.status, receipt.detail
        say_done(answered(status, detail))
    with place.database.write() as session:
        channel = own_push.find_own(session, who.company_id, KIND, code)
        own_push.note_test(session, who.actor, channel, status=status, detail=detail, now=place.now())
    return redirect(url_for("portal.push.index"), 303)


def _checked(url: str) -> str:
    """The address, once it is one that can be called: https, a name that leads to public machines. Raises
    ``Invalid``."""
    if not url:
        raise Invalid([FieldError("url", "required", "an address is needed")])
    registry.check_settings(KIND, {"url": url}, kept={"secret"})
    own_host = url.removeprefix("http://").partition("/")[0].lower() in front().settings.allowed_hosts
    if not url.startswith("https://") and not own_host:
        why = "by http:// anybody on the way can read what is sent, and stand in for your server"
        raise Invalid([FieldError("url", "https", f"{url!r} must begin with https://: {why}")])
    try:
        front().place.door.vet(url)
    except DoorError as error:
        raise Invalid([FieldError("url", "not_called", str(error))]) from error
    return url


def _sentence(error: CampaignError) -> str:
    """What is wrong with the address, in one sentence."""
    if isinstance(error, Invalid) and (sentence := setting_sentence(error.errors[0])):
        return sentence
    return next(iter(inputs.said(error).values()))


def _show_once(text: str) -> None:
    once.keep(once.Secret(_("Khóa ký webhook"), text, url_for("portal.push.index")))
